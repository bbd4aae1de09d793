/* addr.h: an IPv4 or IPv6 address with a port; plain value, any thread.
 *
 * An IPv4 peer of a dual-stack socket (::ffff:a.b.c.d) is turned into plain
 * IPv4 by addr_from, so that one host has one spelling everywhere. */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"
#include "base/str.h"

enum { ADDR_PRINT_MAX = 64 }; /* "[v6%scope]:port" and the NUL */

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len; /* 0: no address */
};

/* "192.0.2.1:5061", "[2001:db8::1]:5061", "[::]:5061", "*:5061" (= "[::]:5061"); numbers only, no DNS. */
MUST_USE enum err addr_decode(struct str s, struct addr *out);
/* Any other family than IPv4 and IPv6 (a socketpair of a test) gives an addr with len 0. */
void addr_from(const struct sockaddr *sa, socklen_t len, struct addr *out);

/* Writes "192.0.2.1:5061" or "[2001:db8::1]:5061", or "-" for no address; returns out. */
const char *addr_print(const struct addr *a, char out[static ADDR_PRINT_MAX]);
const char *addr_print_host(const struct addr *a,
			    char out[static ADDR_PRINT_MAX]); /* no port, no brackets */

uint16_t addr_port(const struct addr *a);
bool addr_is_v6(const struct addr *a);
bool addr_is_loopback(const struct addr *a);
bool addr_eq(const struct addr *a, const struct addr *b);      /* with the port */
bool addr_eq_host(const struct addr *a, const struct addr *b); /* without */

/* The source a peer is counted under: an IPv4 address, or an IPv6 /64, because one
 * subscriber has a whole /64 (RFC 6177).  Keyed with seed: peers choose addresses. */
uint64_t addr_source(const struct addr *a, uint64_t seed);

#endif
