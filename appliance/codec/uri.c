#include "codec/uri.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "codec/uri_int.h"

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* unreserved = alphanum / mark (RFC 3261 25.1) */
static bool is_unreserved(char c)
{
	return is_alpha(c) || is_digit(c) || is_one_of(c, "-_.!~*'()");
}

/* Only unreserved characters, escapes, and what set allows besides. */
static bool is_made_of(struct str s, const char *set)
{
	while (s.len > 0) {
		if (uri_escape_at(s) >= 0)
			s = str_sub(s, 3, s.len);
		else if (is_unreserved(s.p[0]) || is_one_of(s.p[0], set))
			s = str_sub(s, 1, s.len);
		else
			return false;
	}
	return true;
}

static bool is_address(int family, struct str s)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];

	if (s.len == 0 || s.len >= sizeof(text) || memchr(s.p, '\0', s.len) != NULL)
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return inet_pton(family, text, address) == 1;
}

/* '_' is no letter of a host name (RFC 1123 2.1), yet names of Windows machines have it. */
static bool is_label(struct str s)
{
	if (s.len == 0 || s.len > 63 || s.p[0] == '-' || s.p[s.len - 1] == '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) && s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

bool uri_is_host(struct str s)
{
	struct str rest = s, label, last = STR_NULL;

	if (s.len == 0 || s.len > 255)
		return false;
	if (s.p[0] == '[')
		return s.p[s.len - 1] == ']' && is_address(AF_INET6, str_sub(s, 1, s.len - 1));
	while (rest.p != NULL) {
		label = str_cut(&rest, '.');
		if (label.len == 0 && rest.p == NULL && last.len > 0)
			break; /* the dot at the end of a full name */
		if (!is_label(label))
			return false;
		last = label;
	}
	/* toplabel begins with a letter, so that 1.2.3.256 is not a name. */
	return is_digit(last.p[0]) ? is_address(AF_INET, s) : true;
}

static enum err decode_params(struct str params)
{
	struct str seen[URI_PARAMS_MAX], rest = params, name, value;
	size_t count = 0;

	while (uri_param_next(&rest, &name, &value)) {
		/* '=' stands in values of Lync clients (base64 in ms-opaque). */
		if (name.len == 0 || !is_made_of(name, "[]/:&+$") || !is_made_of(value, "[]/:&+$="))
			return E_BAD;
		if (count == URI_PARAMS_MAX)
			return E_TOOBIG;
		for (size_t i = 0; i < count; i++)
			if (str_ieq(seen[i], name))
				return E_BAD; /* RFC 3261 19.1.1: once at most */
		seen[count++] = name;
	}
	return E_OK;
}

static bool is_headers(struct str headers)
{
	struct str rest = headers, value, name;

	while (rest.p != NULL) {
		value = str_cut(&rest, '&');
		name = str_cut(&value, '=');
		if (name.len == 0 || value.p == NULL || !is_made_of(name, "[]/?:+$") ||
		    !is_made_of(value, "[]/?:+$"))
			return false;
	}
	return true;
}

static enum err decode_userinfo(struct str s, struct uri *u)
{
	struct str user = str_cut(&s, ':');

	/* '#' is no user character of RFC 3261, but phones dial it as it is. */
	if (user.len == 0 || !is_made_of(user, "&=+$,;?/#") || !is_made_of(s, "&=+$,"))
		return E_BAD;
	u->user = user;
	u->password = s;
	return E_OK;
}

static enum err decode_hostport(struct str s, struct uri *u)
{
	size_t end = s.len > 0 && s.p[0] == '[' ? str_find(s, ']', 0) : 0;
	size_t colon = str_find(s, ':', end);
	uint32_t port = 0;

	if (colon < s.len && num_u32(str_sub(s, colon + 1, s.len), 1, 65535, &port) != E_OK)
		return E_BAD;
	u->host = str_sub(s, 0, colon);
	u->port = (uint16_t)port;
	return uri_is_host(u->host) ? E_OK : E_BAD;
}

/* [userinfo@]hostport[;params][?headers]: a raw '@' can stand in no other place, so the first one
 * ends the userinfo, whatever ';' and '?' it holds (RFC 4475 3.1.1.2). */
static enum err decode_sip(struct uri *u)
{
	struct str rest = u->rest;
	size_t at = str_find(rest, '@', 0), question, semicolon;
	enum err e = E_OK;

	if (at < rest.len) {
		e = decode_userinfo(str_sub(rest, 0, at), u);
		rest = str_sub(rest, at + 1, rest.len);
	}
	if (e != E_OK)
		return e;
	question = str_find(rest, '?', 0);
	if (question < rest.len) {
		u->headers = str_sub(rest, question + 1, rest.len);
		if (!is_headers(u->headers))
			return E_BAD;
	}
	rest = str_sub(rest, 0, question);
	semicolon = str_find(rest, ';', 0);
	u->params = str_sub(rest, semicolon, rest.len);
	e = decode_hostport(str_sub(rest, 0, semicolon), u);
	return e != E_OK ? e : decode_params(u->params);
}

static bool is_scheme(struct str s)
{
	if (s.len == 0 || !is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!is_alpha(s.p[i]) && !is_digit(s.p[i]) && !is_one_of(s.p[i], "+-."))
			return false;
	return true;
}

/* No blanks, controls, or what would end a URI in a header. */
static bool is_opaque(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f ||
		    is_one_of(s.p[i], "<>\""))
			return false;
	return s.len > 0;
}

static enum uri_scheme scheme_of(struct str name)
{
	static const struct {
		const char *name;
		enum uri_scheme scheme;
	} known[] = { { "sip", URI_SIP },
		      { "sips", URI_SIPS },
		      { "tel", URI_TEL },
		      { "im", URI_IM },
		      { "pres", URI_PRES } };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_ieqz(name, known[i].name))
			return known[i].scheme;
	return URI_OTHER;
}

enum err uri_decode(struct str text, struct uri *out)
{
	struct uri u = { .text = text, .rest = text };
	struct str name;
	enum err e = E_OK;

	if (text.len > URI_MAX)
		return E_TOOBIG;
	name = str_cut(&u.rest, ':');
	if (!is_scheme(name) || u.rest.p == NULL || u.rest.len == 0)
		return E_BAD;
	u.scheme = scheme_of(name);
	if (u.scheme == URI_OTHER || u.scheme == URI_TEL)
		e = is_opaque(u.rest) ? E_OK : E_BAD;
	else
		e = decode_sip(&u);
	if (e == E_OK)
		*out = u;
	return e;
}

bool uri_param_next(struct str *rest, struct str *name_out, struct str *value_out)
{
	struct str piece;

	if (rest->len == 0 || rest->p[0] != ';')
		return false;
	*rest = str_sub(*rest, 1, rest->len);
	piece = str_sub(*rest, 0, str_find(*rest, ';', 0));
	*rest = str_sub(*rest, piece.len, rest->len);
	*name_out = str_cut(&piece, '=');
	*value_out = piece;
	return true;
}

struct str uri_param(const struct uri *u, const char *name)
{
	struct str rest = u->params, n, value;

	while (uri_param_next(&rest, &n, &value))
		if (str_ieqz(n, name))
			return value.p != NULL ? value : str_sub(n, n.len, n.len);
	return STR_NULL;
}

struct str uri_header(const struct uri *u, const char *name)
{
	struct str rest = u->headers, value;

	while (rest.len > 0) {
		value = str_cut(&rest, '&');
		if (str_ieqz(str_cut(&value, '='), name))
			return value;
	}
	return STR_NULL;
}
