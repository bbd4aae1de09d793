#include <stdlib.h>

#include "base/mem.h"
#include "call/call.h"
#ifndef PORCHLIGHT_NO_LYNC
#include "lync/lync.h"
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
#include "simple/simple.h"
#endif

#include "app/server_int.h"
#include "app/server_rooms.h"

struct server_sip_rooms {
	struct calls *calls;
#ifndef PORCHLIGHT_NO_LYNC
	struct lync *lync;
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
	struct simple *simple;
#endif
};

static void add_calls(struct server *s, struct server_sip_rooms *r)
{
	const struct calls_cfg cfg = { .heap = loop_heap(s->sw),
				       .stack = s->sip,
				       .directory = s->directory,
				       .registrar = s->registrar,
				       .presence = s->presence,
				       .immcu = s->immcu };

	r->calls = calls_new(&cfg);
	sip_stack_set_common_verbs(s->sip, calls_verbs, r->calls);
}

#ifndef PORCHLIGHT_NO_LYNC
static void allow_sign_in_ms(void *arg, conn_id conn, int64_t ms)
{
	const struct server *s = arg;

	hub_set_deadline(s->hub, conn, ms);
}

static void add_lync(struct server *s, struct server_sip_rooms *r)
{
	const struct lync_cfg cfg = { .heap = loop_heap(s->sw),
				      .stack = s->sip,
				      .directory = s->directory,
				      .registrar = s->registrar,
				      .immcu = s->immcu,
				      .presence = s->presence,
				      .throttle = s->throttle,
				      .workers = s->workers,
				      .store = s->store,
				      .queue = loop_queue(s->sw), .web_port = s->web_port,
		                      .allow_sign_in_ms = allow_sign_in_ms, .arg = s };
	struct sip_adapter adapter;

	r->lync = lync_new(&cfg);
	adapter = lync_adapter(r->lync);
	sip_stack_add_adapter(s->sip, &adapter);
}
#endif

#ifndef PORCHLIGHT_NO_SIMPLE
static void add_simple(struct server *s, struct server_sip_rooms *r)
{
	const struct simple_cfg cfg = { .heap = loop_heap(s->sw),
					.stack = s->sip,
					.directory = s->directory,
					.registrar = s->registrar,
					.immcu = s->immcu,
					.presence = s->presence,
					.throttle = s->throttle };
	struct sip_adapter adapter;

	r->simple = simple_new(&cfg);
	adapter = simple_adapter(r->simple);
	sip_stack_add_adapter(s->sip, &adapter);
}
#endif

struct server_sip_rooms *server_rooms_new(struct server *s)
{
	struct server_sip_rooms *r = xcalloc(1, sizeof(*r));

	add_calls(s, r);
#ifndef PORCHLIGHT_NO_LYNC
	add_lync(s, r);
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
	add_simple(s, r);
#endif
	return r;
}

size_t server_rooms_web(struct server *s, struct http_app *out, size_t max)
{
	size_t n = 0;

#ifndef PORCHLIGHT_NO_SIMPLE
	if (n < max)
		out[n++] = simple_web(s->rooms->simple, loop_queue(s->sw));
#else
	(void)s, (void)out, (void)max;
#endif
#ifndef PORCHLIGHT_NO_LYNC
	if (n < max)
		out[n++] = lync_web(s->rooms->lync);
	if (n < max)
		out[n++] = lync_discover(s->rooms->lync);
#endif
	return n;
}

void server_rooms_conn_closed(struct server *s, conn_id conn)
{
	if (s->rooms != NULL && s->rooms->calls != NULL)
		calls_on_conn_closed(s->rooms->calls, conn);
}

void server_rooms_apply_settings(struct server *s, const struct api_settings *set)
{
#ifndef PORCHLIGHT_NO_LYNC
	lync_set_ntlm(s->rooms->lync, set->ntlm);
	lync_set_web_ntlm(s->rooms->lync, set->ntlm_web);
#else
	(void)s;
	(void)set;
#endif
}

void server_rooms_close(struct server *s)
{
	if (s->rooms != NULL)
		calls_free(&s->rooms->calls);
}

void server_rooms_free(struct server *s)
{
	if (s->rooms == NULL)
		return;
#ifndef PORCHLIGHT_NO_LYNC
	lync_free(&s->rooms->lync);
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
	simple_free(&s->rooms->simple);
#endif
	free(s->rooms);
	s->rooms = NULL;
}
