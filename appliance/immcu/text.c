/* text.c: owned copies of texts. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "immcu/immcu_int.h"

static void move(struct str *s, char **at)
{
	if (s->len == 0) {
		*s = STR_NULL;
		return;
	}
	memcpy(*at, s->p, s->len);
	s->p = *at;
	*at += s->len;
}

static bool is_same(struct str a, struct str b)
{
	return a.p == b.p && a.len == b.len;
}

/* The adapters' caps bound what comes here: a body of IM_BODY_MAX and a head of SIP_HEAD_MAX. */
void im_copy_init(struct im_copy *c, const struct im_text *t)
{
	bool is_plain_body = is_same(t->plain, t->body);
	char *at;

	c->v = *t;
	c->size = t->content_type.len + t->content_encoding.len + t->body.len + t->call_id.len +
		  t->message_id.len + t->headers.len + t->client.len + t->from_name.len +
		  t->from_display.len + t->about.len + t->notice.len +
		  (is_plain_body ? 0 : t->plain.len);
	c->bytes = at = xmalloc(c->size + 1);
	move(&c->v.content_type, &at);
	move(&c->v.content_encoding, &at);
	move(&c->v.body, &at);
	move(&c->v.call_id, &at);
	move(&c->v.message_id, &at);
	move(&c->v.headers, &at);
	move(&c->v.client, &at);
	move(&c->v.from_name, &at);
	move(&c->v.from_display, &at);
	move(&c->v.about, &at);
	move(&c->v.notice, &at);
	if (is_plain_body)
		c->v.plain = c->v.body;
	else
		move(&c->v.plain, &at);
}

void im_copy_fini(struct im_copy *c)
{
	free(c->bytes);
	*c = (struct im_copy){ .bytes = NULL };
}
