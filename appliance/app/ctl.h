/* ctl.h: how a command reaches the API: the running server, or one booted in this process.
 *
 * DIR/control.sock first; when nobody listens there, store, directory and the
 * same handlers start here without listeners, and the command speaks HTTP to
 * them through a socketpair.  So there is one code path.  A command run as
 * root becomes DIR's owner first. */
#ifndef APP_CTL_H
#define APP_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct ctl; /* opaque */

struct ctl_answer {
	int status;
	char *body; /* owned, NUL-terminated beyond len */
	size_t len;
	json_t *json; /* owned; NULL when the body is not JSON */
};

/* Failures are said on stderr. */
MUST_USE enum err ctl_open(const char *data_dir, struct ctl **out);
/* The same for a directory that may be missing or empty (init). */
MUST_USE enum err ctl_open_new(const char *data_dir, struct ctl **out);
void ctl_close(struct ctl **cp);

/* body: taken, may be NULL.  False: no answer, or an error answer; said on stderr, *out is empty. */
bool ctl_call(struct ctl *c, const char *method, const char *path, json_t *body,
	      struct ctl_answer *out);
bool ctl_send(struct ctl *c, const char *method, const char *path, const char *type,
	      struct str body, struct ctl_answer *out);
/* The body of the answer goes to fd. */
bool ctl_download(struct ctl *c, const char *path, json_t *body, int fd);
void ctl_answer_fini(struct ctl_answer *a);

/* "/api/v1/users/" and a name, percent-encoded (RFC 3986 2.1). */
void ctl_path_add(struct buf *path, const char *piece);
char *ctl_path(const char *prefix, const char *piece, const char *suffix); /* free() it */

/* Pages through prefix?...&after=: every element of field, in one array; NULL on failure. */
json_t *ctl_list(struct ctl *c, const char *path, const char *field);

#endif
