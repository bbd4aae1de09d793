#include "lync/sa.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rand.h"
#include "crypto/digest.h"
#include "crypto/token.h"

void sa_make_opaque(char out[SA_OPAQUE_LEN + 1])
{
	(void)snprintf(out, SA_OPAQUE_LEN + 1, "%08X", (unsigned)(rand_u64() & 0xffffffff));
}

void sa_init(struct sa *sa, const char *opaque, const struct sa_keys *keys, int64_t expires_ms)
{
	memset(sa, 0, sizeof(*sa));
	memcpy(sa->opaque, opaque, SA_OPAQUE_LEN);
	sa->keys = *keys;
	sa->snum = 1;
	sa->expires_ms = expires_ms;
}

void sa_fini(struct sa *sa)
{
	mem_wipe(sa, sizeof(*sa));
}

static size_t make_mac(const struct sa_keys *k, enum ntlm_side side, struct str text,
		       unsigned char out[SA_MAC_MAX])
{
	switch (k->scheme) {
	case AUTH_NTLM:
		ntlm_mac(&k->ntlm, side, text, out);
		return NTLM_MAC_LEN;
	case AUTH_TLS_DSK:
		digest_hmac(
			DIGEST_SHA1,
			str_n(side == NTLM_CLIENT ? k->dsk.client : k->dsk.server, SA_DSK_KEY_LEN),
			text, out);
		return DIGEST_SHA1_LEN;
	case AUTH_SCHEMES:
		break;
	}
	return 0;
}

static void shift(struct sa *sa, uint64_t by)
{
	const size_t words = ARRAY_LEN(sa->seen);

	if (by >= SA_WINDOW) {
		memset(sa->seen, 0, sizeof(sa->seen));
		return;
	}
	for (; by >= 64; by -= 64) {
		memmove(sa->seen + 1, sa->seen, (words - 1) * sizeof(sa->seen[0]));
		sa->seen[0] = 0;
	}
	for (size_t i = words; by > 0 && i-- > 0;)
		sa->seen[i] = sa->seen[i] << by | (i > 0 ? sa->seen[i - 1] >> (64 - by) : 0);
}

/* The sliding window of [MS-SIPAE] 3.2.5: is the number unused? */
static enum err check_num(const struct sa *sa, uint64_t num)
{
	uint64_t back;

	if (num > sa->cnum_top)
		return E_OK;
	back = sa->cnum_top - num;
	if (back >= SA_WINDOW)
		return E_STALE;
	return sa->seen[back / 64] >> (back % 64) & 1 ? E_EXISTS : E_OK;
}

static void use_num(struct sa *sa, uint64_t num)
{
	uint64_t back;

	if (num > sa->cnum_top) {
		shift(sa, num - sa->cnum_top);
		sa->cnum_top = num;
	}
	back = sa->cnum_top - num;
	sa->seen[back / 64] |= (uint64_t)1 << (back % 64);
}

enum err sa_verify(struct sa *sa, const struct sa_names *names, const struct auth_hdr *auth,
		   const struct sign_head *head, int64_t now_ms)
{
	struct sign_auth sign = {
		.version = sa->keys.version,
		.scheme = auth->scheme_text,
		.rand = auth->crand,
		.num = auth->cnum,
		.realm = auth->realm,
		.target = auth->target,
	};
	unsigned char want[SA_MAC_MAX], got[SA_MAC_MAX];
	struct buf text;
	size_t len;
	uint64_t num;
	enum err err;

	if (now_ms >= sa->expires_ms)
		return E_STALE;
	if (auth->crand.len == 0 || auth->response.len == 0 ||
	    num_u64(auth->cnum, 1, UINT32_MAX, &num) != E_OK)
		return E_BAD;
	if (auth->scheme != sa->keys.scheme || !str_eq(auth->realm, names->realm) ||
	    !str_ieq(auth->target, names->target))
		return E_AUTH;
	buf_init(&text, SIP_HEAD_MAX);
	sign_text(&text, &sign, head);
	err = buf_err(&text);
	len = make_mac(&sa->keys, NTLM_CLIENT, buf_str(&text), want);
	buf_fini(&text);
	if (err != E_OK || digest_unhex(auth->response, got, len) != E_OK ||
	    !token_eq(str_n(got, len), str_n(want, len)))
		return E_AUTH;
	err = check_num(sa, num);
	if (err == E_OK)
		use_num(sa, num);
	return err;
}

enum err sa_sign(struct sa *sa, const struct sa_names *names, const struct sign_head *head,
		 struct buf *line_out)
{
	char rand[9], num[11], hex[2 * SA_MAC_MAX + 1];
	struct sign_auth sign = {
		.version = sa->keys.version,
		.scheme = str_of(auth_scheme_name(sa->keys.scheme)),
		.rand = { rand, 8 },
		.realm = names->realm,
		.target = names->target,
	};
	unsigned char mac[SA_MAC_MAX];
	struct buf text;
	enum err err;

	(void)snprintf(rand, sizeof(rand), "%08X", (unsigned)(rand_u64() & 0xffffffff));
	(void)snprintf(num, sizeof(num), "%u", sa->snum);
	sign.num = str_of(num);
	buf_init(&text, SIP_HEAD_MAX);
	sign_text(&text, &sign, head);
	err = buf_err(&text);
	digest_hex(mac, make_mac(&sa->keys, NTLM_SERVER, buf_str(&text), mac), hex);
	buf_fini(&text);
	if (err != E_OK)
		return err;
	sa->snum++;
	for (char *p = hex; *p != '\0';
	     p++) /* upper case is customary, and what every trace shows */
		*p = (char)(*p >= 'a' ? *p - 'a' + 'A' : *p);
	buf_addf(
		line_out,
		"Authentication-Info: %s rspauth=\"%s\", srand=\"%s\", snum=\"%s\", opaque=\"%s\", qop=\"auth\", "
		"targetname=\"%.*s\", realm=\"%.*s\", version=%u\r\n",
		auth_scheme_name(sa->keys.scheme), hex, rand, num, sa->opaque,
		STR_ARG(names->target), STR_ARG(names->realm), sa->keys.version);
	return buf_err(line_out);
}
