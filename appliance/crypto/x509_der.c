#include "crypto/x509_der.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/num.h"

enum {
	DER_SEQUENCE = 0x30,
	DER_CONTEXT_0 = 0xa0,  /* permittedSubtrees, constructed */
	DER_DNS_NAME = 0x82,   /* GeneralName [2] IA5String */
	DER_IP_ADDRESS = 0x87, /* GeneralName [7] OCTET STRING */
	SUBTREE_MAX = 300,
};

static void add_tlv(struct buf *b, unsigned char tag, struct str value)
{
	unsigned char head[4] = { tag };
	size_t n = 2;

	if (value.len < 0x80) {
		head[1] = (unsigned char)value.len;
	} else if (value.len < 0x100) {
		head[1] = 0x81;
		head[2] = (unsigned char)value.len;
		n = 3;
	} else {
		head[1] = 0x82;
		head[2] = (unsigned char)(value.len >> 8 & 0xff);
		head[3] = (unsigned char)(value.len & 0xff);
		n = 4;
	}
	buf_add(b, str_n(head, n));
	buf_add(b, value);
}

bool x509_is_dns_name(struct str s)
{
	struct str rest = s;

	if (s.len == 0 || s.len > 253)
		return false;
	while (rest.p != NULL) {
		struct str label = str_cut(&rest, '.');

		if (label.len == 0 || label.len > 63 || label.p[0] == '-' ||
		    label.p[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++) {
			char c = label.p[i];

			if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			    !(c >= '0' && c <= '9') && c != '-' && c != '_')
				return false;
		}
	}
	return true;
}

size_t x509_address(struct str text, unsigned char out[16])
{
	char z[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(z) || memchr(text.p, '\0', text.len) != NULL)
		return 0;
	memcpy(z, text.p, text.len);
	z[text.len] = '\0';
	if (inet_pton(AF_INET, z, out) == 1)
		return 4;
	return inet_pton(AF_INET6, z, out) == 1 ? 16 : 0;
}

/* GeneralSubtree: the base alone, since minimum is 0 by default and maximum absent. */
static void add_subtree(struct buf *subtrees, unsigned char tag, struct str value)
{
	struct buf base;

	buf_init(&base, SUBTREE_MAX);
	add_tlv(&base, tag, value);
	add_tlv(subtrees, DER_SEQUENCE, buf_str(&base));
	buf_fini(&base);
}

enum err x509_der_permit_name(struct buf *subtrees, struct str domain)
{
	unsigned char address[16];

	if (!x509_is_dns_name(domain) || x509_address(domain, address) != 0)
		return E_BAD;
	add_subtree(subtrees, DER_DNS_NAME, domain);
	return buf_err(subtrees);
}

enum err x509_der_permit_subnet(struct buf *subtrees, struct str subnet)
{
	unsigned char value[32] = { 0 }; /* address, then mask */
	struct str prefix = subnet, address = str_cut(&prefix, '/');
	size_t len = x509_address(address, value);
	uint32_t bits = (uint32_t)len * 8;

	if (len == 0 || (prefix.p != NULL && num_u32(prefix, 0, (uint32_t)len * 8, &bits) != E_OK))
		return E_BAD;
	for (size_t i = 0; i < len * 8; i++) {
		unsigned char bit = (unsigned char)(0x80 >> i % 8);

		if (i < bits)
			value[len + i / 8] |= bit;
		else if ((value[i / 8] & bit) != 0)
			/* some verifiers refuse such a subtree, so nobody gets it from us */
			return E_BAD;
	}
	add_subtree(subtrees, DER_IP_ADDRESS, str_n(value, 2 * len));
	return buf_err(subtrees);
}

void x509_der_constraints(struct buf *out, struct str subtrees)
{
	struct buf permitted;

	buf_init(&permitted, subtrees.len + 4);
	add_tlv(&permitted, DER_CONTEXT_0, subtrees);
	add_tlv(out, DER_SEQUENCE, buf_str(&permitted));
	buf_fini(&permitted);
}
