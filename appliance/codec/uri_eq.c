#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "codec/uri.h"
#include "codec/uri_int.h"

/* One character: its octet, plus 256 if it is a reserved one that came escaped, because then it does
 * not mean what the bare one means (RFC 3261 19.1.4). */
static unsigned take(struct str *s)
{
	int escaped = uri_escape_at(*s);
	unsigned c = escaped >= 0 ? (unsigned)escaped : (unsigned char)s->p[0];

	*s = str_sub(*s, escaped >= 0 ? 3 : 1, s->len);
	return escaped > 0 && strchr(";/?:@&=+$,", escaped) != NULL ? c + 256 : c;
}

static unsigned fold(unsigned c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

static bool eq_exact(struct str a, struct str b)
{
	while (a.len > 0 && b.len > 0)
		if (take(&a) != take(&b))
			return false;
	return a.len == 0 && b.len == 0;
}

static bool eq_fold(struct str a, struct str b)
{
	while (a.len > 0 && b.len > 0)
		if (fold(take(&a)) != fold(take(&b)))
			return false;
	return a.len == 0 && b.len == 0;
}

static bool eq_host(struct str a, struct str b)
{
	char text[2][INET6_ADDRSTRLEN];
	struct in6_addr address[2];
	struct str host[2] = { a, b };

	if (a.len < 2 || b.len < 2 || a.p[0] != '[' || b.p[0] != '[')
		return str_ieq(a, b);
	for (size_t i = 0; i < 2; i++) {
		size_t n = host[i].len - 2;

		if (n >= sizeof(text[i]))
			return str_ieq(a, b);
		memcpy(text[i], host[i].p + 1, n);
		text[i][n] = '\0';
		if (inet_pton(AF_INET6, text[i], &address[i]) != 1)
			/* what is taken all the same (RFC 5118 4.10) equals itself */
			return str_ieq(a, b);
	}
	return memcmp(&address[0], &address[1], sizeof(address[0])) == 0;
}

static bool eq_userinfo(const struct uri *a, const struct uri *b)
{
	return (a->user.p == NULL) == (b->user.p == NULL) &&
	       (a->password.p == NULL) == (b->password.p == NULL) && eq_exact(a->user, b->user) &&
	       eq_exact(a->password, b->password);
}

/* Finds a parameter by a name that may hold escapes itself. */
static bool param_find(struct str params, struct str name, struct str *value_out)
{
	struct str n;

	while (uri_param_next(&params, &n, value_out))
		if (eq_fold(n, name))
			return true;
	return false;
}

/* Parameters that stand in a match those in b; some may not stand in a alone. */
static bool eq_params(struct str a, struct str b)
{
	static const char *const decisive[] = {
		"user", "ttl", "method", "maddr", "transport", "gr"
	};
	struct str rest = a, name, value, other;

	while (uri_param_next(&rest, &name, &value)) {
		if (param_find(b, name, &other)) {
			if (!eq_fold(value, other))
				return false;
			continue;
		}
		for (size_t i = 0; i < ARRAY_LEN(decisive); i++)
			if (eq_fold(name, str_of(decisive[i])))
				return false;
	}
	return true;
}

static size_t header_count(struct str headers, struct str name, struct str value)
{
	struct str rest = headers, v;
	size_t count = 0;

	while (rest.len > 0) {
		v = str_cut(&rest, '&');
		if (eq_fold(str_cut(&v, '='), name) && eq_exact(v, value))
			count++;
	}
	return count;
}

/* Headers are never ignored: each must stand in the other as often. */
static bool eq_headers(struct str a, struct str b)
{
	struct str rest = a, value, name;

	while (rest.len > 0) {
		value = str_cut(&rest, '&');
		name = str_cut(&value, '=');
		if (header_count(a, name, value) != header_count(b, name, value))
			return false;
	}
	return true;
}

static bool is_opaque(const struct uri *u)
{
	return u->scheme == URI_OTHER || u->scheme == URI_TEL;
}

bool uri_eq(const struct uri *a, const struct uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (is_opaque(a))
		return str_ieq(str_sub(a->text, 0, a->text.len - a->rest.len),
			       str_sub(b->text, 0, b->text.len - b->rest.len)) &&
		       str_eq(a->rest, b->rest);
	return a->port == b->port && eq_userinfo(a, b) && eq_host(a->host, b->host) &&
	       eq_params(a->params, b->params) && eq_params(b->params, a->params) &&
	       eq_headers(a->headers, b->headers) && eq_headers(b->headers, a->headers);
}

bool uri_eq_aor(const struct uri *a, const struct uri *b)
{
	if (is_opaque(a) || is_opaque(b))
		return uri_eq(a, b);
	return (uri_is_sip(a) ? URI_SIP : a->scheme) == (uri_is_sip(b) ? URI_SIP : b->scheme) &&
	       (a->user.p == NULL) == (b->user.p == NULL) && eq_exact(a->user, b->user) &&
	       eq_host(a->host, b->host);
}
