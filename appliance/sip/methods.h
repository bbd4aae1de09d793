/* methods.h: methods, status codes with their phrases, and the map from enum err. */
#ifndef SIP_METHODS_H
#define SIP_METHODS_H

#include "base/err.h"
#include "base/str.h"

enum sip_method {
	SIP_METHOD_OTHER, /* a token we do not know */
	SIP_METHOD_ACK,
	SIP_METHOD_BENOTIFY,
	SIP_METHOD_BYE,
	SIP_METHOD_CANCEL,
	SIP_METHOD_INFO,
	SIP_METHOD_INVITE,
	SIP_METHOD_MESSAGE,
	SIP_METHOD_NEGOTIATE,
	SIP_METHOD_NOTIFY,
	SIP_METHOD_OPTIONS,
	SIP_METHOD_PRACK,
	SIP_METHOD_PUBLISH,
	SIP_METHOD_REFER,
	SIP_METHOD_REGISTER,
	SIP_METHOD_SERVICE,
	SIP_METHOD_SUBSCRIBE,
	SIP_METHOD_UPDATE,
	SIP_METHOD_COUNT,
};

enum sip_method sip_method_of(struct str name); /* octet for octet: methods are case-sensitive */
struct str sip_method_name(enum sip_method m);

const char *sip_reason(int code);  /* the RFC's phrase; of an unknown code that of its class */
int sip_status_of_err(enum err e); /* the one map from enum err to a SIP status */

#endif
