#include "lync/category.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codec/date.h"

static const char *const expire_names[EXPIRE_KINDS] = { "static", "endpoint", "user", "time" };

const char *category_expire_name(enum category_expire e)
{
	return expire_names[e];
}

enum err category_expire_decode(struct str s, enum category_expire *out)
{
	for (int i = 0; i < EXPIRE_KINDS; i++)
		if (str_eqz(s, expire_names[i])) {
			*out = i;
			return E_OK;
		}
	return E_BAD;
}

void categories_init(struct categories *cs)
{
	list_init(&cs->list);
	cs->count = 0;
}

void categories_drop(struct categories *cs, struct category *c)
{
	list_del(&c->node);
	cs->count--;
	str_free(&c->name);
	str_free(&c->xml);
	free(c);
}

void categories_fini(struct categories *cs)
{
	LIST_EACH (&cs->list, n)
		categories_drop(cs, LIST_ITEM(n, struct category, node));
}

struct category *categories_find(const struct categories *cs, struct str name, uint32_t instance,
				 uint32_t container)
{
	LIST_EACH (&cs->list, n) {
		struct category *c = LIST_ITEM(n, struct category, node);

		if (c->instance == instance && c->container == container && str_eq(c->name, name))
			return c;
	}
	return NULL;
}

struct category *categories_make(struct categories *cs, struct str name, uint32_t instance,
				 uint32_t container)
{
	struct category *c = categories_find(cs, name, instance, container);

	if (c != NULL || cs->count >= LYNC_INSTANCES_MAX)
		return c;
	c = xcalloc(1, sizeof(*c));
	c->name = str_dup(name);
	c->instance = instance;
	c->container = container;
	list_push_back(&cs->list, &c->node);
	cs->count++;
	return c;
}

bool categories_has(const struct categories *cs, struct str name, uint32_t container)
{
	LIST_EACH (&cs->list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);

		if (c->container == container && str_eq(c->name, name))
			return true;
	}
	return false;
}

void category_time(struct buf *out, int64_t wall_ms)
{
	char text[DATE_ISO_CAP];

	date_iso_encode(wall_ms, text);
	buf_add(out, str_n(text, DATE_ISO_CAP - 2)); /* without the Z */
}
