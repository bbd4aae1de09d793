#include "sip/methods.h"

#include "base/mem.h"

#define METHOD(id) [SIP_METHOD_##id] = { #id, sizeof(#id) - 1 }

static const struct str methods[SIP_METHOD_COUNT] = {
	[SIP_METHOD_OTHER] = { "", 0 },
	METHOD(ACK),
	METHOD(BENOTIFY),
	METHOD(BYE),
	METHOD(CANCEL),
	METHOD(INFO),
	METHOD(INVITE),
	METHOD(MESSAGE),
	METHOD(NEGOTIATE),
	METHOD(NOTIFY),
	METHOD(OPTIONS),
	METHOD(PRACK),
	METHOD(PUBLISH),
	METHOD(REFER),
	METHOD(REGISTER),
	METHOD(SERVICE),
	METHOD(SUBSCRIBE),
	METHOD(UPDATE),
};

enum sip_method sip_method_of(struct str name)
{
	for (size_t i = 1; i < ARRAY_LEN(methods); i++)
		if (str_eq(methods[i], name))
			return (enum sip_method)i;
	return SIP_METHOD_OTHER;
}

struct str sip_method_name(enum sip_method m)
{
	return methods[m];
}

static const struct {
	int code;
	const char *reason;
} reasons[] = {
	{ 100, "Trying" },
	{ 180, "Ringing" },
	{ 181, "Call Is Being Forwarded" },
	{ 182, "Queued" },
	{ 183, "Session Progress" },
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 204, "No Notification" },
	{ 301, "Moved Permanently" },
	{ 302, "Moved Temporarily" },
	{ 305, "Use Proxy" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 407, "Proxy Authentication Required" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 412, "Conditional Request Failed" },
	{ 413, "Request Entity Too Large" },
	{ 414, "Request-URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Unsupported URI Scheme" },
	{ 420, "Bad Extension" },
	{ 421, "Extension Required" },
	{ 422, "Session Interval Too Small" },
	{ 423, "Interval Too Brief" },
	{ 430, "Flow Failed" },
	{ 433, "Anonymity Disallowed" },
	{ 439, "First Hop Lacks Outbound Support" },
	{ 480, "Temporarily Unavailable" },
	{ 481, "Call/Transaction Does Not Exist" },
	{ 482, "Loop Detected" },
	{ 483, "Too Many Hops" },
	{ 484, "Address Incomplete" },
	{ 485, "Ambiguous" },
	{ 486, "Busy Here" },
	{ 487, "Request Terminated" },
	{ 488, "Not Acceptable Here" },
	{ 489, "Bad Event" },
	{ 491, "Request Pending" },
	{ 493, "Undecipherable" },
	{ 500, "Server Internal Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Server Time-out" },
	{ 505, "Version Not Supported" },
	{ 513, "Message Too Large" },
	{ 580, "Precondition Failure" },
	{ 600, "Busy Everywhere" },
	{ 603, "Decline" },
	{ 604, "Does Not Exist Anywhere" },
	{ 606, "Not Acceptable" },
};

const char *sip_reason(int code)
{
	static const char *const classes[] = {
		"Trying", "OK", "Moved", "Bad Request", "Server Internal Error", "Decline"
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return code >= 100 && code < 700 ? classes[code / 100 - 1] : "Unknown";
}

int sip_status_of_err(enum err e)
{
	switch (e) {
	case E_OK:
		return 200;
	case E_MORE:
	case E_BAD:
		return 400;
	case E_TOOBIG:
		return 413;
	case E_FULL:
	case E_NOMEM:
	case E_AGAIN:
	case E_IO:
	case E_CORRUPT:
		return 503;
	case E_NOTFOUND:
		return 404;
	case E_EXISTS:
		return 409;
	case E_DENIED:
		return 403;
	case E_AUTH:
		return 401;
	case E_STALE:
		return 412;
	case E_GONE:
		return 481;
	case E_UNSUPPORTED:
		return 501;
	case E_CLOSED:
		return 480;
	case E_TIMEOUT:
		return 408;
	case E_INTERNAL:
		return 500;
	}
	return 500;
}
