#include <stdlib.h>

#include "base/mem.h"

#include "app/server_int.h"
#include "app/server_rooms.h"

struct server_sip_rooms {
	int unused;
};

struct server_sip_rooms *server_rooms_new(struct server *s)
{
	(void)s;
	return xcalloc(1, sizeof(struct server_sip_rooms));
}

void server_rooms_close(struct server *s)
{
	(void)s;
}

void server_rooms_free(struct server *s)
{
	free(s->rooms);
	s->rooms = NULL;
}
