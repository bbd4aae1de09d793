/* settings.h: what may be changed while running, as the file has it or as it is by default. */
#ifndef API_SETTINGS_H
#define API_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "registrar/registrar.h"

struct db;

struct api_settings {
	int64_t offline_days, record_days, audit_days;
	int64_t contacts_max; /* of one contact list */
	enum registrar_full endpoints_full;
	bool im;       /* texts are taken; off: 503, while presence and calls go on */
	bool ntlm;     /* offered to Lync-class clients on SIP */
	bool ntlm_web; /* and where they fetch the ticket for their certificate */
};

/* Store thread.  A value that is no longer in its range counts as its default. */
MUST_USE enum err api_settings_read(struct db *db, struct api_settings *out);

#endif
