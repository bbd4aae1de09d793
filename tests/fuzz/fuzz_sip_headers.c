/* fuzz_sip_headers.c: the codecs of single header values.  The first byte chooses one. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "sip/addr.h"
#include "sip/digest.h"
#include "sip/lex.h"
#include "sip/route.h"
#include "sip/uri_lenient.h"
#include "sip/via.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(struct str whole, struct str view)
{
	return view.p == NULL || view.len == 0 ||
	       (view.p >= whole.p && view.p + view.len <= whole.p + whole.len);
}

static void one_addr(struct str s, const struct sip_addr *a)
{
	struct buf b, again;
	struct sip_addr back;

	assert(is_inside(s, a->text) && is_inside(s, a->uri) && is_inside(s, a->tag) &&
	       is_inside(s, a->params));
	buf_init(&b, 1u << 20);
	buf_init(&again, 1u << 20);
	sip_addr_display_text(a, &b);
	if (!a->is_star) {
		sip_addr_encode(&again, buf_str(&b), a->uri);
		/* What we write ourselves we can read, and it names the same. */
		assert(sip_addr_decode(buf_str(&again), &back) == E_OK);
		assert(str_eq(back.uri, a->uri));
	}
	buf_fini(&b);
	buf_fini(&again);
}

static void addresses(struct str s)
{
	struct str rest = s;
	struct sip_addr a;

	if (sip_addr_decode(s, &a) == E_OK)
		one_addr(s, &a);
	while (rest.p != NULL && sip_addr_next(rest, &a, &rest) == E_OK) {
		assert(is_inside(s, a.text));
		(void)sip_addr_param(&a, STR("expires"));
	}
}

static void vias(struct str s)
{
	struct str rest = s;
	struct sip_via v;
	struct addr peer;

	if (addr_decode(STR("[2001:db8::1]:40000"), &peer) != E_OK)
		return;
	while (rest.p != NULL && sip_via_decode(rest, &v, &rest) == E_OK) {
		struct sip_via back;
		struct str more;
		struct buf b;

		assert(is_inside(s, v.text) && is_inside(s, v.host) && is_inside(s, v.branch));
		buf_init(&b, 1u << 20);
		sip_via_encode_received(&b, &v, &peer);
		assert(sip_via_decode(buf_str(&b), &back, &more) == E_OK);
		assert(str_eq(back.branch, v.branch) && str_eq(back.sent_by, v.sent_by));
		buf_fini(&b);
	}
}

static void uris(struct str s)
{
	struct uri u;
	struct buf b;

	if (sip_uri_decode(s, &u) != E_OK)
		return;
	assert(is_inside(s, u.user) && is_inside(s, u.host) && is_inside(s, u.params) &&
	       is_inside(s, u.headers));
	/* An escape can hide that a parameter is there twice; such a URI equals nothing. */
	assert(uri_eq(&u, &u) || !uri_is_sip(&u) || str_find(s, '%', 0) < s.len);
	buf_init(&b, 1u << 20);
	uri_unescape(&b, u.user);
	assert(b.len <= u.user.len);
	buf_fini(&b);
	(void)sip_gruu_is(&u);
	(void)uri_param(&u, "transport");
}

static void parameters(struct str s)
{
	struct sip_digest_params p;
	struct sip_lex l = sip_lex_of(s);
	struct str name, value;
	bool bad = false;
	struct buf b;

	if (sip_digest_params_decode(s, &p) == E_OK)
		assert(is_inside(s, p.username) && is_inside(s, p.response) &&
		       is_inside(s, p.nonce));
	while (sip_lex_param(&l, &name, &value, &bad))
		assert(is_inside(s, name) && is_inside(s, value));
	(void)sip_param_get(s, STR("tag"));
	buf_init(&b, 1u << 20);
	sip_quote(&b, s);
	assert(b.len >= 2 && b.p[0] == '"' && b.p[b.len - 1] == '"');
	l = sip_lex_of(buf_str(&b));
	assert(!sip_is_clean(s) || (sip_lex_quoted(&l, &value) && sip_lex_is_end(&l)));
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const codecs[])(struct str) = { addresses, vias, uris, parameters };

	if (size > 0)
		codecs[data[0] % 4](str_n(data + 1, size - 1));
	return 0;
}
