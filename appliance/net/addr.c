#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

#include "net/addr.h"

enum { HOST_TEXT_MAX = INET6_ADDRSTRLEN };

static enum err host_text(struct str host, char out[static HOST_TEXT_MAX])
{
	if (host.len == 0 || host.len >= HOST_TEXT_MAX)
		return E_BAD;
	memcpy(out, host.p, host.len);
	out[host.len] = '\0';
	return strlen(out) == host.len ? E_OK : E_BAD;
}

enum err addr_decode(struct str s, struct addr *out)
{
	struct addr a = { .len = 0 };
	char text[HOST_TEXT_MAX];
	struct str host, port;
	uint32_t n;
	size_t cut;
	bool v6 = s.len > 0 && s.p[0] == '[';

	cut = v6 ? str_find(s, ']', 0) : str_find(s, ':', 0);
	host = str_sub(s, v6 ? 1 : 0, cut);
	port = str_sub(s, v6 ? cut + 1 : cut, s.len);
	if (port.len == 0 || port.p[0] != ':')
		return E_BAD;
	if (num_u32(str_sub(port, 1, port.len), 0, UINT16_MAX, &n) != E_OK)
		return E_BAD;
	if (!v6 && str_eqz(host, "*")) {
		v6 = true;
		host = STR("::");
	}
	if (host_text(host, text) != E_OK)
		return E_BAD;
	if (v6) {
		if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) != 1)
			return E_BAD;
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons((uint16_t)n);
		a.len = sizeof(a.v6);
	} else {
		if (inet_pton(AF_INET, text, &a.v4.sin_addr) != 1)
			return E_BAD;
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons((uint16_t)n);
		a.len = sizeof(a.v4);
	}
	*out = a;
	return E_OK;
}

void addr_from(const struct sockaddr *sa, socklen_t len, struct addr *out)
{
	struct addr a = { .len = 0 };

	if (len >= (socklen_t)sizeof(a.v4) && sa->sa_family == AF_INET) {
		memcpy(&a.v4, sa, sizeof(a.v4));
		a.len = sizeof(a.v4);
	} else if (len >= (socklen_t)sizeof(a.v6) && sa->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;

		memcpy(&v6, sa, sizeof(v6));
		if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
			a.v4.sin_family = AF_INET;
			a.v4.sin_port = v6.sin6_port;
			memcpy(&a.v4.sin_addr, &v6.sin6_addr.s6_addr[12], 4);
			a.len = sizeof(a.v4);
		} else {
			a.v6 = v6;
			a.len = sizeof(a.v6);
		}
	}
	*out = a;
}

const char *addr_print_host(const struct addr *a, char out[static ADDR_PRINT_MAX])
{
	char scope[IF_NAMESIZE];

	if (a->len == 0) {
		memcpy(out, "-", 2);
		return out;
	}
	if (!addr_is_v6(a)) {
		inet_ntop(AF_INET, &a->v4.sin_addr, out, ADDR_PRINT_MAX);
		return out;
	}
	inet_ntop(AF_INET6, &a->v6.sin6_addr, out, ADDR_PRINT_MAX);
	/* fe80::1 alone would be ambiguous on a host with two interfaces. */
	if (a->v6.sin6_scope_id != 0 && if_indextoname(a->v6.sin6_scope_id, scope) != NULL) {
		size_t n = strlen(out);

		snprintf(out + n, ADDR_PRINT_MAX - n, "%%%s", scope);
	}
	return out;
}

const char *addr_print(const struct addr *a, char out[static ADDR_PRINT_MAX])
{
	char host[ADDR_PRINT_MAX];

	addr_print_host(a, host);
	if (a->len == 0)
		memcpy(out, "-", 2);
	else if (addr_is_v6(a))
		snprintf(out, ADDR_PRINT_MAX, "[%.54s]:%u", host, addr_port(a));
	else
		snprintf(out, ADDR_PRINT_MAX, "%.54s:%u", host, addr_port(a));
	return out;
}

uint16_t addr_port(const struct addr *a)
{
	if (a->len == 0)
		return 0;
	return ntohs(addr_is_v6(a) ? a->v6.sin6_port : a->v4.sin_port);
}

bool addr_is_v6(const struct addr *a)
{
	return a->len != 0 && a->sa.sa_family == AF_INET6;
}

bool addr_is_loopback(const struct addr *a)
{
	if (a->len == 0)
		return false;
	if (addr_is_v6(a))
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	return (ntohl(a->v4.sin_addr.s_addr) >> 24) == 127;
}

bool addr_eq_host(const struct addr *a, const struct addr *b)
{
	if (a->len != b->len)
		return false;
	if (a->len == 0)
		return true;
	if (addr_is_v6(a) != addr_is_v6(b))
		return false;
	if (addr_is_v6(a))
		return IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr) &&
		       a->v6.sin6_scope_id == b->v6.sin6_scope_id;
	return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_eq_host(a, b) && addr_port(a) == addr_port(b);
}

uint64_t addr_source(const struct addr *a, uint64_t seed)
{
	if (a->len == 0)
		return str_hash(seed, STR_NULL);
	if (addr_is_v6(a))
		return str_hash(seed, str_n(&a->v6.sin6_addr, 8));
	return str_hash(seed, str_n(&a->v4.sin_addr, 4));
}
