#include "base/limits.h"
#include "base/num.h"

#include "sip/msg_int.h"
#include "sip/uri_lenient.h"

void sip_msg_check_ruri(struct sip_msg *m)
{
	/* Headers do not belong into a Request-URI (RFC 3261 19.1.1). */
	if (sip_uri_decode(m->ruri, &m->ruri_uri) != E_OK || m->ruri_uri.headers.len > 0)
		sip_msg_fault(m, 400, "Bad Request-URI", STR_NULL);
	else if (!uri_is_sip(&m->ruri_uri))
		sip_msg_fault(m, 416, "Unsupported URI Scheme", STR_NULL);
}

static void bad(struct sip_msg *m, enum sip_hdr_id id)
{
	sip_msg_fault(m, 400, "Bad", sip_hdr_name(id));
}

static bool need(struct sip_msg *m, enum sip_hdr_id id, struct str *value)
{
	*value = sip_msg_get(m, id);
	if (value->p == NULL)
		sip_msg_fault(m, 400, "Missing", sip_hdr_name(id));
	return value->p != NULL;
}

static void read_cseq(struct sip_msg *m, struct str value)
{
	struct sip_lex l = sip_lex_of(value);
	struct str digits;
	const char *gap;

	if (!sip_lex_digits(&l, &digits) ||
	    num_u32(digits, 0, INT32_MAX, &m->cseq) != E_OK) { /* 8.1.1.5: below 2^31 */
		bad(m, SIP_HDR_CSEQ);
		return;
	}
	gap = l.p;
	sip_lex_blank(&l);
	if (l.p == gap || !sip_lex_token(&l, &m->cseq_method) || !sip_lex_is_end(&l)) {
		bad(m, SIP_HDR_CSEQ);
		return;
	}
	if (!sip_msg_is_request(m)) {
		m->method = m->cseq_method;
		m->method_id = sip_method_of(m->method);
	} else if (!str_eq(m->method, m->cseq_method)) {
		bad(m, SIP_HDR_CSEQ);
	}
}

static void read_address(struct sip_msg *m, enum sip_hdr_id id, struct sip_addr *out)
{
	struct str value;

	if (!need(m, id, &value))
		return;
	if (sip_addr_decode(value, out) != E_OK || out->is_star)
		bad(m, id);
}

static void read_call_id(struct sip_msg *m)
{
	if (!need(m, SIP_HDR_CALL_ID, &m->call_id))
		return;
	for (size_t i = 0; i < m->call_id.len; i++)
		if ((unsigned char)m->call_id.p[i] <= 0x20) {
			bad(m, SIP_HDR_CALL_ID);
			return;
		}
	if (m->call_id.len == 0)
		bad(m, SIP_HDR_CALL_ID);
}

static void read_numbers(struct sip_msg *m)
{
	struct str v = sip_msg_get(m, SIP_HDR_MAX_FORWARDS);
	uint64_t length;

	if (v.p != NULL && num_u32(v, 0, 255, &m->max_forwards) != E_OK)
		bad(m, SIP_HDR_MAX_FORWARDS);
	v = sip_msg_get(m, SIP_HDR_EXPIRES);
	if (v.p != NULL) {
		m->has_expires = num_u32(v, 0, UINT32_MAX, &m->expires_s) == E_OK;
		if (!m->has_expires)
			bad(m, SIP_HDR_EXPIRES);
	}
	v = sip_msg_get(m, SIP_HDR_CONTENT_LENGTH);
	if (v.p != NULL && (num_u64(v, 0, UINT32_MAX, &length) != E_OK || length != m->body.len))
		bad(m, SIP_HDR_CONTENT_LENGTH);
}

static bool is_media_type(struct str v)
{
	struct sip_lex l = sip_lex_of(v);
	struct str token;

	if (!sip_lex_token(&l, &token) || !sip_lex_sep(&l, '/') || !sip_lex_token(&l, &token))
		return false;
	sip_lex_blank(&l);
	return sip_lex_is_end(&l) || *l.p == ';';
}

static void read_content(struct sip_msg *m)
{
	struct str v = sip_msg_get(m, SIP_HDR_CONTENT_TYPE);

	if (v.p != NULL && !is_media_type(v))
		bad(m, SIP_HDR_CONTENT_TYPE);
	m->content_type = v;
	m->content_encoding = sip_msg_get(m, SIP_HDR_CONTENT_ENCODING);
	if (v.p == NULL && m->body.len > 0 && sip_msg_is_request(m))
		sip_msg_fault(m, 400, "Missing", sip_hdr_name(SIP_HDR_CONTENT_TYPE)); /* 20.15 */
}

static void read_contacts(struct sip_msg *m)
{
	struct sip_addr_list *l = &m->contact;
	uint32_t n;

	if (m->first[SIP_HDR_CONTACT] != 0 && sip_msg_addrs(m, SIP_HDR_CONTACT, l) != E_OK) {
		bad(m, SIP_HDR_CONTACT);
		return;
	}
	for (size_t i = 0; i < l->len; i++) {
		struct str expires = sip_addr_param(&l->v[i], STR("expires"));

		if ((l->v[i].is_star && (l->len > 1 || m->method_id != SIP_METHOD_REGISTER)) ||
		    (expires.p != NULL && num_u32(expires, 0, UINT32_MAX, &n) != E_OK)) {
			bad(m, SIP_HDR_CONTACT);
			return;
		}
	}
}

void sip_msg_interpret(struct sip_msg *m)
{
	struct str v, rest;

	if (need(m, SIP_HDR_VIA, &v) &&
	    (sip_via_decode(v, &m->via, &rest) != E_OK || !str_eqz(m->via.version, "2.0")))
		bad(m, SIP_HDR_VIA);
	read_address(m, SIP_HDR_FROM, &m->from);
	read_address(m, SIP_HDR_TO, &m->to);
	read_call_id(m);
	if (need(m, SIP_HDR_CSEQ, &v))
		read_cseq(m, v);
	read_numbers(m);
	read_content(m);
	read_contacts(m);
	if (m->first[SIP_HDR_ROUTE] != 0 && sip_msg_addrs(m, SIP_HDR_ROUTE, &m->route) != E_OK)
		bad(m, SIP_HDR_ROUTE);
	m->user_agent = sip_msg_get(m, sip_msg_is_request(m) ? SIP_HDR_USER_AGENT : SIP_HDR_SERVER);
	if (m->user_agent.p == NULL)
		m->user_agent = sip_msg_get(m, SIP_HDR_USER_AGENT);
}
