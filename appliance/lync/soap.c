/* SOAP in SERVICE ([MS-SIP] 3.2, 9.3): changes of the contact list, and the directory search.
 *
 * pidgin-sipe counts its deltaNum up when it asks, whatever the answer, so a number
 * that does not fit is no reason to refuse: the last writer wins, and everybody is
 * told what the list is now. */
#include <stdlib.h>

#include "base/mem.h"
#include "directory/roster.h"

#include "lync/decode.h"
#include "lync/service.h"

#define WINRTC "http://schemas.microsoft.com/winrtc/2002/11/sip"

void lync_soap_start(struct xmlw *w, struct buf *b)
{
	xmlw_init(w, b);
	xmlw_start(w, "SOAP-ENV:Envelope");
	xmlw_attrz(w, "xmlns:SOAP-ENV", "http://schemas.xmlsoap.org/soap/envelope/");
	xmlw_attrz(w, "xmlns:m", WINRTC);
	xmlw_start(w, "SOAP-ENV:Body");
}

/* A change under way. */
struct pending {
	struct lync *lync;
	uint64_t txn;
	bool wants_group;
};

static void answer_group(struct lync *l, uint64_t txn, int64_t id)
{
	struct buf b, number;
	struct xmlw w;

	buf_init(&b, SIP_BODY_MAX);
	buf_init(&number, 32);
	buf_add_u64(&number, (uint64_t)id);
	lync_soap_start(&w, &b);
	xmlw_start(&w, "m:addGroup");
	xmlw_elem(&w, "m:groupID", buf_str(&number));
	xmlw_end_all(&w);
	sip_reply(l->cfg.stack, txn, 200, NULL, STR_NULL, LYNC_SOAP_TYPE, buf_str(&b));
	buf_fini(&number);
	buf_fini(&b);
}

static void answer_error(struct lync *l, uint64_t txn, enum err err, bool is_group)
{
	static const struct {
		enum err err;
		int code;
		const char *of_contact, *of_group;
	} table[] = {
		{ E_FULL, 403, "2007;reason=\"Too many contacts\"",
		  "2008;reason=\"Too many groups\"" },
		{ E_EXISTS, 409, "2015;reason=\"Duplicate\"",
		  "2015;reason=\"Duplicate group name\"" },
		{ E_TOOBIG, 413, "2009;reason=\"Too large\"", "2009;reason=\"Too large\"" },
		{ E_NOTFOUND, 404, "2001;reason=\"Contact or group does not exist\"",
		  "2002;reason=\"Group does not exist\"" },
		{ E_DENIED, 403, "2003;reason=\"Read-only\"", "2003;reason=\"Read-only\"" },
		{ E_BAD, 400, "4000;reason=\"Bad name or address\"", "4000;reason=\"Bad name\"" },
	};
	struct buf line;
	int code = 503;

	buf_init(&line, SIP_HEAD_MAX);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (table[i].err != err)
			continue;
		code = table[i].code;
		buf_addf(&line, "ms-diagnostics: %s\r\n",
			 is_group ? table[i].of_group : table[i].of_contact);
	}
	sip_reply(l->cfg.stack, txn, code, NULL, buf_str(&line), STR_NULL, STR_NULL);
	buf_fini(&line);
}

static void on_done(void *arg, enum err err, int64_t id)
{
	struct pending *p = arg;

	if (err == E_OK && p->wants_group)
		answer_group(p->lync, p->txn, id);
	else if (err == E_OK)
		sip_reply_code(p->lync->cfg.stack, p->txn, 200);
	else if (err != E_GONE) /* the server ends */
		answer_error(p->lync, p->txn, err, p->wants_group);
	free(p);
}

void lync_on_soap(struct lync *l, struct sip_txn *t, const struct xml_node *root)
{
	const struct xml_node *body = xml_child(root, NULL, "Body"),
			      *n = xml_child(body, NULL, NULL);
	struct roster_op op = { .uri = STR("") };
	struct pending *p;
	struct str uri;
	enum err err;

	if (xml_child(body, WINRTC, "directorySearch") != NULL) {
		lync_on_search(l, t, body);
		return;
	}
	if (n == NULL || !decode_contact_op(n, &op, &err)) {
		lync_refuse(l, t, 501, 4013, "No such operation");
		return;
	}
	if (err != E_OK) {
		answer_error(l, sip_txn_id(t), err, err == E_NOTFOUND);
		return;
	}
	p = xcalloc(1, sizeof(*p));
	*p = (struct pending){ .lync = l,
			       .txn = sip_txn_id(t),
			       .wants_group = op.kind == ROSTER_ADD_GROUP };
	uri = str_dup_lower(op.uri);
	op.uri = uri;
	roster_change(l->cfg.directory, (account_id)sip_txn_account(t), ROSTER_ANY_VERSION, &op, 1,
		      on_done, p);
	str_free(&uri);
}
