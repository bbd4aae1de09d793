#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/addr.h"

#include "webadmin/api/call.h"

static void call_fini(void *ctx)
{
	struct api_call *c = ctx;

	if (c->fini != NULL)
		c->fini(c);
}

void *api_call_new(struct http_req *rq, struct api *a, size_t size)
{
	struct api_call *c = arena_alloc(http_req_arena(rq), size);
	const struct http_principal *p = http_req_principal(rq);
	char text[ADDR_PRINT_MAX];

	if (c == NULL) {
		api_error(rq, 503, "busy", "The request is too big.", NULL);
		return NULL;
	}
	c->rq = rq;
	c->api = a;
	c->who = p->kind == HTTP_BY_SOCKET ? STR("command line") : p->name;
	c->address = http_req_is_local(rq) ? STR("")
					   : str_of(addr_print_host(http_req_peer(rq), text));
	if (arena_dup(http_req_arena(rq), c->address, &c->address) != E_OK)
		c->address = STR_NULL;
	http_req_set_ctx(rq, c, call_fini);
	return c;
}

static void on_stored(struct store_op *op)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);

	c->err = op->err;
	c->then(c);
}

void api_store(struct api_call *c, enum store_class cls,
	       enum err (*run)(struct store_op *op, struct db *db), api_then_fn *then)
{
	c->then = then;
	c->op = (struct store_op){
		.reply = c->api->web, .cls = cls, .run = run, .done = on_stored
	};
	store_submit(c->api->store, &c->op);
}

static void work_run(struct work *w)
{
	struct api_call *c = CONTAINER_OF(w, struct api_call, work);

	c->on_worker(c);
}

static void work_done(struct work *w)
{
	struct api_call *c = CONTAINER_OF(w, struct api_call, work);

	if (w->cancelled)
		c->err = E_AGAIN;
	c->then(c);
}

void api_work(struct api_call *c, enum work_class cls, void (*run)(struct api_call *c),
	      api_then_fn *then)
{
	enum err e;

	c->on_worker = run;
	c->then = then;
	c->err = E_OK;
	c->work = (struct work){
		.run = work_run, .done = work_done, .reply = c->api->web, .cls = cls
	};
	e = worker_submit(c->api->workers, &c->work);
	if (e != E_OK) {
		c->err = e;
		then(c);
	}
}

static void hopped(struct http_req *rq)
{
	struct api_call *c = http_req_ctx(rq);

	c->then(c);
}

void api_switch(struct api_call *c, api_then_fn *fn)
{
	c->then = fn;
	http_req_hop(c->rq, c->api->sw, hopped);
}

void api_web(struct api_call *c, api_then_fn *fn)
{
	c->then = fn;
	http_req_hop(c->rq, c->api->web, hopped);
}

enum err api_audit_in(struct api_call *c, struct db *db, const char *action, struct str object,
		      struct str detail)
{
	const struct db_audit row = { .at_ms = clk_wall_ms(),
				      .actor = c->who,
				      .address = c->address,
				      .action = str_of(action),
				      .object = object,
				      .detail = detail };

	log_info("audit", "who=%.*s action=%s object=%.*s", STR_ARG(c->who), action,
		 STR_ARG(object));
	return db_audit_add(db, &row);
}

/* A row on its own; owns copies of everything. */
struct audit_op {
	struct store_op op;
	struct db_audit row;
};

static enum err audit_run(struct store_op *op, struct db *db)
{
	return db_audit_add(db, &CONTAINER_OF(op, struct audit_op, op)->row);
}

static void audit_free(struct audit_op *a)
{
	str_free(&a->row.actor);
	str_free(&a->row.address);
	str_free(&a->row.action);
	str_free(&a->row.object);
	str_free(&a->row.detail);
	free(a);
}

static void audit_done(struct store_op *op)
{
	struct audit_op *a = CONTAINER_OF(op, struct audit_op, op);

	if (op->err != E_OK)
		log_error("audit", "row not stored action=%.*s: %s", STR_ARG(a->row.action),
			  err_str(op->err));
	audit_free(a);
}

void api_audit(struct api_call *c, const char *action, struct str object, struct str detail)
{
	struct audit_op *a = xcalloc(1, sizeof(*a));

	log_info("audit", "who=%.*s action=%s object=%.*s", STR_ARG(c->who), action,
		 STR_ARG(object));
	a->row = (struct db_audit){ .at_ms = clk_wall_ms(),
				    .actor = str_dup(c->who),
				    .address = str_dup(c->address),
				    .action = str_dup(str_of(action)),
				    .object = str_dup(object),
				    .detail = str_dup(detail) };
	a->op = (struct store_op){
		.reply = c->api->web, .cls = STORE_DURABLE, .run = audit_run, .done = audit_done
	};
	store_submit(c->api->store, &a->op);
}
