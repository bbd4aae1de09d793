/* server_rooms.h: the dialects in this build: made, added to the stack, ended.
 *
 * The one place that names them, so that a build without one of them differs here alone. */
#ifndef APP_SERVER_ROOMS_H
#define APP_SERVER_ROOMS_H

#include <stddef.h>

#include "net/conn_id.h"

struct api_settings;
struct buf;
struct server;
struct server_sip_rooms;

/* After stack and domain; adds the adapters in the order they are asked, the choosiest first. */
struct server_sip_rooms *server_rooms_new(struct server *s);
struct http_app;
/* The dialects' own web services; returns how many.  Their handlers run on the web thread. */
size_t server_rooms_web(struct server *s, struct http_app *out, size_t max);
void server_rooms_conn_closed(struct server *s, conn_id conn);
void server_rooms_apply_settings(struct server *s, const struct api_settings *set);
void server_rooms_metrics(const struct server *s, struct buf *b);
void server_rooms_close(struct server *s); /* while the stack lives: nothing more is sent */
void server_rooms_free(struct server *s);

#endif
