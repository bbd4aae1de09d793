#include "sip/build.h"

#include "sip/stack.h"

static void line(struct buf *b, struct str name, struct str value)
{
	buf_add(b, name);
	buf_add(b, STR(": "));
	buf_add(b, value);
	buf_add(b, STR("\r\n"));
}

void sip_build_header(struct buf *b, const char *name, struct str value)
{
	buf_addz(b, name);
	buf_add(b, STR(": "));
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.p[i];

		buf_addc(b, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
	buf_add(b, STR("\r\n"));
}

static void body(struct buf *b, struct str content_type, struct str bytes)
{
	if (content_type.len > 0)
		line(b, STR("Content-Type"), content_type);
	buf_add(b, STR("Content-Length: "));
	buf_add_u64(b, bytes.len);
	buf_add(b, STR("\r\n\r\n"));
	buf_add(b, bytes);
}

/* All values of one header, in order, each under the long name. */
static void copy_all(struct buf *b, const struct sip_msg *m, enum sip_hdr_id id)
{
	for (const struct sip_hdr *h = sip_msg_first(m, id); h != NULL; h = sip_msg_next(m, h))
		line(b, sip_hdr_name(id), h->value);
}

void sip_build_vias(struct buf *b, const struct sip_msg *req, const struct addr *peer)
{
	const struct sip_hdr *h = sip_msg_first(req, SIP_HDR_VIA);

	if (req->via.text.p == NULL) { /* could not be read: it goes back as it came */
		copy_all(b, req, SIP_HDR_VIA);
		return;
	}
	buf_add(b, STR("Via: "));
	sip_via_encode_received(b, &req->via, peer);
	buf_add(b,
		str_n(req->via.text.p + req->via.text.len,
		      (size_t)(h->value.p + h->value.len - req->via.text.p) - req->via.text.len));
	buf_add(b, STR("\r\n"));
	while ((h = sip_msg_next(req, h)) != NULL)
		line(b, STR("Via"), h->value);
}

static void status_line(struct buf *b, int code, struct str reason)
{
	buf_add(b, STR("SIP/2.0 "));
	buf_add_u64(b, (uint64_t)code);
	buf_addc(b, ' ');
	if (reason.len > 0)
		buf_add(b, reason);
	else
		buf_addz(b, sip_reason(code));
	buf_add(b, STR("\r\n"));
}

/* Lets the connection's dialect sign.  from and to are places in b, which does not move meanwhile. */
static void finish(struct buf *b, struct sip_finishing *f)
{
	struct buf lines;

	if (f->conn == NULL || f->conn->finisher.fn == NULL || buf_err(b) != E_OK)
		return;
	buf_init(&lines, SIP_HEAD_MAX);
	f->conn->finisher.fn(f->conn->finisher.arg, f, &lines);
	if (buf_err(&lines) == E_OK)
		buf_add(b, buf_str(&lines));
	buf_fini(&lines);
}

void sip_build_response(struct buf *b, const struct sip_msg *req, const struct sip_response *r)
{
	size_t to_at, to_len;

	status_line(b, r->code, r->reason);
	sip_build_vias(b, req, r->peer);
	if (r->code > 100 && r->code < 300)
		copy_all(b, req, SIP_HDR_RECORD_ROUTE);
	line(b, STR("From"), sip_msg_get(req, SIP_HDR_FROM));
	buf_add(b, STR("To: "));
	to_at = b->len;
	buf_add(b, sip_msg_get(req, SIP_HDR_TO));
	if (r->code > 100 && req->to.uri.p != NULL && req->to.tag.p == NULL && r->to_tag.len > 0) {
		buf_add(b, STR(";tag="));
		buf_add(b, r->to_tag);
	}
	to_len = b->len - to_at;
	buf_add(b, STR("\r\n"));
	line(b, STR("Call-ID"), sip_msg_get(req, SIP_HDR_CALL_ID));
	line(b, STR("CSeq"), sip_msg_get(req, SIP_HDR_CSEQ));
	buf_add(b, r->extra_headers);
	if (r->code >= 200)
		finish(b, &(struct sip_finishing){
				  .conn = r->conn,
				  .status = r->code,
				  .method = req->cseq_method,
				  .from = sip_msg_get(req, SIP_HDR_FROM),
				  .to = str_sub(buf_str(b), to_at, to_at + to_len),
				  .call_id = sip_msg_get(req, SIP_HDR_CALL_ID),
				  .cseq = req->cseq,
				  .headers = r->extra_headers,
				  .account = r->account,
			  });
	body(b, r->content_type, r->body);
}

/* What this hop writes anew, or what was between the other side and us only. */
static bool is_of_a_hop(enum sip_hdr_id id)
{
	return id == SIP_HDR_VIA || id == SIP_HDR_CONTENT_LENGTH || id == SIP_HDR_CONTENT_TYPE ||
	       id == SIP_HDR_AUTHENTICATION_INFO;
}

void sip_build_forwarded(struct buf *b, const struct sip_msg *req, const struct sip_msg *resp,
			 struct sip_conn *conn, uint64_t account, struct str extra_headers)
{
	size_t at;

	status_line(b, resp->status, resp->reason);
	sip_build_vias(b, req, &conn->info.peer);
	at = b->len;
	for (size_t i = 0; i < resp->hdr_count; i++) {
		const struct sip_hdr *h = &resp->hdr[i];

		if (!is_of_a_hop(h->id))
			line(b, h->id == SIP_HDR_OTHER ? h->name : sip_hdr_name(h->id), h->value);
	}
	buf_add(b, extra_headers);
	if (resp->status >= 200)
		finish(b, &(struct sip_finishing){
				  .conn = conn,
				  .status = resp->status,
				  .method = resp->cseq_method,
				  .from = sip_msg_get(resp, SIP_HDR_FROM),
				  .to = sip_msg_get(resp, SIP_HDR_TO),
				  .call_id = resp->call_id,
				  .cseq = resp->cseq,
				  .headers = str_sub(buf_str(b), at, b->len),
				  .account = account,
			  });
	body(b, resp->content_type, resp->body);
}

void sip_build_request(struct buf *b, const struct sip_request *r)
{
	buf_add(b, r->method);
	buf_addc(b, ' ');
	buf_add(b, r->uri);
	buf_add(b, STR(" SIP/2.0\r\n"));
	line(b, STR("Via"), r->via);
	buf_add(b, STR("Max-Forwards: "));
	buf_add_u64(b, r->max_forwards);
	buf_add(b, STR("\r\n"));
	line(b, STR("From"), r->from);
	line(b, STR("To"), r->to);
	line(b, STR("Call-ID"), r->call_id);
	buf_add(b, STR("CSeq: "));
	buf_add_u64(b, r->cseq);
	buf_addc(b, ' ');
	buf_add(b, r->cseq_method.len > 0 ? r->cseq_method : r->method);
	buf_add(b, STR("\r\n"));
	buf_add(b, r->extra_headers);
	finish(b, &(struct sip_finishing){
			  .conn = r->conn,
			  .method = r->cseq_method.len > 0 ? r->cseq_method : r->method,
			  .from = r->from,
			  .to = r->to,
			  .call_id = r->call_id,
			  .cseq = r->cseq,
			  .headers = r->extra_headers,
		  });
	body(b, r->content_type, r->body);
}
