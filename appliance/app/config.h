/* config.h: what the command line of `serve` decides; everything else stands in the database. */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>

#include "app/cli.h"
#include "base/err.h"
#include "base/log.h"
#include "net/addr.h"

enum { CONFIG_ADDRS_MAX = 16 };

struct config {
	const char *data;
	bool listen; /* false: a command, no doors, no control.sock, no signals */
	struct addr sip[CONFIG_ADDRS_MAX], web[CONFIG_ADDRS_MAX], http[CONFIG_ADDRS_MAX];
	size_t n_sip, n_web, n_http; /* http: without TLS, none unless asked for */
	enum log_level log_level;
};

/* argv of `serve`.  False: wrong use, said on stderr. */
bool config_decode(struct config *out, int argc, char **argv);

#endif
