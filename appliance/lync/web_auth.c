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
	LIST_EACH(&a->open, n)
		open_free(a, LIST_ITEM(n, struct open_challenge, node));
	free(a);
}

static struct open_challenge *find(struct web_auth *a, uint64_t conn)
{
	LIST_EACH(&a->open, n) {
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
	buf_addz(out, "Negotiate\nNTLM\n");
	buf_addf(out, "Basic realm=\"%.*s\"\n", STR_ARG(sip_stack_domain(l->cfg.stack)));
}

static void start(struct lync *l, const struct web_credentials *c, struct str scheme, struct str negotiate,
		  struct buf *challenges)
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
	buf_addf(challenges, "%.*s ", STR_ARG(scheme));
	base64_encode(challenges, buf_str(&o->challenge));
	buf_addc(challenges, '\n');
}

/* "CONTOSO\alice" or "alice@contoso.example" */
static const struct account *account_of_login(struct lync *l, struct str login)
{
	size_t slash = str_find(login, '\\', 0);

	if (slash == login.len)
		return lync_account_named(l, STR(""), login);
	return lync_account_named(l, str_sub(login, 0, slash), str_sub(login, slash + 1, login.len));
}

static const struct account *finish_ntlm(struct lync *l, struct open_challenge *o, struct str token, struct buf *name)
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

static const struct account *check_ntlm(struct lync *l, const struct web_credentials *c, struct str scheme,
					struct str base64, struct buf *name, struct buf *challenges)
{
	const struct account *a = NULL;
	struct open_challenge *o;
	struct buf token;

	buf_init(&token, NTLM_TOKEN_MAX);
	if (base64_decode(base64, &token) == E_OK && ntlm_token_type(buf_str(&token)) == 1) {
		start(l, c, scheme, buf_str(&token), challenges);
	} else if ((o = find(l->web_auth, c->conn)) != NULL) {
		a = finish_ntlm(l, o, buf_str(&token), name);
		open_free(l->web_auth, o);
	}
	buf_fini(&token);
	return a;
}

static const struct account *check_basic(struct lync *l, struct str base64, struct buf *name)
{
	const struct account *a = NULL;
	unsigned char ha1[DIGEST_SHA256_LEN];
	struct buf text;
	size_t colon;

	buf_init(&text, NTLM_TOKEN_MAX);
	if (base64_decode(base64, &text) == E_OK && (colon = str_find(buf_str(&text), ':', 0)) < text.len) {
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

const struct account *web_auth_check(struct lync *l, const struct web_credentials *c, struct buf *challenges)
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
		if (throttle_check(l->cfg.throttle, person(buf_str(&name)), c->peer, clk_ms(), &wait_ms) != THROTTLE_PASS)
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
