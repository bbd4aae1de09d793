/* open.c: what the API keeps in memory, loaded at boot and let go at the end. */
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/admins.h"
#include "db/store.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/api.h"
#include "webadmin/api/jobs.h"
#include "webadmin/api/sessions.h"

struct loading {
	struct store_op op;
	struct api *api;
};

static void take_admin(const struct db_admin *row, void *arg)
{
	const struct admin a = { .id = row->id,
				 .name = row->name,
				 .argon2 = row->argon2,
				 .enabled = row->enabled,
				 .has_totp = row->totp.len > 0,
				 .created_ms = row->created_ms,
				 .last_sign_in_ms = row->last_sign_in_ms };
	struct api *api = arg;

	admins_put(api->admins, &a);
}

static void take_session(const struct db_session *row, void *arg)
{
	struct session s = { .admin = row->admin_id,
			     .created_ms = row->created_ms,
			     .used_ms = row->used_ms,
			     .noted_ms = row->used_ms };
	unsigned char ended[TOKEN_HASH_LEN];
	struct api *api = arg;

	if (row->expires_ms <= clk_wall_ms())
		return;
	memcpy(s.hash, row->hash, sizeof(s.hash));
	sessions_put(api->sessions, &s, ended);
}

static void take_key(const struct db_api_key *row, void *arg)
{
	struct api_key k = { .id = row->id,
			     .name = row->name,
			     .may_change = row->may_change,
			     .admin = row->admin_id,
			     .created_ms = row->created_ms,
			     .expires_ms = row->expires_ms,
			     .used_ms = row->used_ms };
	struct api *api = arg;

	memcpy(k.hash, row->hash, sizeof(k.hash));
	admins_put_key(api->admins, &k);
}

static enum err load(struct store_op *op, struct db *db)
{
	struct api *a = CONTAINER_OF(op, struct loading, op)->api;
	enum err e = db_admin_each(db, take_admin, a);

	if (e == E_OK)
		e = db_session_each(db, take_session, a);
	return e == E_OK ? db_api_key_each(db, take_key, a) : e;
}

enum err api_open(struct api *a)
{
	struct loading l = { .op = { .cls = STORE_QUERY, .run = load }, .api = a };
	const struct api_jobs_cfg jobs = { .data_dir = a->data_dir,
					   .store = a->store,
					   .workers = a->workers,
					   .web = a->web,
					   .heap = a->heap };
	enum err e;

	a->admins = admins_new();
	a->sessions = sessions_new();
	e = store_run_sync(a->store, &l.op);
	if (e != E_OK) {
		log_error("web", "administrators cannot be loaded: %s", err_str(e));
		return e;
	}
	if (a->domain.len == 0)
		token_make(a->setup_token);
	return api_jobs_new(&jobs, &a->jobs);
}

void api_close(struct api *a)
{
	api_jobs_free(&a->jobs);
	admins_free(&a->admins);
	sessions_free(&a->sessions);
	mem_wipe(a->setup_token, sizeof(a->setup_token));
	str_free(&a->domain);
	str_free(&a->host);
	str_free(&a->sip_domain);
}
