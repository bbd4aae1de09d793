#include "sip/forward.h"

#include "sip/stack_int.h"

/* What the stack writes itself, or a proxy does not pass on. */
static bool is_rewritten(enum sip_hdr_id id)
{
	switch (id) {
	case SIP_HDR_VIA:
	case SIP_HDR_ROUTE:
	case SIP_HDR_FROM:
	case SIP_HDR_TO:
	case SIP_HDR_CALL_ID:
	case SIP_HDR_CSEQ:
	case SIP_HDR_MAX_FORWARDS:
	case SIP_HDR_CONTENT_TYPE:
	case SIP_HDR_CONTENT_LENGTH:
	case SIP_HDR_AUTHORIZATION: /* of this hop: we are the realm */
	case SIP_HDR_PROXY_AUTHORIZATION:
	case SIP_HDR_PROXY_REQUIRE:
		return true;
	default:
		return false;
	}
}

/* What only a server may assert (RFC 3325 9.1): a client's own word for it ends here. */
static bool is_assertion(const struct sip_hdr *h)
{
	return h->id == SIP_HDR_OTHER && (str_ieqz(h->name, "P-Asserted-Identity") ||
					  str_ieqz(h->name, "P-Preferred-Identity"));
}

static void copy_headers(struct buf *b, const struct sip_msg *m)
{
	for (size_t i = 0; i < m->hdr_count; i++) {
		const struct sip_hdr *h = &m->hdr[i];

		if (is_rewritten(h->id) || is_assertion(h))
			continue;
		buf_add(b, h->id == SIP_HDR_OTHER ? h->name : sip_hdr_name(h->id));
		buf_add(b, STR(": "));
		buf_add(b, h->value);
		buf_add(b, STR("\r\n"));
	}
}

/* One value per side, the callee's flow first: each end reads the set so that the last of ours it
 * meets names the other's connection (route.h). */
static void record_route(struct buf *b, const struct sip_stack *s, conn_id callee, conn_id caller)
{
	sip_stack_record_route(s, callee, b);
	sip_stack_record_route(s, caller, b);
}

enum err sip_forward_request(struct sip_txn *t, const struct sip_forward *f, struct buf *scratch,
			     struct sip_out *o)
{
	const struct sip_msg *m = t->msg;

	buf_reset(scratch);
	sip_build_vias(scratch, m, &t->flow->conn.info.peer);
	if (f->record_route)
		record_route(scratch, t->stack, f->conn, t->flow->conn.id);
	sip_route_lines(m, f->popped, scratch);
	buf_add(scratch, f->extra);
	copy_headers(scratch, m);
	*o = (struct sip_out){
		.conn = f->conn,
		.method = m->method,
		.uri = f->uri.len > 0 ? f->uri : m->ruri,
		.from = sip_msg_get(m, SIP_HDR_FROM),
		.to = sip_msg_get(m, SIP_HDR_TO),
		.call_id = m->call_id,
		.cseq = m->cseq,
		.max_forwards = m->max_forwards > 1 ? m->max_forwards - 1 : 1,
		.extra_headers = buf_str(scratch),
		.content_type = m->content_type,
		.body = m->body,
	};
	return buf_err(scratch);
}

struct sip_next_hop sip_forward_next(struct sip_txn *t)
{
	return sip_route_next(&t->stack->self, t->msg, &t->flow->conn.info.local);
}
