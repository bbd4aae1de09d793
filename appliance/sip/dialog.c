#include "sip/dialog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"

static struct str make_key(struct buf *b, struct str call_id, struct str local_tag,
			   struct str remote_tag, conn_id conn)
{
	buf_add(b, str_n(&conn, sizeof(conn)));
	buf_add(b, call_id);
	buf_addc(b, '\n');
	buf_add(b, local_tag);
	buf_addc(b, '\n');
	buf_add(b, remote_tag);
	return buf_str(b);
}

/* Copies every string d's views name into one new block, and frees the old one. */
static void pack(struct sip_dialog *d)
{
	struct str *rest[] = { &d->local, &d->remote, &d->remote_target, &d->route_lines };
	size_t call_id = d->call_id.len, local_tag = d->local_tag.len;
	struct buf b;
	size_t from[ARRAY_LEN(rest)];
	char *old = d->block;

	buf_init(&b, 4 * SIP_HEAD_MAX);
	d->key.len = make_key(&b, d->call_id, d->local_tag, d->remote_tag, d->conn).len;
	for (size_t i = 0; i < ARRAY_LEN(rest); i++) {
		from[i] = b.len;
		buf_add(&b, *rest[i]);
	}
	/* shrinking the buf's own would leave a hole behind each dialog */
	d->block = xmalloc(b.len);
	memcpy(d->block, b.p, b.len);
	buf_fini(&b);
	d->key.p = d->block;
	d->call_id = str_n(d->block + sizeof(d->conn), call_id);
	d->local_tag = str_n(d->call_id.p + call_id + 1, local_tag);
	d->remote_tag = str_n(d->local_tag.p + local_tag + 1, d->remote_tag.len);
	for (size_t i = 0; i < ARRAY_LEN(rest); i++)
		rest[i]->p = d->block + from[i];
	free(old);
}

/* The route set as Route lines: the UAS takes Record-Route in order, the UAC in reverse. */
static enum err add_routes(struct buf *b, struct sip_msg *m, bool reversed)
{
	struct sip_addr_list l;
	enum err e = sip_msg_addrs(m, SIP_HDR_RECORD_ROUTE, &l);

	for (size_t i = 0; e == E_OK && i < l.len; i++) {
		buf_addz(b, "Route: ");
		buf_add(b, l.v[reversed ? l.len - 1 - i : i].text);
		buf_addz(b, "\r\n");
	}
	return e != E_OK ? e : buf_err(b);
}

/* pidgin-sipe and RFC 2543 peers may leave Contact out: then the peer's own address stands in. */
static struct str target_of(const struct sip_msg *m, const struct sip_addr *peer)
{
	return m->contact.len > 0 && !m->contact.v[0].is_star ? m->contact.v[0].uri : peer->uri;
}

enum err sip_dialog_init_uas(struct sip_dialog *d, struct sip_msg *req, struct str local_tag,
			     conn_id conn)
{
	struct sip_dialog n = { .conn = conn };
	struct buf routes, local;
	enum err e;

	buf_init(&routes, SIP_HEAD_MAX);
	buf_init(&local, SIP_HEAD_MAX);
	e = add_routes(&routes, req, false);
	buf_add(&local, req->to.text);
	if (req->to.tag.p == NULL) {
		buf_addz(&local, ";tag=");
		buf_add(&local, local_tag);
	}
	if (e == E_OK)
		e = buf_err(&local);
	if (e == E_OK) {
		n.route_lines = buf_str(&routes);
		n.local = buf_str(&local);
		n.remote = req->from.text;
		n.call_id = req->call_id;
		n.local_tag = local_tag;
		n.remote_tag = req->from.tag;
		n.remote_target = target_of(req, &req->from);
		n.remote_cseq = req->cseq;
		n.has_remote_cseq = true;
		pack(&n);
		*d = n;
	}
	buf_fini(&routes);
	buf_fini(&local);
	return e;
}

enum err sip_dialog_init_uac(struct sip_dialog *d, struct sip_msg *resp, uint32_t local_cseq,
			     conn_id conn)
{
	struct sip_dialog n = { .conn = conn, .local_cseq = local_cseq };
	struct buf routes;
	enum err e;

	buf_init(&routes, SIP_HEAD_MAX);
	e = add_routes(&routes, resp, true);
	if (e == E_OK) {
		n.route_lines = buf_str(&routes);
		n.local = resp->from.text;
		n.remote = resp->to.text;
		n.call_id = resp->call_id;
		n.local_tag = resp->from.tag;
		n.remote_tag = resp->to.tag;
		n.remote_target = target_of(resp, &resp->to);
		pack(&n);
		*d = n;
	}
	buf_fini(&routes);
	return e;
}

void sip_dialog_fini(struct sip_dialog *d)
{
	free(d->block);
	*d = (struct sip_dialog){ 0 };
}

/* The block moves, and with it the key that an index may have borrowed: same bytes, so the node is only
 * pointed at them. */
static void set_target(struct sip_dialog *d, struct str uri)
{
	d->remote_target = uri;
	pack(d);
	if (d->node.key.p != NULL)
		d->node.key = d->key;
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
	if (refreshes_target(req->method_id) && req->contact.len > 0 &&
	    !req->contact.v[0].is_star && !str_eq(d->remote_target, req->contact.v[0].uri))
		set_target(d, req->contact.v[0].uri);
	return E_OK;
}

void sip_dialog_request(struct sip_dialog *d, struct str method, struct str extra,
			struct buf *scratch, struct sip_out *out)
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
	pack(d);
	map_put(&x->map, &d->node, d->key);
}

struct sip_dialog *sip_dialogs_get(const struct sip_dialogs *x, const struct sip_msg *req,
				   conn_id conn)
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
