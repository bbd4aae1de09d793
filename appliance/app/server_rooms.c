#include <stdlib.h>

#include "base/mem.h"
#ifndef PORCHLIGHT_NO_SIMPLE
#include "simple/simple.h"
#endif

#include "app/server_int.h"
#include "app/server_rooms.h"

struct server_sip_rooms {
#ifndef PORCHLIGHT_NO_SIMPLE
	struct simple *simple;
#endif
};

#ifndef PORCHLIGHT_NO_SIMPLE
static void add_simple(struct server *s, struct server_sip_rooms *r)
{
	const struct simple_cfg cfg = { .heap = loop_heap(s->sw), .stack = s->sip, .directory = s->directory,
		                        .registrar = s->registrar, .immcu = s->immcu, .presence = s->presence,
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

#ifndef PORCHLIGHT_NO_SIMPLE
	add_simple(s, r);
#endif
	return r;
}

void server_rooms_conn_closed(struct server *s, conn_id conn)
{
	(void)s;
	(void)conn;
}

void server_rooms_close(struct server *s)
{
	(void)s;
}

void server_rooms_free(struct server *s)
{
	if (s->rooms == NULL)
		return;
#ifndef PORCHLIGHT_NO_SIMPLE
	simple_free(&s->rooms->simple);
#endif
	free(s->rooms);
	s->rooms = NULL;
}
