/* Names on the wire and the accounts they stand for. */
#include <string.h>

#include "codec/date.h"
#include "sip/forward.h"
#include "sip/route.h"
#include "simple/simple_int.h"

static const struct account *find_enabled(const struct simple *s, struct str name)
{
	const struct account *a = directory_find(s->cfg.directory, name);

	return a != NULL && a->enabled ? a : NULL;
}

const struct account *simple_account_of(const struct simple *s, const struct uri *u)
{
	const struct account *a = NULL;
	endpoint_id id;
	struct buf name;

	if (!uri_is_sip(u) || u->user.len == 0)
		return NULL;
	if (sip_gruu_is(u) && sip_gruu_instance(u).len == 0 &&
	    sip_gruu_temp_decode(sip_stack_secret(s->cfg.stack), u->user, &id) == E_OK) {
		const struct endpoint *e = registrar_get(s->cfg.registrar, id);

		a = e == NULL ? NULL : directory_get(s->cfg.directory, e->account);
		return a != NULL && a->enabled ? a : NULL;
	}
	if (str_find(u->user, '%', 0) == u->user.len) /* the common case, for every request */
		return find_enabled(s, u->user);
	buf_init(&name, URI_MAX);
	uri_unescape(&name, u->user);
	if (buf_err(&name) == E_OK)
		a = find_enabled(s, buf_str(&name));
	buf_fini(&name);
	return a;
}

const struct account *simple_target_of(const struct simple *s, struct sip_txn *t, int *code_out)
{
	const struct account *a = NULL;

	*code_out = 404;
	switch (sip_forward_next(t).kind) {
	case SIP_NEXT_LOCAL:
		a = simple_account_of(s, &sip_txn_msg(t)->ruri_uri);
		break;
	case SIP_NEXT_FORGED:
		*code_out = 403;
		break;
	case SIP_NEXT_FLOW:
	case SIP_NEXT_ROUTE:
	case SIP_NEXT_FOREIGN: /* one domain, no federation */
		break;
	}
	return a;
}

void simple_aor(const struct simple *s, const struct account *a, struct buf *out)
{
	uri_encode_aor(out, a->name, sip_stack_domain(s->cfg.stack));
}

void simple_name_addr(const struct simple *s, const struct account *a, struct buf *out)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	simple_aor(s, a, &uri);
	sip_addr_encode(out, a->display, buf_str(&uri));
	buf_fini(&uri);
}

void simple_date_line(int64_t wall_ms, struct buf *out)
{
	char text[DATE_SIP_CAP];

	date_sip_encode(wall_ms / 1000, text);
	buf_addz(out, "Date: ");
	buf_addz(out, text);
	buf_addz(out, "\r\n");
}
