#include "lync/web.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/rand.h"
#include "codec/base64.h"
#include "codec/utf16.h"
#include "crypto/digest.h"
#include "crypto/token.h"

/* A challenge given on a connection, waiting for its answer. */
struct open_challenge {
	struct list node; /* oldest first */
	uint64_t conn;
	int64_t since_ms;
	unsigned char nonce[NTLM_CHALLENGE_LEN];
	struct buf negotiate, challenge;
};

struct web_auth {
	struct list open;
	size_t count;
};

struct web_auth *web_auth_new(void)
{
	struct web_auth *a = xcalloc(1, sizeof(*a));

	list_init(&a->open);
	return a;
}

static void open_free(struct web_auth *a, struct open_challenge *o)
{
	list_del(&o->node);
	a->count--;
	buf_fini(&o->negotiate);
	buf_fini(&o->challenge);
	free(o);
}

void web_auth_free(struct web_auth **ap)
{
	struct web_auth *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	LIST_EACH (&a->open, n)
		open_free(a, LIST_ITEM(n, struct open_challenge, node));
	free(a);
}

static struct open_challenge *find(struct web_auth *a, uint64_t conn)
{
	LIST_EACH (&a->open, n) {
		struct open_challenge *o = LIST_ITEM(n, struct open_challenge, node);

		if (o->since_ms + WEB_CHALLENGE_MS <= clk_ms())
			open_free(a, o);
		else if (o->conn == conn)
			return o;
	}
	return NULL;
}

static void offer_all(struct lync *l, struct buf *out)
{
	if (!l->is_web_ntlm_off)
		buf_addz(out, "Negotiate\nNTLM\n");
	buf_addf(out, "Basic realm=\"%.*s\"\n", STR_ARG(sip_stack_domain(l->cfg.stack)));
}

static void add_der(struct buf *b, unsigned char tag, struct str content)
{
	buf_addc(b, (char)tag);
	if (content.len > 255) {
		buf_addc(b, (char)0x82);
		buf_addc(b, (char)(content.len >> 8));
	} else if (content.len > 127) {
		buf_addc(b, (char)0x81);
	}
	buf_addc(b, (char)content.len);
	buf_add(b, content);
}

/* NegTokenResp (RFC 4178 4.2.2): accept-incomplete, the mechanism NTLMSSP, its token. */
static void add_wrapped(struct buf *out, struct str token)
{
	static const char head[] = "\xa0\x03\x0a\x01\x01"
				   "\xa1\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
	struct buf octets, body, sequence;

	buf_init(&octets, NTLM_TOKEN_MAX);
	buf_init(&body, NTLM_TOKEN_MAX);
	buf_init(&sequence, NTLM_TOKEN_MAX);
	add_der(&octets, 0x04, token);
	buf_add(&body, str_n(head, sizeof(head) - 1));
	add_der(&body, 0xa2, buf_str(&octets));
	add_der(&sequence, 0x30, buf_str(&body));
	add_der(out, 0xa1, buf_str(&sequence));
	buf_fini(&octets);
	buf_fini(&body);
	buf_fini(&sequence);
}

/* In the shape the client asked in: its own token bare, or wrapped in SPNEGO. */
static void add_challenge(struct str scheme, struct str token, bool is_wrapped, struct buf *out)
{
	struct buf wrapped;

	buf_init(&wrapped, NTLM_TOKEN_MAX);
	if (is_wrapped)
		add_wrapped(&wrapped, token);
	buf_addf(out, "%.*s ", STR_ARG(scheme));
	base64_encode(out, is_wrapped ? buf_str(&wrapped) : token);
	buf_addc(out, '\n');
	buf_fini(&wrapped);
}

static void start(struct lync *l, const struct web_credentials *c, struct str scheme,
		  struct str negotiate, bool is_wrapped, struct buf *challenges)
{
	struct str domain = sip_stack_domain(l->cfg.stack), host = sip_stack_host(l->cfg.stack);
	struct str label = domain, machine = host;
	struct ntlm_names names = { .dns_domain = domain, .dns_host = host };
	struct web_auth *a = l->web_auth;
	struct open_challenge *o = find(a, c->conn);

	if (o != NULL)
		open_free(a, o);
	if (a->count >= WEB_CHALLENGES_MAX)
		open_free(a, LIST_ITEM(a->open.next, struct open_challenge, node));
	names.netbios_domain = str_cut(&label, '.');
	names.netbios_host = str_cut(&machine, '.');
	o = xcalloc(1, sizeof(*o));
	o->conn = c->conn;
	o->since_ms = clk_ms();
	buf_init(&o->negotiate, NTLM_TOKEN_MAX);
	buf_init(&o->challenge, NTLM_TOKEN_MAX);
	buf_add(&o->negotiate, negotiate);
	rand_bytes(o->nonce, sizeof(o->nonce));
	ntlm_challenge(&o->challenge, NTLM_FOR_HTTP, &names, o->nonce);
	list_push_back(&a->open, &o->node);
	a->count++;
	add_challenge(scheme, buf_str(&o->challenge), is_wrapped, challenges);
}

/* "CONTOSO\alice" or "alice@contoso.example" */
static const struct account *account_of_login(struct lync *l, struct str login)
{
	size_t slash = str_find(login, '\\', 0);

	if (slash == login.len)
		return lync_account_named(l, STR(""), login);
	return lync_account_named(l, str_sub(login, 0, slash),
				  str_sub(login, slash + 1, login.len));
}

static const struct account *finish_ntlm(struct lync *l, struct open_challenge *o, struct str token,
					 struct buf *name)
{
	struct ntlm_check check = {
		.server_challenge = o->nonce,
		.negotiate = buf_str(&o->negotiate),
		.challenge = buf_str(&o->challenge),
	};
	unsigned char key[NTLM_KEY_LEN], nobody[NTHASH_LEN];
	const struct account *a = NULL;
	struct ntlm_auth auth;
	struct buf domain;

	if (ntlm_auth_decode(token, &auth) != E_OK)
		return NULL;
	buf_init(&domain, NTLM_TOKEN_MAX);
	if (utf16le_decode(name, auth.user) == E_OK && utf16le_decode(&domain, auth.domain) == E_OK)
		a = lync_account_named(l, buf_str(&domain), buf_str(name));
	rand_bytes(nobody, sizeof(nobody));
	check.nt_hash = a != NULL && a->has_nt ? a->nt_hash : nobody;
	if (ntlm_verify(&auth, &check, key) != E_OK || (a != NULL && !a->has_nt))
		a = NULL;
	mem_wipe(key, sizeof(key));
	buf_fini(&domain);
	return a;
}

/* Negotiate carries NTLM bare (pidgin-sipe) or in SPNEGO (Windows, RFC 4559): from its signature on it is the
 * same token. */
static const struct account *check_ntlm(struct lync *l, const struct web_credentials *c,
					struct str scheme, struct str base64, struct buf *name,
					struct buf *challenges)
{
	const struct account *a = NULL;
	struct open_challenge *o;
	struct str token;
	struct buf bytes;
	size_t at;

	if (l->is_web_ntlm_off)
		return NULL;
	buf_init(&bytes, NTLM_TOKEN_MAX);
	if (base64_decode(base64, &bytes) != E_OK)
		buf_reset(&bytes);
	at = str_search(buf_str(&bytes), STR("NTLMSSP\0"));
	token = str_sub(buf_str(&bytes), at, bytes.len);
	if (ntlm_token_type(token) == 1) {
		start(l, c, scheme, token, at > 0, challenges);
	} else if ((o = find(l->web_auth, c->conn)) != NULL) {
		a = finish_ntlm(l, o, token, name);
		open_free(l->web_auth, o);
	}
	buf_fini(&bytes);
	return a;
}

static const struct account *check_basic(struct lync *l, struct str base64, struct buf *name)
{
	const struct account *a = NULL;
	unsigned char ha1[DIGEST_SHA256_LEN];
	struct buf text;
	size_t colon;

	buf_init(&text, NTLM_TOKEN_MAX);
	if (base64_decode(base64, &text) == E_OK &&
	    (colon = str_find(buf_str(&text), ':', 0)) < text.len) {
		buf_add(name, str_sub(buf_str(&text), 0, colon));
		a = account_of_login(l, buf_str(name));
	}
	if (a != NULL) {
		struct str parts[] = { a->name, STR(":"), sip_stack_domain(l->cfg.stack),
				       str_sub(buf_str(&text), colon, text.len) };

		digest_parts(DIGEST_SHA256, parts, ARRAY_LEN(parts), ha1);
		if (!token_eq(str_n(ha1, sizeof(ha1)), str_n(a->ha1_sha256, sizeof(a->ha1_sha256))))
			a = NULL;
	}
	mem_wipe(text.p, text.len);
	buf_fini(&text);
	return a;
}

/* The part of a login that names the person, for the throttle. */
static struct str person(struct str login)
{
	size_t slash = str_find(login, '\\', 0);
	struct str name = slash < login.len ? str_sub(login, slash + 1, login.len) : login;

	return str_cut(&name, '@');
}

const struct account *web_auth_check(struct lync *l, const struct web_credentials *c,
				     struct buf *challenges)
{
	struct str rest = c->value, scheme = str_cut(&rest, ' ');
	const struct account *a = NULL;
	struct buf name;
	int64_t wait_ms;

	buf_init(&name, NTLM_TOKEN_MAX);
	if (str_ieqz(scheme, "Basic"))
		a = check_basic(l, str_trim(rest), &name);
	else if (str_ieqz(scheme, "NTLM") || str_ieqz(scheme, "Negotiate"))
		a = check_ntlm(l, c, scheme, str_trim(rest), &name, challenges);
	if (name.len > 0) {
		if (throttle_check(l->cfg.throttle, person(buf_str(&name)), c->peer, clk_ms(),
				   &wait_ms) != THROTTLE_PASS)
			a = NULL;
		else if (a == NULL)
			throttle_fail(l->cfg.throttle, person(buf_str(&name)), c->peer, clk_ms());
		else
			throttle_ok(l->cfg.throttle, person(buf_str(&name)), c->peer, clk_ms());
	}
	buf_fini(&name);
	if (a != NULL && !a->enabled)
		a = NULL;
	if (a == NULL && challenges->len == 0)
		offer_all(l, challenges);
	return a;
}
