#include <microhttpd.h>

#include "http/guard.h"

void http_guard_headers(struct MHD_Response *r)
{
	static const char *const fixed[][2] = {
		{ "Content-Security-Policy",
		  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
		  "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action "
		  "'self'" },
		{ "Strict-Transport-Security", "max-age=31536000" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Cross-Origin-Embedder-Policy", "require-corp" },
		{ "Permissions-Policy", "camera=(), geolocation=(), microphone=()" },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		(void)MHD_add_response_header(r, fixed[i][0], fixed[i][1]);
}

struct str http_cookie_get(struct str header, struct str name)
{
	while (header.p != NULL) {
		struct str value = str_cut(&header, ';');
		struct str key = str_trim(str_cut(&value, '='));

		if (str_eq(key, name) && value.p != NULL)
			return str_trim(value);
	}
	return STR_NULL;
}

bool http_origin_is_ours(const struct http_origin *o)
{
	if (o->sec_fetch_site.p != NULL)
		return str_eq(o->sec_fetch_site, STR("same-origin")) ||
		       str_eq(o->sec_fetch_site, STR("none"));
	if (o->origin.p != NULL) {
		struct str scheme = STR("https://");

		return o->host.len > 0 && str_starts(o->origin, scheme) &&
		       str_ieq(str_sub(o->origin, scheme.len, o->origin.len), o->host);
	}
	return true;
}
