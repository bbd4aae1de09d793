#include "sip/dialog.h"

#include <assert.h>

#include "base/limits.h"
#include "base/mem.h"

static struct str make_key(struct buf *b, struct str call_id, struct str local_tag, struct str remote_tag,
                           conn_id conn)
{
	buf_add(b, str_n(&conn, sizeof(conn)));
	buf_add(b, call_id);
	buf_addc(b, '\n');
	buf_add(b, local_tag);
	buf_addc(b, '\n');
	buf_add(b, remote_tag);
	return buf_str(b);
}

static void set_key(struct sip_dialog *d)
{
	struct buf b;

	buf_init(&b, SIP_HEAD_MAX);
	str_free(&d->key);
	d->key = str_dup(make_key(&b, d->call_id, d->local_tag, d->remote_tag, d->conn));
	buf_fini(&b);
}

static void replace(struct str *owned, struct str s)
{
	struct str copy = str_dup(s);

	str_free(owned);
	*owned = copy;
}

static struct str dup_buf(struct buf *b)
{
	struct str s = str_dup(buf_str(b));

	buf_fini(b);
	return s;
}

/* The route set as Route lines: the UAS takes Record-Route in order, the UAC in reverse. */
static enum err take_routes(struct sip_dialog *d, struct sip_msg *m, bool reversed)
{
	struct sip_addr_list l;
	struct buf b;
	enum err e = sip_msg_addrs(m, SIP_HDR_RECORD_ROUTE, &l);

	if (e != E_OK)
		return e;
	buf_init(&b, SIP_HEAD_MAX);
	for (size_t i = 0; i < l.len; i++) {
		buf_addz(&b, "Route: ");
		buf_add(&b, l.v[reversed ? l.len - 1 - i : i].text);
		buf_addz(&b, "\r\n");
	}
	e = buf_err(&b);
	d->route_lines = dup_buf(&b);
	return e;
}

/* pidgin-sipe and RFC 2543 peers may leave Contact out: then the peer's own address stands in. */
static struct str target_of(const struct sip_msg *m, const struct sip_addr *peer)
{
	return m->contact.len > 0 && !m->contact.v[0].is_star ? m->contact.v[0].uri : peer->uri;
}

enum err sip_dialog_init_uas(struct sip_dialog *d, struct sip_msg *req, struct str local_tag, conn_id conn)
{
	struct sip_dialog n = { .conn = conn };
	struct buf b;
	enum err e = take_routes(&n, req, false);

	if (e != E_OK) {
		str_free(&n.route_lines);
		return e;
	}
	buf_init(&b, SIP_HEAD_MAX);
	buf_add(&b, req->to.text);
	if (req->to.tag.p == NULL) {
		buf_addz(&b, ";tag=");
		buf_add(&b, local_tag);
	}
	n.local = dup_buf(&b);
	n.remote = str_dup(req->from.text);
	n.call_id = str_dup(req->call_id);
	n.local_tag = str_dup(local_tag);
	n.remote_tag = str_dup(req->from.tag);
	n.remote_target = str_dup(target_of(req, &req->from));
	n.remote_cseq = req->cseq;
	n.has_remote_cseq = true;
	set_key(&n);
	*d = n;
	return E_OK;
}

enum err sip_dialog_init_uac(struct sip_dialog *d, struct sip_msg *resp, uint32_t local_cseq, conn_id conn)
{
	struct sip_dialog n = { .conn = conn, .local_cseq = local_cseq };
	enum err e = take_routes(&n, resp, true);

	if (e != E_OK) {
		str_free(&n.route_lines);
		return e;
	}
	n.local = str_dup(resp->from.text);
	n.remote = str_dup(resp->to.text);
	n.call_id = str_dup(resp->call_id);
	n.local_tag = str_dup(resp->from.tag);
	n.remote_tag = str_dup(resp->to.tag);
	n.remote_target = str_dup(target_of(resp, &resp->to));
	set_key(&n);
	*d = n;
	return E_OK;
}

void sip_dialog_fini(struct sip_dialog *d)
{
	struct str *owned[] = { &d->key,    &d->call_id,       &d->local_tag,   &d->remote_tag, &d->local,
		                &d->remote, &d->remote_target, &d->route_lines };

	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		str_free(owned[i]);
}

static bool refreshes_target(enum sip_method m)
{
	return m == SIP_METHOD_INVITE || m == SIP_METHOD_UPDATE || m == SIP_METHOD_SUBSCRIBE ||
	       m == SIP_METHOD_NOTIFY || m == SIP_METHOD_REFER;
}

enum err sip_dialog_on_request(struct sip_dialog *d, const struct sip_msg *req)
{
	bool counts = req->method_id != SIP_METHOD_ACK && req->method_id != SIP_METHOD_CANCEL;

	if (counts && d->has_remote_cseq && req->cseq <= d->remote_cseq)
		return E_STALE;
	if (counts) {
		d->remote_cseq = req->cseq;
		d->has_remote_cseq = true;
	}
	if (refreshes_target(req->method_id) && req->contact.len > 0 && !req->contact.v[0].is_star)
		replace(&d->remote_target, req->contact.v[0].uri);
	return E_OK;
}

void sip_dialog_request(struct sip_dialog *d, struct str method, struct str extra, struct buf *scratch,
                        struct sip_out *out)
{
	if (!str_eqz(method, "ACK") && !str_eqz(method, "CANCEL"))
		d->local_cseq++;
	buf_reset(scratch);
	buf_add(scratch, d->route_lines);
	buf_add(scratch, extra);
	out->conn = d->conn;
	out->method = method;
	out->uri = d->remote_target;
	out->from = d->local;
	out->to = d->remote;
	out->call_id = d->call_id;
	out->cseq = d->local_cseq;
	out->extra_headers = buf_str(scratch);
}

void sip_dialogs_init(struct sip_dialogs *x)
{
	map_init(&x->map);
}

void sip_dialogs_fini(struct sip_dialogs *x)
{
	assert(x->map.count == 0); /* the owners take theirs out first */
	map_fini(&x->map);
}

void sip_dialogs_put(struct sip_dialogs *x, struct sip_dialog *d)
{
	map_put(&x->map, &d->node, d->key);
}

void sip_dialogs_del(struct sip_dialogs *x, struct sip_dialog *d)
{
	map_del(&x->map, &d->node);
}

void sip_dialogs_move(struct sip_dialogs *x, struct sip_dialog *d, conn_id conn)
{
	map_del(&x->map, &d->node);
	d->conn = conn;
	set_key(d);
	map_put(&x->map, &d->node, d->key);
}

struct sip_dialog *sip_dialogs_get(const struct sip_dialogs *x, const struct sip_msg *req, conn_id conn)
{
	struct map_node *n;
	struct buf b;

	if (req->to.tag.p == NULL)
		return NULL;
	buf_init(&b, SIP_HEAD_MAX);
	n = map_get(&x->map, make_key(&b, req->call_id, req->to.tag, req->from.tag, conn));
	buf_fini(&b);
	return n == NULL ? NULL : CONTAINER_OF(n, struct sip_dialog, node);
}
