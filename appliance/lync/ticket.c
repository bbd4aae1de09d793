#include "lync/ticket.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/rand.h"
#include "codec/base64.h"
#include "codec/date.h"
#include "codec/xmlw.h"
#include "crypto/digest.h"
#include "crypto/token.h"

#include "lync/dsk_keys.h"

#define TRUST "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define UTILITY "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"

enum { ENTROPY_LEN = 32 };

struct lync_tickets {
	struct map by_id;
	struct list list;
};

struct lync_tickets *lync_tickets_new(void)
{
	struct lync_tickets *ts = xcalloc(1, sizeof(*ts));

	map_init(&ts->by_id);
	list_init(&ts->list);
	return ts;
}

static void ticket_free(struct lync_tickets *ts, struct lync_ticket *t)
{
	map_del(&ts->by_id, &t->by_id);
	list_del(&t->node);
	str_free(&t->id);
	mem_wipe(t->key, sizeof(t->key));
	free(t);
}

void lync_tickets_free(struct lync_tickets **tp)
{
	struct lync_tickets *ts = *tp;

	*tp = NULL;
	if (ts == NULL)
		return;
	LIST_EACH (&ts->list, n)
		ticket_free(ts, LIST_ITEM(n, struct lync_ticket, node));
	map_fini(&ts->by_id);
	free(ts);
}

void lync_tickets_forget(struct lync *l, account_id account)
{
	LIST_EACH (&l->tickets->list, n) {
		struct lync_ticket *t = LIST_ITEM(n, struct lync_ticket, node);

		if (t->account == account)
			ticket_free(l->tickets, t);
	}
}

/* All live equally long, so the oldest are the first to end. */
static void make_room(struct lync_tickets *ts)
{
	while (!list_is_empty(&ts->list)) {
		struct lync_ticket *t = LIST_ITEM(ts->list.next, struct lync_ticket, node);

		if (t->expires_ms > clk_ms() && ts->by_id.count < LYNC_TICKETS_MAX)
			break;
		ticket_free(ts, t);
	}
}

static struct lync_ticket *ticket_make(struct lync *l, account_id account,
				       struct str client_entropy, struct str server_entropy)
{
	struct lync_ticket *t = xcalloc(1, sizeof(*t));
	char id[TOKEN_CAP];
	struct buf b;

	make_room(l->tickets);
	token_make(id);
	buf_init(&b, 128);
	buf_addf(&b, "SamlSecurityToken-%s", id);
	t->id = str_dup(buf_str(&b));
	buf_fini(&b);
	t->account = account;
	t->expires_ms = clk_ms() + LYNC_TICKET_MS;
	dsk_p_sha1(client_entropy, server_entropy, t->key, sizeof(t->key));
	map_put(&l->tickets->by_id, &t->by_id, t->id);
	list_push_back(&l->tickets->list, &t->node);
	return t;
}

/* --- issuing --- */

/* "2026-11-22T23:47:27Z" */
static void time_text(int64_t wall_ms, struct buf *out)
{
	char text[DATE_ISO_CAP];

	date_iso_encode(wall_ms, text);
	buf_add(out, str_n(text, 19));
	buf_addc(out, 'Z');
}

struct times {
	struct buf now, until;
};

/* Self-contained: clients copy it as text. */
static void write_assertion(struct lync *l, struct xmlw *w, const struct lync_ticket *t,
			    struct str subject, const struct times *when)
{
	struct buf issuer;

	buf_init(&issuer, URI_MAX);
	buf_addf(&issuer, "https://%.*s/", STR_ARG(sip_stack_host(l->cfg.stack)));
	xmlw_start(w, "saml:Assertion");
	xmlw_attrz(w, "MajorVersion", "1");
	xmlw_attrz(w, "MinorVersion", "1");
	xmlw_attr(w, "AssertionID", t->id);
	xmlw_attr(w, "Issuer", buf_str(&issuer));
	xmlw_attr(w, "IssueInstant", buf_str(&when->now));
	xmlw_attrz(w, "xmlns:saml", "urn:oasis:names:tc:SAML:1.0:assertion");
	xmlw_start(w, "saml:Conditions");
	xmlw_attr(w, "NotBefore", buf_str(&when->now));
	xmlw_attr(w, "NotOnOrAfter", buf_str(&when->until));
	xmlw_start(w, "saml:AudienceRestrictionCondition");
	xmlw_elem(w, "saml:Audience", buf_str(&issuer));
	xmlw_end(w);
	xmlw_end(w);
	xmlw_start(w, "saml:AuthenticationStatement");
	xmlw_attrz(w, "AuthenticationMethod", "urn:oasis:names:tc:SAML:1.0:am:unspecified");
	xmlw_attr(w, "AuthenticationInstant", buf_str(&when->now));
	xmlw_start(w, "saml:Subject");
	xmlw_start(w, "saml:NameIdentifier");
	xmlw_attrz(w, "Format", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uri");
	xmlw_text(w, subject);
	for (int i = 0; i < 4; i++)
		xmlw_end(w);
	buf_fini(&issuer);
}

static void write_time(struct xmlw *w, const char *name, struct str text)
{
	xmlw_start(w, name);
	xmlw_attrz(w, "xmlns:wsu", UTILITY); /* clients take the text out of its place */
	xmlw_text(w, text);
	xmlw_end(w);
}

static void write_answer(struct lync *l, struct buf *out, const struct lync_ticket *t,
			 struct str subject, struct str context, struct str entropy)
{
	struct times when;
	struct xmlw w;

	buf_init(&when.now, 64);
	buf_init(&when.until, 64);
	time_text(clk_wall_ms(), &when.now);
	time_text(clk_wall_ms() + LYNC_TICKET_MS, &when.until);
	xmlw_init(&w, out);
	xmlw_start(&w, "s:Envelope");
	xmlw_attrz(&w, "xmlns:s", "http://schemas.xmlsoap.org/soap/envelope/");
	xmlw_start(&w, "s:Body");
	xmlw_start(&w, "RequestSecurityTokenResponseCollection");
	xmlw_attrz(&w, "xmlns", TRUST);
	xmlw_start(&w, "RequestSecurityTokenResponse");
	if (context.len > 0)
		xmlw_attr(&w, "Context", context);
	xmlw_elemz(&w, "TokenType",
		   "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1");
	xmlw_start(&w, "RequestedSecurityToken");
	write_assertion(l, &w, t, subject, &when);
	xmlw_end(&w);
	xmlw_start(&w, "RequestedProofToken");
	xmlw_elemz(&w, "ComputedKey", TRUST "/CK/PSHA1");
	xmlw_end(&w);
	xmlw_start(&w, "Lifetime");
	write_time(&w, "wsu:Created", buf_str(&when.now));
	write_time(&w, "wsu:Expires", buf_str(&when.until));
	xmlw_end(&w);
	xmlw_start(&w, "Entropy");
	xmlw_elem(&w, "BinarySecret", entropy);
	xmlw_end_all(&w);
	buf_fini(&when.now);
	buf_fini(&when.until);
}

/* The identity asked for, if one is, is the one that has shown its password. */
static bool is_own_claim(struct lync *l, const struct account *a, const struct xml_node *request)
{
	struct str claim = xml_text(xml_find(xml_find(request, NULL, "Claims"), NULL, "Value"));
	struct uri u;

	if (claim.len == 0)
		return true;
	return uri_decode(claim, &u) == E_OK && lync_account_of(l, &u) == a;
}

/* A ticket nobody will sign with needs no secret of the client's. */
static bool is_for_bearer(const struct xml_node *request)
{
	return str_ends(xml_text(xml_find(request, NULL, "KeyType")), STR("/Bearer"));
}

enum err lync_ticket_issue(struct lync *l, const struct account *a, const struct xml_node *request,
			   struct buf *answer_out)
{
	unsigned char server[ENTROPY_LEN];
	struct buf client, text, subject;
	struct lync_ticket *t;
	enum err err;

	if (!is_own_claim(l, a, request))
		return E_DENIED;
	buf_init(&client, 1024);
	err = base64_decode_folded(xml_text(xml_find(request, NULL, "BinarySecret")), &client);
	if (err == E_OK && client.len == 0 && !is_for_bearer(request))
		err = E_BAD;
	if (err == E_OK) {
		buf_init(&text, 128);
		buf_init(&subject, URI_MAX);
		rand_bytes(server, sizeof(server));
		base64_encode(&text, str_n(server, sizeof(server)));
		lync_aor(l, a, &subject);
		t = ticket_make(l, a->id, buf_str(&client), str_n(server, sizeof(server)));
		write_answer(l, answer_out, t, buf_str(&subject), xml_attr(request, "Context"),
			     buf_str(&text));
		err = buf_err(answer_out);
		buf_fini(&subject);
		buf_fini(&text);
		mem_wipe(server, sizeof(server));
	}
	buf_fini(&client);
	return err;
}

/* --- checking --- */

static bool is_base64_of(const unsigned char *bytes, size_t len, struct str text)
{
	struct buf b;
	bool is;

	buf_init(&b, 128);
	base64_encode(&b, str_n(bytes, len));
	is = token_eq(buf_str(&b), text);
	buf_fini(&b);
	return is;
}

/* Both parts are canonical as pidgin-sipe sends them, so their bytes are what was signed. */
static bool is_signed(const struct lync_ticket *t, const struct xml_node *security)
{
	const struct xml_node *stamp = xml_child(security, NULL, "Timestamp"),
			      *info = xml_find(security, NULL, "SignedInfo");
	unsigned char sha1[DIGEST_SHA1_LEN];

	if (stamp == NULL || info == NULL)
		return false;
	digest_sha1(stamp->raw, sha1);
	if (!is_base64_of(sha1, sizeof(sha1), xml_text(xml_find(info, NULL, "DigestValue"))))
		return false;
	digest_hmac(DIGEST_SHA1, str_n(t->key, sizeof(t->key)), info->raw, sha1);
	return is_base64_of(sha1, sizeof(sha1),
			    xml_text(xml_find(security, NULL, "SignatureValue")));
}

static struct lync_ticket *find(const struct lync *l, struct str id)
{
	struct map_node *n = id.len == 0 ? NULL : map_get(&l->tickets->by_id, id);
	struct lync_ticket *t = n == NULL ? NULL : CONTAINER_OF(n, struct lync_ticket, by_id);

	return t == NULL || t->expires_ms <= clk_ms() ? NULL : t;
}

static const struct xml_node *security_of(const struct xml_node *envelope)
{
	return xml_child(xml_child(envelope, NULL, "Header"), NULL, "Security");
}

enum err lync_ticket_check(struct lync *l, const struct xml_node *envelope,
			   const struct lync_ticket **out)
{
	const struct xml_node *security = security_of(envelope);
	struct lync_ticket *t = find(
		l, xml_attr(xml_child(security, NULL, "Assertion"), "AssertionID"));

	if (t == NULL || !is_signed(t, security))
		return E_AUTH;
	*out = t;
	return E_OK;
}

const struct account *lync_ticket_bearer(struct lync *l, const struct xml_node *assertion)
{
	const struct lync_ticket *t = find(l, xml_attr(assertion, "AssertionID"));
	const struct account *a = t == NULL ? NULL : directory_get(l->cfg.directory, t->account);

	return a == NULL || !a->enabled ? NULL : a;
}

const struct account *lync_ticket_bearer_of(struct lync *l, const struct xml_node *envelope)
{
	return lync_ticket_bearer(l, xml_child(security_of(envelope), NULL, "Assertion"));
}
