#include "sip/uri_lenient.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A view into the copy that lacks the byte at cut, as a view into the original. */
static struct str moved(struct str view, const char *copy, struct str text, size_t cut)
{
	size_t from, to;

	if (view.p == NULL)
		return view;
	from = (size_t)(view.p - copy);
	to = from + view.len;
	from += from > cut ? 1 : 0;
	to += to > cut ? 1 : 0;
	return str_sub(text, from, to);
}

enum err sip_uri_decode(struct str text, struct uri *out)
{
	enum err e = uri_decode(text, out);
	size_t open, cut;
	struct uri u;
	char *copy;

	if (e != E_BAD)
		return e;
	open = str_find(text, '[', 0);
	cut = str_search(text, STR(":::"));
	if (cut == text.len || open > cut || str_find(text, ']', open) < cut)
		return e;
	copy = xmalloc(text.len);
	memcpy(copy, text.p, cut);
	memcpy(copy + cut, text.p + cut + 1, text.len - cut - 1);
	e = uri_decode(str_n(copy, text.len - 1), &u);
	if (e == E_OK && !(u.host.p <= copy + cut && copy + cut < u.host.p + u.host.len))
		e = E_BAD; /* colons of a parameter, where they are not too many */
	if (e == E_OK) {
		struct str *views[] = { &u.rest, &u.user,   &u.password,
					&u.host, &u.params, &u.headers };

		for (size_t i = 0; i < ARRAY_LEN(views); i++)
			*views[i] = moved(*views[i], copy, text, cut);
		u.text = text;
		*out = u;
	}
	free(copy);
	return e;
}
