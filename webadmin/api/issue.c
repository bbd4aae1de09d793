#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509.h"
#include "crypto/x509_make.h"
#include "net/addr.h"

#include "webadmin/api/issue.h"

enum { NAME_MAX_BYTES = 253, LABEL_MAX_BYTES = 63, SERVER_NAMES_MAX = 8, HOSTNAME_MAX_BYTES = 256 };

static bool is_link_local(const struct addr *a)
{
	if (addr_is_v6(a))
		return IN6_IS_ADDR_LINKLOCAL(&a->v6.sin6_addr);
	return (ntohl(a->v4.sin_addr.s_addr) >> 16) == 0xa9fe;
}

void issue_names_local(struct issue_names *n)
{
	struct ifaddrs *all, *i;

	n->n_addresses = 0;
	if (getifaddrs(&all) != 0)
		return;
	for (i = all; i != NULL && n->n_addresses < ISSUE_ADDRESSES_MAX; i = i->ifa_next) {
		char text[ADDR_PRINT_MAX];
		struct addr a;

		if (i->ifa_addr == NULL)
			continue;
		addr_from(i->ifa_addr, sizeof(struct sockaddr_in6), &a);
		if (a.len == 0 || is_link_local(&a))
			continue;
		n->address[n->n_addresses++] = str_dup(str_of(addr_print_host(&a, text)));
	}
	freeifaddrs(all);
}

void issue_names_fini(struct issue_names *n)
{
	for (size_t i = 0; i < n->n_addresses; i++)
		str_free(&n->address[i]);
	n->n_addresses = 0;
}

bool issue_is_name(struct str name)
{
	struct str rest = name;
	bool has_letter = false;

	if (name.len == 0 || name.len > NAME_MAX_BYTES)
		return false;
	while (rest.p != NULL) {
		struct str label = str_cut(&rest, '.');

		if (label.len == 0 || label.len > LABEL_MAX_BYTES || label.p[0] == '-' ||
		    label.p[label.len - 1] == '-')
			return false;
		has_letter = false; /* counts for the last label: "10.0.0.1" is an address */
		for (size_t i = 0; i < label.len; i++) {
			char c = label.p[i];
			bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

			if (!is_letter && !(c >= '0' && c <= '9') && c != '-')
				return false;
			has_letter |= is_letter;
		}
	}
	return has_letter;
}

void issue_pair_init(struct issue_pair *p)
{
	buf_init(&p->cert, X509_PEM_MAX);
	buf_init(&p->key, X509_PEM_MAX);
}

void issue_pair_fini(struct issue_pair *p)
{
	if (p->key.p != NULL)
		mem_wipe(p->key.p, p->key.cap);
	buf_fini(&p->cert);
	buf_fini(&p->key);
}

enum err issue_ca(const struct issue_names *n, int64_t now_s, struct issue_pair *out)
{
	char *name = xasprintf("Porchlight CA of %.*s", STR_ARG(n->domain));
	struct x509_ca_in in = { .name = str_of(name),
				 .domains = &n->domain,
				 .domain_count = 1,
				 .host = n->host,
				 .now_s = now_s };
	enum err e = x509_make_key(&out->key);

	if (e == E_OK) {
		in.key_pem = buf_str(&out->key);
		e = x509_make_ca(&in, &out->cert);
	}
	free(name);
	return e;
}

enum err issue_server(const struct issue_names *n, struct str ca_cert, struct str ca_key,
		      int64_t now_s, struct issue_pair *out)
{
	/* Clients of the Lync class look for the last five below the domain when DNS has no SRV. */
	static const char *const below[] = { "sip", "sipinternal", "sipexternal", "lyncdiscover",
					     "lyncdiscoverinternal" };
	struct str names[SERVER_NAMES_MAX] = { n->domain };
	struct x509_server_in in = { .host = n->host,
				     .names = names,
				     .addresses = n->address,
				     .address_count = n->n_addresses,
				     .ca_cert_pem = ca_cert,
				     .ca_key_pem = ca_key,
				     .now_s = now_s };
	size_t count = 1;
	enum err e;

	for (size_t i = 0; i < ARRAY_LEN(below); i++)
		names[count++] = str_of(xasprintf("%s.%.*s", below[i], STR_ARG(n->domain)));
	in.name_count = count;
	e = x509_make_key(&out->key);
	if (e == E_OK) {
		in.key_pem = buf_str(&out->key);
		e = x509_make_server(&in, &out->cert);
	}
	for (size_t i = 1; i < count; i++)
		str_free(&names[i]);
	return e;
}

enum err issue_temporary(int64_t now_s, struct issue_pair *out)
{
	struct issue_names n = { .n_addresses = 0 };
	struct str names[] = { STR("localhost") };
	char host[HOSTNAME_MAX_BYTES] = "localhost";
	struct x509_server_in in = { .names = names, .name_count = 1, .now_s = now_s };
	enum err e;

	if (gethostname(host, sizeof(host) - 1) != 0 || !issue_is_name(str_of(host)))
		memcpy(host, "localhost", sizeof("localhost"));
	issue_names_local(&n);
	in.host = str_of(host);
	in.addresses = n.address;
	in.address_count = n.n_addresses;
	e = x509_make_key(&out->key);
	if (e == E_OK) {
		in.key_pem = buf_str(&out->key);
		e = x509_make_server(&in, &out->cert);
	}
	issue_names_fini(&n);
	return e;
}
