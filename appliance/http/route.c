#include <assert.h>

#include "http/route.h"

bool http_route_match(const struct http_route *r, const struct http_target *t,
		      struct http_captures *out)
{
	struct str rest = str_of(r->pattern);
	size_t i = 0;

	out->n = 0;
	rest = str_sub(rest, 1, rest.len);
	if (rest.len == 0)
		return t->n_segments == 0;
	for (; rest.p != NULL; i++) {
		struct str part = str_cut(&rest, '/');

		if (i == t->n_segments)
			return false;
		if (part.len > 2 && part.p[0] == '{') {
			if (t->segment[i].len == 0)
				return false;
			assert(out->n < HTTP_CAPTURES_MAX);
			out->v[out->n++] = (struct http_param){ str_sub(part, 1, part.len - 1),
								t->segment[i] };
		} else if (!str_eq(part, t->segment[i])) {
			return false;
		}
	}
	return i == t->n_segments;
}

const struct http_route *http_route_find(const struct http_route *table, size_t n,
					 struct str method, const struct http_target *t,
					 struct http_captures *out, bool *known_path_out)
{
	if (str_eq(method, STR("HEAD")))
		method = STR("GET");
	*known_path_out = false;
	for (size_t i = 0; i < n; i++) {
		if (!http_route_match(&table[i], t, out))
			continue;
		if (str_eqz(method, table[i].method))
			return &table[i];
		*known_path_out = true;
	}
	return NULL;
}
