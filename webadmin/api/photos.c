/* photos.c: /users/{name}/photo: one small picture, as it was sent. */
#include "base/limits.h"
#include "db/photos.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

static void on_read(void *arg, enum err err, struct str image, const char *type)
{
	struct api_call *c = arg;

	if (err != E_OK) {
		api_fail(c->rq, err, "The photo");
		return;
	}
	http_req_add_header(c->rq, "Cache-Control", STR("no-store"));
	http_reply(c->rq, 200, type, image);
}

static void read_photo(struct api_call *c)
{
	const struct account *u = api_user_of_path(c);

	if (u != NULL)
		directory_read_photo(c->api->directory, u->id, on_read, c);
}

void api_photo_get(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL)
		api_switch(c, read_photo);
}

static void on_changed(void *arg, enum err err, int64_t id)
{
	struct api_call *c = arg;

	(void)id;
	if (err != E_OK) {
		api_fail(c->rq, err, "The photo");
		return;
	}
	api_audit(c, "user.photo", http_req_capture(c->rq, "name"), STR_NULL);
	api_reply_empty(c->rq);
}

static void set(struct api_call *c)
{
	const struct account *u = api_user_of_path(c);

	if (u != NULL)
		directory_set_photo(c->api->directory, u->id, http_req_body(c->rq), on_changed, c);
}

/* What the bytes are, they say themselves; a Content-Type that says another thing is a mistake of the sender. */
void api_photo_put(struct http_req *rq, void *arg)
{
	const char *is = db_photo_type(http_req_body(rq));
	struct str says = http_req_header(rq, "Content-Type");
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c == NULL)
		return;
	if (http_req_body(rq).len > PHOTO_BYTES_MAX)
		api_error(rq, 413, "too_big", "is over 30 KiB", "photo");
	else if (is == NULL || !str_ieqz(says, is))
		api_error(rq, 415, "unsupported", "is a JPEG as image/jpeg or a PNG as image/png",
			  "photo");
	else
		api_switch(c, set);
}

static void drop(struct api_call *c)
{
	const struct account *u = api_user_of_path(c);

	if (u == NULL)
		return;
	if (u->has_photo)
		directory_set_photo(c->api->directory, u->id, STR_NULL, on_changed, c);
	else
		api_fail(c->rq, E_NOTFOUND, "The photo");
}

void api_photo_delete(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL && api_read(rq, NULL, 0))
		api_switch(c, drop);
}
