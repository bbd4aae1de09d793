#include "sip/route.h"

#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/rand.h"
#include "crypto/digest.h"
#include "crypto/token.h"

enum {
	COOKIE_LEN = 7,
	LOOP_LEN = 8,
	HALF_MAC = 8,
	TOKEN_BYTES = 8 + HALF_MAC,
	GRUU_BYTES = 8 + 8 + HALF_MAC
};

bool sip_self_has_host(const struct sip_self *s, struct str host)
{
	static const char *const prefixes[] = { "sip.", "sipinternal.", "sipexternal." };
	struct str name = host;

	if (name.len == 0 || s->domain.len == 0)
		return false;
	if (name.p[name.len - 1] == '.') /* a name may end with the root's dot */
		name.len--;
	if (str_ieq(name, s->domain) || str_ieq(name, s->host))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		struct str prefix = str_of(prefixes[i]);

		if (str_istarts(name, prefix) &&
		    str_ieq(str_sub(name, prefix.len, name.len), s->domain))
			return true;
	}
	return false;
}

/* One key for several uses: the use is part of what is signed. */
static void mac(const struct sip_secret *k, const char *use, const void *data, size_t len,
		unsigned char out[DIGEST_SHA256_LEN])
{
	struct str parts[2] = { str_n(use, strlen(use) + 1), str_n(data, len) };

	digest_hmac_parts(DIGEST_SHA256, str_n(k->key, sizeof(k->key)), parts, 2, out);
}

static void put_u64(unsigned char *p, uint64_t n)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(n >> (56 - 8 * i));
}

static uint64_t get_u64(const unsigned char *p)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n;
}

static bool same_mac(const unsigned char *a, const unsigned char *b)
{
	return token_eq(str_n(a, HALF_MAC), str_n(b, HALF_MAC));
}

void sip_flow_token_encode(const struct sip_secret *k, conn_id id, struct buf *out)
{
	unsigned char bytes[8 + DIGEST_SHA256_LEN];
	char hex[2 * TOKEN_BYTES + 1];

	put_u64(bytes, id);
	mac(k, "flow", bytes, 8, bytes + 8);
	digest_hex(bytes, TOKEN_BYTES, hex);
	buf_add(out, str_n(hex, sizeof(hex) - 1));
}

enum err sip_flow_token_decode(const struct sip_secret *k, struct str token, conn_id *out)
{
	unsigned char bytes[TOKEN_BYTES], want[DIGEST_SHA256_LEN];

	if (token.len != 2 * TOKEN_BYTES || digest_unhex(token, bytes, TOKEN_BYTES) != E_OK)
		return E_BAD;
	mac(k, "flow", bytes, 8, want);
	if (!same_mac(bytes + 8, want))
		return E_DENIED;
	*out = get_u64(bytes);
	return E_OK;
}

static bool is_here(const struct sip_self *s, const struct uri *u, const struct addr *local)
{
	char text[ADDR_PRINT_MAX];
	struct str host = u->host;

	if (!uri_is_sip(u))
		return false;
	if (sip_self_has_host(s, host))
		return true;
	if (local == NULL || local->len == 0)
		return false;
	if (host.len > 2 && host.p[0] == '[')
		host = str_sub(host, 1, host.len - 1);
	return str_ieq(host, str_of(addr_print_host(local, text))) ||
	       (addr_is_loopback(local) && (str_ieqz(host, "localhost") || str_ieqz(host, "::1") ||
					    str_istarts(host, STR("127."))));
}

/* A URI of ours: its user part, if any, is a flow token. */
static void take_ours(const struct sip_self *s, const struct uri *u, struct sip_next_hop *n)
{
	if (u->user.p == NULL)
		return;
	if (sip_flow_token_decode(&s->secret, u->user, &n->conn) != E_OK)
		n->kind = SIP_NEXT_FORGED;
}

struct sip_next_hop sip_route_next(const struct sip_self *s, const struct sip_msg *m,
				   const struct addr *local)
{
	struct sip_next_hop n = { .kind = SIP_NEXT_LOCAL };
	conn_id id;

	if (is_here(s, &m->ruri_uri, local) &&
	    sip_flow_token_decode(&s->secret, m->ruri_uri.user, &id) == E_OK)
		n.conn = id;
	while (n.popped < m->route.len && is_here(s, &m->route.v[n.popped].u, local)) {
		take_ours(s, &m->route.v[n.popped].u, &n);
		n.popped++;
	}
	if (n.kind == SIP_NEXT_FORGED)
		return n;
	if (n.popped < m->route.len)
		n.kind = SIP_NEXT_ROUTE;
	else if (n.conn != 0)
		n.kind = SIP_NEXT_FLOW;
	else if (!is_here(s, &m->ruri_uri, local))
		n.kind = SIP_NEXT_FOREIGN;
	return n;
}

void sip_route_lines(const struct sip_msg *m, size_t popped, struct buf *out)
{
	for (size_t i = popped; i < m->route.len; i++) {
		buf_addz(out, "Route: ");
		buf_add(out, m->route.v[i].text);
		buf_addz(out, "\r\n");
	}
}

void sip_self_host_port(const struct sip_self *s, const struct addr *local, struct buf *out)
{
	char text[ADDR_PRINT_MAX];

	if (!str_ieqz(s->host, "localhost") || local == NULL || local->len == 0)
		buf_add(out, s->host);
	else
		buf_addf(out, addr_is_v6(local) ? "[%s]" : "%s", addr_print_host(local, text));
	buf_addc(out, ':');
	buf_add_u64(out, s->port);
}

void sip_route_record(const struct sip_self *s, conn_id id, const struct addr *local,
		      struct buf *out)
{
	buf_addz(out, "Record-Route: <sip:");
	sip_flow_token_encode(&s->secret, id, out);
	buf_addc(out, '@');
	sip_self_host_port(s, local, out);
	buf_addz(out, ";transport=tls;lr>\r\n");
}

uint32_t sip_route_loop_hash(uint64_t seed, struct str ruri, struct str call_id, uint32_t cseq)
{
	return (uint32_t)(str_hash(seed ^ cseq, call_id) ^ str_hash(seed + 1, ruri));
}

bool sip_route_is_loop(const struct sip_self *s, uint64_t seed, const struct sip_msg *m)
{
	for (const struct sip_hdr *h = sip_msg_first(m, SIP_HDR_VIA); h != NULL;
	     h = sip_msg_next(m, h)) {
		struct str rest = h->value;

		while (rest.p != NULL) {
			struct sip_via v;
			uint64_t loop;

			if (sip_via_decode(rest, &v, &rest) != E_OK)
				break;
			if (!str_ieq(v.host, s->host) || v.port != s->port ||
			    num_hex_u64(str_sub(v.branch, COOKIE_LEN, COOKIE_LEN + LOOP_LEN),
					&loop) != E_OK)
				continue;
			if (loop == sip_route_loop_hash(seed, m->ruri, m->call_id, m->cseq))
				return true;
		}
	}
	return false;
}

void sip_gruu_public(struct buf *out, struct str user, struct str domain, struct str instance)
{
	uri_encode_aor(out, user, domain);
	buf_addz(out, ";gr=");
	uri_escape_param(out, instance);
}

void sip_gruu_temp(const struct sip_secret *k, struct buf *out, uint64_t endpoint,
		   struct str domain)
{
	unsigned char bytes[16 + DIGEST_SHA256_LEN], mask[DIGEST_SHA256_LEN];
	char hex[2 * GRUU_BYTES + 1];

	rand_bytes(bytes, 8);
	put_u64(bytes + 8, endpoint);
	mac(k, "gruu mask", bytes, 8, mask);
	for (int i = 0; i < 8; i++)
		bytes[8 + i] ^= mask[i];
	mac(k, "gruu", bytes, 16, bytes + 16);
	digest_hex(bytes, GRUU_BYTES, hex);
	buf_addz(out, "sip:tgruu.");
	buf_add(out, str_n(hex, sizeof(hex) - 1));
	buf_addc(out, '@');
	buf_add(out, domain);
	buf_addz(out, ";gr");
}

bool sip_gruu_is(const struct uri *u)
{
	return uri_is_sip(u) && uri_param(u, "gr").p != NULL;
}

struct str sip_gruu_instance(const struct uri *u)
{
	return uri_is_sip(u) ? uri_param(u, "gr") : STR_NULL;
}

enum err sip_gruu_temp_decode(const struct sip_secret *k, struct str user, uint64_t *endpoint_out)
{
	unsigned char bytes[GRUU_BYTES], want[DIGEST_SHA256_LEN];
	struct str prefix = STR("tgruu.");

	if (!str_istarts(user, prefix) || user.len != prefix.len + 2 * GRUU_BYTES ||
	    digest_unhex(str_sub(user, prefix.len, user.len), bytes, GRUU_BYTES) != E_OK)
		return E_BAD;
	mac(k, "gruu", bytes, 16, want);
	if (!same_mac(bytes + 16, want))
		return E_DENIED;
	mac(k, "gruu mask", bytes, 8, want);
	for (int i = 0; i < 8; i++)
		bytes[8 + i] ^= want[i];
	*endpoint_out = get_u64(bytes + 8);
	return E_OK;
}
