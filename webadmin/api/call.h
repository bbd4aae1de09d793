/* call.h: a handler's state on its way through the threads.
 *
 * It begins with a struct api_call, lives in the request's arena and so until
 * the reply.  One hop at a time: store, worker or switch, and back. */
#ifndef API_CALL_H
#define API_CALL_H

#include "db/audit.h"
#include "db/store.h"
#include "net/worker.h"
#include "webadmin/api/api.h"
#include "webadmin/api/reply.h"

struct api_call;
struct api_password;
typedef void api_then_fn(struct api_call *c);

struct api_call {
	struct store_op op;
	struct work work;
	struct http_req *rq;
	struct api *api;
	api_then_fn *then;
	void (*on_worker)(struct api_call *c);
	enum err err;
	struct api_password *password;	  /* password.h: the one being hashed */
	void (*fini)(struct api_call *c); /* NULL, or ends what the arena does not hold */
	struct str who;			  /* for the audit row */
	struct str address;		  /* printed */
};

/* NULL: 503 has been answered.  size counts the struct api_call at the beginning. */
void *api_call_new(struct http_req *rq, struct api *a, size_t size);

/* Runs op.run on the store thread, then `then` on the web thread; c->err tells how it went. */
void api_store(struct api_call *c, enum store_class cls,
	       enum err (*run)(struct store_op *op, struct db *db), api_then_fn *then);
/* Slow pure work on a worker, then `then` on the web thread (c->err E_AGAIN when it never ran). */
void api_work(struct api_call *c, enum work_class cls, void (*run)(struct api_call *c),
	      api_then_fn *then);
/* fn on the switch thread; it replies, or goes on from there. */
void api_switch(struct api_call *c, api_then_fn *fn);
/* fn on the web thread. */
void api_web(struct api_call *c, api_then_fn *fn);

/* In op.run: the audit row of this change, in the same transaction. */
MUST_USE enum err api_audit_in(struct api_call *c, struct db *db, const char *action,
			       struct str object, struct str detail);
/* Any thread, after a change that another room has stored: the row follows on its own. */
void api_audit(struct api_call *c, const char *action, struct str object, struct str detail);

#endif
