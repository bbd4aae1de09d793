/* SOAP in SERVICE ([MS-SIP] 3.2, 9.3): changes of the contact list, and the directory search.
 *
 * pidgin-sipe counts its deltaNum up when it asks, whatever the answer, so a number
 * that does not fit is no reason to refuse: the last writer wins, and everybody is
 * told what the list is now. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "directory/roster.h"

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

/* "1 3 7" as bits; what is no group id counts for nothing. */
static uint64_t read_groups(struct str text)
{
	uint64_t bits = 0;
	uint32_t id;

	while (text.p != NULL)
		if (num_u32(str_cut(&text, ' '), 1, GROUP_DEPARTMENT, &id) == E_OK)
			bits |= group_bit(id);
	return bits;
}

static enum err read_group_id(const struct xml_node *n, roster_group_id *out)
{
	return num_u32(xml_child_text(n, NULL, "groupID"), 1, GROUP_DEPARTMENT, out);
}

/* false: no such operation. */
static bool read_op(const struct xml_node *n, struct roster_op *op, enum err *err_out)
{
	const struct xml_node *extension = xml_child(n, NULL, "contactExtension");

	*err_out = E_OK;
	op->name = xml_child_text(n, NULL, "name");
	op->external = xml_child_text(n, NULL, "externalURI");
	op->uri = xml_child_text(n, NULL, "URI");
	if (xml_is(n, NULL, "setContact")) {
		op->kind = ROSTER_PUT_CONTACT;
		op->name = xml_child_text(n, NULL, "displayName");
		op->groups = read_groups(xml_child_text(n, NULL, "groups"));
		op->is_subscribed = !str_ieqz(xml_child_text(n, NULL, "subscribed"), "false");
		op->extension = extension == NULL ? STR("") : extension->inner;
	} else if (xml_is(n, NULL, "deleteContact")) {
		op->kind = ROSTER_REMOVE_CONTACT;
	} else if (xml_is(n, NULL, "addGroup")) {
		op->kind = ROSTER_ADD_GROUP; /* a groupID in it means nothing */
	} else if (xml_is(n, NULL, "modifyGroup")) {
		op->kind = ROSTER_CHANGE_GROUP;
		*err_out = read_group_id(n, &op->group);
	} else if (xml_is(n, NULL, "deleteGroup")) {
		op->kind = ROSTER_REMOVE_GROUP;
		*err_out = read_group_id(n, &op->group);
	} else {
		return false;
	}
	return true;
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
	if (n == NULL || !read_op(n, &op, &err)) {
		lync_refuse(l, t, 501, 4013, "No such operation");
		return;
	}
	if (err != E_OK) {
		answer_error(l, sip_txn_id(t), E_NOTFOUND, true);
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
