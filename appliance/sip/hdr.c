#include "sip/hdr.h"

#include "base/mem.h"

struct entry {
	struct str name;
	char compact; /* 0: none */
	bool single;
};

#define HDR(id, text, c, s) [SIP_HDR_##id] = { { text, sizeof(text) - 1 }, c, s }

/* single: the RFCs allow one value; a second one is how two readers are made to see two messages. */
static const struct entry table[SIP_HDR_COUNT] = {
	HDR(OTHER, "", 0, false),
	HDR(ACCEPT, "Accept", 0, false),
	HDR(ALLOW, "Allow", 0, false),
	HDR(ALLOW_EVENTS, "Allow-Events", 'u', false),
	HDR(AUTHORIZATION, "Authorization", 0, false),
	HDR(AUTHENTICATION_INFO, "Authentication-Info", 0, false),
	HDR(CALL_ID, "Call-ID", 'i', true),
	HDR(CONTACT, "Contact", 'm', false),
	HDR(CONTENT_DISPOSITION, "Content-Disposition", 0, true),
	HDR(CONTENT_ENCODING, "Content-Encoding", 'e', false),
	HDR(CONTENT_LENGTH, "Content-Length", 'l', true),
	HDR(CONTENT_TYPE, "Content-Type", 'c', true),
	HDR(CSEQ, "CSeq", 0, true),
	HDR(DATE, "Date", 0, true),
	HDR(EVENT, "Event", 'o', true),
	HDR(EXPIRES, "Expires", 0, true),
	HDR(FROM, "From", 'f', true),
	HDR(MAX_FORWARDS, "Max-Forwards", 0, true),
	HDR(MIN_EXPIRES, "Min-Expires", 0, true),
	HDR(MS_KEEP_ALIVE, "ms-keep-alive", 0, false),
	HDR(PATH, "Path", 0, false),
	HDR(PRIORITY, "Priority", 0, true),
	HDR(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, false),
	HDR(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, false),
	HDR(PROXY_REQUIRE, "Proxy-Require", 0, false),
	HDR(REASON, "Reason", 0, false),
	HDR(RECORD_ROUTE, "Record-Route", 0, false),
	HDR(REFER_TO, "Refer-To", 'r', true),
	HDR(REQUIRE, "Require", 0, false),
	HDR(RETRY_AFTER, "Retry-After", 0, true),
	HDR(ROUTE, "Route", 0, false),
	HDR(SERVER, "Server", 0, true),
	HDR(SESSION_EXPIRES, "Session-Expires", 'x', true),
	HDR(SIP_ETAG, "SIP-ETag", 0, true),
	HDR(SIP_IF_MATCH, "SIP-If-Match", 0, true),
	HDR(SUBJECT, "Subject", 's', true),
	HDR(SUBSCRIPTION_STATE, "Subscription-State", 0, true),
	HDR(SUPPORTED, "Supported", 'k', false),
	HDR(TO, "To", 't', true),
	HDR(UNSUPPORTED, "Unsupported", 0, false),
	HDR(USER_AGENT, "User-Agent", 0, true),
	HDR(VIA, "Via", 'v', false),
	HDR(WWW_AUTHENTICATE, "WWW-Authenticate", 0, false),
};

struct range {
	enum sip_hdr_id from, to; /* to is past the end */
};

/* The ids stand in alphabetical order, so the first letter leaves a handful to compare. */
static struct range candidates(char first)
{
	switch (first | 0x20) {
	case 'a':
		return (struct range){ SIP_HDR_ACCEPT, SIP_HDR_CALL_ID };
	case 'c':
		return (struct range){ SIP_HDR_CALL_ID, SIP_HDR_DATE };
	case 'd':
		return (struct range){ SIP_HDR_DATE, SIP_HDR_EVENT };
	case 'e':
		return (struct range){ SIP_HDR_EVENT, SIP_HDR_FROM };
	case 'f':
		return (struct range){ SIP_HDR_FROM, SIP_HDR_MAX_FORWARDS };
	case 'm':
		return (struct range){ SIP_HDR_MAX_FORWARDS, SIP_HDR_PATH };
	case 'p':
		return (struct range){ SIP_HDR_PATH, SIP_HDR_REASON };
	case 'r':
		return (struct range){ SIP_HDR_REASON, SIP_HDR_SERVER };
	case 's':
		return (struct range){ SIP_HDR_SERVER, SIP_HDR_TO };
	case 't':
		return (struct range){ SIP_HDR_TO, SIP_HDR_UNSUPPORTED };
	case 'u':
		return (struct range){ SIP_HDR_UNSUPPORTED, SIP_HDR_VIA };
	case 'v':
		return (struct range){ SIP_HDR_VIA, SIP_HDR_WWW_AUTHENTICATE };
	case 'w':
		return (struct range){ SIP_HDR_WWW_AUTHENTICATE, SIP_HDR_COUNT };
	default:
		return (struct range){ SIP_HDR_OTHER, SIP_HDR_OTHER };
	}
}

static enum sip_hdr_id of_compact(char c)
{
	c = (char)(c | 0x20); /* only letters become letters */
	for (size_t i = 1; i < ARRAY_LEN(table); i++)
		if (table[i].compact == c)
			return (enum sip_hdr_id)i;
	return SIP_HDR_OTHER;
}

enum sip_hdr_id sip_hdr_id_of(struct str name)
{
	struct range r;

	if (name.len == 0)
		return SIP_HDR_OTHER;
	if (name.len == 1)
		return of_compact(name.p[0]);
	r = candidates(name.p[0]);
	for (size_t i = r.from; i < r.to; i++)
		if (str_ieq(table[i].name, name))
			return (enum sip_hdr_id)i;
	return SIP_HDR_OTHER;
}

struct str sip_hdr_name(enum sip_hdr_id id)
{
	return table[id].name;
}

bool sip_hdr_is_single(enum sip_hdr_id id)
{
	return table[id].single;
}
