#include "sip/build.h"

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
	buf_add(b, str_n(req->via.text.p + req->via.text.len,
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

void sip_build_response(struct buf *b, const struct sip_msg *req, const struct sip_response *r)
{
	status_line(b, r->code, r->reason);
	sip_build_vias(b, req, r->peer);
	if (r->code > 100 && r->code < 300)
		copy_all(b, req, SIP_HDR_RECORD_ROUTE);
	line(b, STR("From"), sip_msg_get(req, SIP_HDR_FROM));
	buf_add(b, STR("To: "));
	buf_add(b, sip_msg_get(req, SIP_HDR_TO));
	if (r->code > 100 && req->to.uri.p != NULL && req->to.tag.p == NULL && r->to_tag.len > 0) {
		buf_add(b, STR(";tag="));
		buf_add(b, r->to_tag);
	}
	buf_add(b, STR("\r\n"));
	line(b, STR("Call-ID"), sip_msg_get(req, SIP_HDR_CALL_ID));
	line(b, STR("CSeq"), sip_msg_get(req, SIP_HDR_CSEQ));
	buf_add(b, r->extra_headers);
	body(b, r->content_type, r->body);
}

void sip_build_forwarded(struct buf *b, const struct sip_msg *req, const struct sip_msg *resp,
                         const struct addr *peer, struct str extra_headers)
{
	status_line(b, resp->status, resp->reason);
	sip_build_vias(b, req, peer);
	for (size_t i = 0; i < resp->hdr_count; i++) {
		const struct sip_hdr *h = &resp->hdr[i];

		if (h->id != SIP_HDR_VIA && h->id != SIP_HDR_CONTENT_LENGTH && h->id != SIP_HDR_CONTENT_TYPE)
			line(b, h->id == SIP_HDR_OTHER ? h->name : sip_hdr_name(h->id), h->value);
	}
	buf_add(b, extra_headers);
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
	body(b, r->content_type, r->body);
}
