/* server_sip.c: the switch's rooms, wired to each other: hub, stack, dialects, domain.
 *
 *   hub ⇄ stack ⇄ adapters (simple, lync) ⇄ directory, registrar, presence, immcu
 *
 * Rooms that must not know each other meet here: a connection's end reaches the
 * registrar, an account's end reaches its connections. */
#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "directory/grants.h"
#include "directory/roster.h"

#include "app/server_int.h"
#include "app/server_rooms.h"

enum { PRESENCE_SLICE = PRESENCE_NOTIFY_PER_SLICE };

/* ---- hub and stack ---- */

static void hub_on_open(void *arg, conn_id id, const struct conn_info *info)
{
	struct server *s = arg;
	char text[ADDR_PRINT_MAX];

	log_debug("conn", "conn=%llu open peer=%s tls=%s", (unsigned long long)id,
		  addr_print(&info->peer, text), info->tls_version);
	sip_on_open(s->sip, id, info);
}

static ssize_t hub_on_bytes(void *arg, conn_id id, struct str bytes)
{
	struct server *s = arg;

	return sip_on_bytes(s->sip, id, bytes);
}

/* A connection that was too slow or took too much is worth a line; that people go is not, and what was malformed has one. */
static void log_closed(struct server *s, conn_id id, enum err why)
{
	const struct sip_conn *c = sip_conn_get(s->sip, id);
	char text[ADDR_PRINT_MAX];

	if ((why != E_TIMEOUT && why != E_FULL && why != E_TOOBIG) || c == NULL)
		log_debug("conn", "conn=%llu closed: %s", (unsigned long long)id, err_str(why));
	else if (log_rate_ok(&s->closed_rate, 10))
		log_info("conn", "conn=%llu peer=%s closed: %s", (unsigned long long)id,
			 addr_print(&c->info.peer, text), err_str(why));
}

static void hub_on_close(void *arg, conn_id id, enum err why)
{
	struct server *s = arg;

	log_closed(s, id, why);
	/* First the stack: client transactions end with 503 while their endpoint can still be looked up. */
	sip_on_close(s->sip, id);
	registrar_conn_closed(s->registrar, id);
	server_rooms_conn_closed(s, id);
}

static enum err stack_send(void *arg, conn_id conn, struct str bytes)
{
	struct server *s = arg;

	return s->hub != NULL ? hub_send(s->hub, conn, bytes) : E_GONE;
}

static void stack_close(void *arg, conn_id conn, bool after_flush)
{
	struct server *s = arg;

	if (s->hub != NULL)
		hub_close(s->hub, conn, after_flush ? HUB_CLOSE_AFTER_FLUSH : HUB_CLOSE_NOW);
}

static void stack_on_authenticated(void *arg, conn_id conn)
{
	struct server *s = arg;

	hub_set_authenticated(s->hub, conn);
}

/* ---- what one room's event means to another ---- */

static void leave_conn(struct server *s, conn_id conn, account_id account)
{
	struct sip_conn *c = sip_conn_get(s->sip, conn);

	if (c == NULL || !sip_conn_has_account(c, (uint64_t)account))
		return;
	sip_conn_drop_account(s->sip, c, (uint64_t)account);
	/* Other accounts of the same client go on; a connection nobody is signed in on has no business here. */
	if (c->account_count == 0)
		sip_conn_close(s->sip, conn, true);
}

static void on_sign_in(void *arg, const struct endpoint *e)
{
	struct server *s = arg;

	directory_signed_in(s->directory, e->account);
	presence_endpoint_on(s->presence, e->account, e->id);
}

static void on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	struct server *s = arg;

	presence_endpoint_off(s->presence, e->account, e->id);
	if (why == END_BY_ADMIN || why == END_ACCOUNT)
		leave_conn(s, e->conn, e->account);
}

struct leaving {
	struct server *server;
	account_id account;
};

static void leave_each(void *arg, conn_id id, const struct conn_info *info)
{
	struct leaving *l = arg;

	(void)info;
	leave_conn(l->server, id, l->account);
}

/* A password was changed, or the account is no more: who used the old one must show the new one. */
static void end_account(struct server *s, account_id account)
{
	struct leaving l = { s, account };

	registrar_end_account(s->registrar, account, END_ACCOUNT);
	if (s->hub != NULL)
		hub_each(s->hub, leave_each,
			 &l); /* a connection may be signed in without an endpoint */
}

static void on_directory(void *arg, enum directory_event event, const struct account *a)
{
	struct server *s = arg;

	switch (event) {
	case DIRECTORY_ADDED:
	case DIRECTORY_CHANGED:
		break;
	case DIRECTORY_PASSWORD:
		end_account(s, a->id);
		throttle_forget(s->throttle, a->name, clk_ms());
		break;
	case DIRECTORY_DISABLED:
		if (a->enabled)
			break;
		end_account(s, a->id);
		presence_account_gone(s->presence, a->id);
		break;
	case DIRECTORY_DELETED:
		end_account(s, a->id);
		presence_account_gone(s->presence, a->id);
		immcu_account_gone(s->immcu, a->id);
		break;
	}
}

/* ---- presence: in slices, behind everything else ---- */

static void presence_slice(struct loop_work *w)
{
	struct server *s = CONTAINER_OF(w, struct server, presence_work);

	if (presence_work(s->presence, PRESENCE_SLICE))
		loop_defer(s->sw, w);
}

static void presence_wake(void *arg)
{
	struct server *s = arg;

	loop_defer(s->sw, &s->presence_work);
}

/* ---- life ---- */

static void load_grant(account_id owner, account_id member, int level, void *arg)
{
	struct server *s = arg;

	if (level < 0 || level >= ACCESS_LEVELS ||
	    presence_access_set(s->presence, owner, member, (enum access_level)level) != E_OK)
		log_warn("presence", "account=%lld access level of account=%lld left out",
			 (long long)owner, (long long)member);
}

static enum err domain_boot(struct server *s, struct str domain)
{
	const struct directory_cfg dc = { .store = s->store,
					  .queue = loop_queue(s->sw),
					  .workers = s->workers };
	const struct presence_cfg pc = { .heap = loop_heap(s->sw),
					 .wake = presence_wake,
					 .arg = s };
	struct immcu_cfg ic = { .heap = loop_heap(s->sw),
				.queue = loop_queue(s->sw),
				.store = s->store };
	enum err e;

	s->directory = directory_new(&dc);
	if ((e = directory_load(s->directory, domain)) != E_OK)
		return e;
	s->registrar = registrar_new(loop_heap(s->sw));
	s->presence_work.fn = presence_slice;
	s->presence = presence_new(&pc);
	if ((e = grants_load(s->directory, load_grant, s)) != E_OK)
		return e;
	ic.directory = s->directory;
	ic.registrar = s->registrar;
	ic.presence = s->presence;
	s->immcu = immcu_new(&ic);
	if ((e = immcu_load(s->immcu)) != E_OK)
		return e;
	directory_listen(s->directory, on_directory, s);
	return E_OK;
}

enum err server_sip_boot(struct server *s, struct str domain, struct str host)
{
	const struct sip_stack_cfg sc = {
		.heap = loop_heap(s->sw),
		.send = stack_send,
		.close = stack_close,
		.on_authenticated = stack_on_authenticated,
		.arg = s,
		.domain = domain,
		.host = domain.len > 0 && host.len == 0 ? domain : host,
		.port = s->sip_port,
	};
	const struct hub_hooks hh = {
		.on_open = hub_on_open, .on_bytes = hub_on_bytes, .on_close = hub_on_close, .arg = s
	};
	const struct registrar_hooks rh = { .on_sign_in = on_sign_in,
					    .on_sign_out = on_sign_out,
					    .arg = s };
	enum err e = domain_boot(s, domain);

	if (e != E_OK)
		return e;
	s->sip = sip_stack_new(&sc);
	s->rooms = server_rooms_new(s);
	registrar_listen(
		s->registrar,
		&rh); /* behind the dialects: a notice goes out before its connection closes */
	if (s->cfg->listen)
		s->hub = hub_new(s->sw, &hh, NULL);
	return E_OK;
}

void server_sip_set_names(struct server *s, struct str domain, struct str host)
{
	sip_stack_set_names(s->sip, domain, host.len > 0 ? host : domain, s->sip_port);
}

void server_sip_apply_settings(struct server *s, const struct api_settings *set)
{
	immcu_set_offline_keep(s->immcu, set->offline_days * 86400);
	immcu_pause(s->immcu, !set->im);
	s->is_im_off = !set->im;
	registrar_set_full(s->registrar, set->endpoints_full);
	roster_set_contacts_max(s->directory, (size_t)set->contacts_max);
	server_rooms_apply_settings(s, set);
}

void server_sip_close(struct server *s)
{
	/* Connections on their way from a door still name the hub. */
	if (s->sw != NULL)
		while (queue_run(loop_queue(s->sw), SIZE_MAX) > 0)
			;
	hub_free(&s->hub);
	server_rooms_close(s);
	/* The stack stays: what the store still answers ends in replies to transactions that are gone. */
	if (s->immcu != NULL && s->is_store_started)
		immcu_stop(s->immcu);
}

void server_sip_free(struct server *s)
{
	sip_stack_free(&s->sip);
	server_rooms_free(s);
	immcu_free(&s->immcu);
	loop_undefer(&s->presence_work);
	presence_free(&s->presence);
	registrar_free(&s->registrar);
	directory_free(&s->directory);
}
