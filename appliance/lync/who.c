/* Names on the wire and the accounts they stand for. */
#include "sip/build.h"

#include "lync/instance.h"
#include "lync/lync_int.h"

const struct account *lync_account_of(const struct lync *l, const struct uri *u)
{
	const struct account *a = NULL;
	struct buf name;

	if (!uri_is_sip(u) || u->user.len == 0 || !sip_stack_is_ours(l->cfg.stack, u))
		return NULL;
	buf_init(&name, URI_MAX);
	uri_unescape(&name, u->user);
	if (buf_err(&name) == E_OK)
		a = directory_find(l->cfg.directory, buf_str(&name));
	buf_fini(&name);
	return a;
}

/* The domain's first label, as Windows would abbreviate it, serves too: users type CONTOSO\alice. */
static bool is_domain_of_ours(const struct lync *l, struct str domain)
{
	struct str ours = sip_stack_domain(l->cfg.stack), label = ours;

	label = str_cut(&label, '.');
	return domain.len == 0 || str_ieq(domain, ours) || str_ieq(domain, label);
}

const struct account *lync_account_named(const struct lync *l, struct str domain, struct str user)
{
	struct str rest = user, name = str_cut(&rest, '@');

	if (!is_domain_of_ours(l, domain))
		return NULL;
	if (rest.p != NULL && (rest.len == 0 || !is_domain_of_ours(l, rest)))
		return NULL;
	return directory_find(l->cfg.directory, name);
}

bool lync_is_gruu_of(const struct lync *l, const struct uri *u, const struct endpoint *e)
{
	struct str opaque = uri_param(u, "opaque"), uuid = e->instance;
	char code[INSTANCE_CODE_LEN + 1];

	(void)l;
	if (str_istarts(uuid, STR("urn:uuid:")))
		uuid = str_sub(uuid, 9, uuid.len);
	return str_istarts(opaque, STR("user:epid:")) && instance_code(uuid, code) == E_OK &&
	       str_eqz(str_sub(opaque, 10, opaque.len), code);
}

void lync_aor(const struct lync *l, const struct account *a, struct buf *out)
{
	uri_encode_aor(out, a->name, sip_stack_domain(l->cfg.stack));
}

static void refuse(struct lync *l, struct sip_txn *t, int code, const char *name, unsigned id,
		   const char *reason)
{
	struct buf line;

	buf_init(&line, SIP_HEAD_MAX);
	buf_addf(&line, "%s: %u;reason=\"%s\"", name, id, reason);
	buf_addf(&line, ";source=\"%.*s\"\r\n", STR_ARG(sip_stack_host(l->cfg.stack)));
	sip_reply(l->cfg.stack, sip_txn_id(t), code, NULL, buf_str(&line), STR_NULL, STR_NULL);
	buf_fini(&line);
}

void lync_refuse(struct lync *l, struct sip_txn *t, int code, unsigned id, const char *reason)
{
	refuse(l, t, code, "ms-diagnostics", id, reason);
}

void lync_refuse_public(struct lync *l, struct sip_txn *t, int code, unsigned id,
			const char *reason)
{
	refuse(l, t, code, "ms-diagnostics-public", id, reason);
}
