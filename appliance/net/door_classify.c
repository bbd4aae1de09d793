#include "net/door_classify.h"

enum { LOOK_MAX = 1024 };

static bool is_token(char c)
{
	/* RFC 3261 25.1; RFC 9110 5.6.2 allows more, but no method uses it. */
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

static bool may_become(struct str s, struct str whole)
{
	return s.len < whole.len && str_istarts(whole, s);
}

/* A request target of HTTP is a path, "*", or an http URI (RFC 9112 3.2); SIP's is any other URI. */
static enum door_kind by_target(struct str rest)
{
	struct str end;
	size_t sp;

	if (rest.len == 0)
		return DOOR_UNDECIDED;
	if (rest.p[0] == '/')
		return DOOR_HTTP;
	if (str_istarts(rest, STR("http:")) || str_istarts(rest, STR("https:")))
		return DOOR_HTTP;
	if (str_istarts(rest, STR("sip:")) || str_istarts(rest, STR("sips:")))
		return DOOR_SIP;
	/* "*" (OPTIONS, PRI) and authority form (CONNECT host:443) need the version. */
	sp = str_find(rest, ' ', 0);
	end = str_sub(rest, sp, rest.len);
	if (sp == rest.len)
		return DOOR_UNDECIDED;
	if (str_istarts(end, STR(" HTTP/")))
		return DOOR_HTTP;
	return may_become(end, STR(" HTTP/")) ? DOOR_UNDECIDED : DOOR_SIP;
}

static enum door_kind by_start_line(struct str s)
{
	size_t i = 0;

	/* Empty lines: a keep-alive of RFC 5626 3.5.1, or the slack RFC 3261 7.5 allows. */
	if (s.p[0] == '\r' || s.p[0] == '\n')
		return DOOR_SIP;
	while (i < s.len && is_token(s.p[i]))
		i++;
	if (i == s.len)
		return DOOR_UNDECIDED;
	if (i == 0 || s.p[i] != ' ')
		return DOOR_SIP; /* also a response: "SIP/2.0 200" */
	return by_target(str_sub(s, i + 1, s.len));
}

enum door_kind door_classify(struct str first)
{
	struct str s = str_sub(first, 0, LOOK_MAX); /* so that more bytes never change a decision */
	enum door_kind k = s.len == 0 ? DOOR_UNDECIDED : by_start_line(s);

	return k == DOOR_UNDECIDED && s.len == LOOK_MAX ? DOOR_SIP : k;
}
