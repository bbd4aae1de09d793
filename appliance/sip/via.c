#include "sip/via.h"

#include "base/num.h"
#include "sip/lex.h"

static bool host(struct sip_lex *l, struct str *out)
{
	const char *from = l->p;

	if (sip_lex_char(l, '[')) {
		while (l->p < l->end && *l->p != ']') {
			char c = *l->p;

			if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			      (c >= 'A' && c <= 'F') || c == ':' || c == '.'))
				return false;
			l->p++;
		}
		if (!sip_lex_char(l, ']') || l->p - from < 4)
			return false;
	} else {
		while (l->p < l->end &&
		       ((*l->p >= '0' && *l->p <= '9') || (*l->p >= 'a' && *l->p <= 'z') ||
			(*l->p >= 'A' && *l->p <= 'Z') || *l->p == '-' || *l->p == '.' ||
			*l->p == '_'))
			l->p++;
	}
	if (l->p == from)
		return false;
	*out = str_n(from, (size_t)(l->p - from));
	return true;
}

static bool sent_by(struct sip_lex *l, struct sip_via *v)
{
	const char *from = l->p;
	struct str digits;
	uint32_t port;

	if (!host(l, &v->host))
		return false;
	if (sip_lex_sep(l, ':')) {
		if (!sip_lex_digits(l, &digits) || num_u32(digits, 1, 65535, &port) != E_OK)
			return false;
		v->port = (uint16_t)port;
	}
	v->sent_by = str_n(from, (size_t)(l->p - from));
	return true;
}

static bool params(struct sip_lex *l, struct sip_via *v)
{
	const char *from = l->p;
	struct str name, value;
	bool bad = false;

	while (sip_lex_param(l, &name, &value, &bad)) {
		if (str_ieq(name, STR("branch"))) {
			if (v->branch.p != NULL || value.p == NULL)
				return false;
			v->branch = value;
		} else if (str_ieq(name, STR("rport"))) {
			if (v->has_rport)
				return false;
			v->has_rport = true;
			if (value.p == NULL)
				v->rport_end = (size_t)(name.p + name.len - v->text.p);
		} else if (str_ieq(name, STR("received"))) {
			v->has_received = true;
		}
	}
	v->params = str_trim(str_n(from, (size_t)(l->p - from)));
	return !bad;
}

enum err sip_via_decode(struct str line, struct sip_via *out, struct str *rest_out)
{
	struct sip_lex l = sip_lex_of(line);
	struct sip_via v = { 0 };
	struct str protocol, rest = STR_NULL;
	const char *blank_from;

	sip_lex_blank(&l);
	v.text.p = l.p;
	if (!sip_lex_token(&l, &protocol) || !sip_lex_sep(&l, '/') ||
	    !sip_lex_token(&l, &v.version) || !sip_lex_sep(&l, '/') ||
	    !sip_lex_token(&l, &v.transport) || !str_ieq(protocol, STR("SIP")))
		return E_BAD;
	blank_from = l.p;
	sip_lex_blank(&l);
	if (l.p == blank_from || !sent_by(&l, &v) || !params(&l, &v))
		return E_BAD;
	v.text = str_trim(str_n(v.text.p, (size_t)(l.p - v.text.p)));
	if (sip_lex_char(&l, ',')) {
		sip_lex_blank(&l);
		rest = sip_lex_rest(&l);
		if (rest.len == 0)
			return E_BAD;
	}
	*out = v;
	*rest_out = rest;
	return E_OK;
}

bool sip_via_is_3261(const struct sip_via *v)
{
	struct str cookie = STR("z9hG4bK");

	/* The cookie alone identifies nothing (RFC 4475 3.2.1). */
	return v->branch.len > cookie.len && str_istarts(v->branch, cookie);
}

void sip_via_encode_received(struct buf *b, const struct sip_via *v, const struct addr *peer)
{
	char host_text[ADDR_PRINT_MAX];
	struct str from = STR_NULL, sent = v->host;

	if (peer != NULL && peer->len != 0)
		from = str_of(addr_print_host(peer, host_text));
	if (v->rport_end != 0 && from.p != NULL) {
		buf_add(b, str_sub(v->text, 0, v->rport_end));
		buf_addc(b, '=');
		buf_add_u64(b, addr_port(peer));
		buf_add(b, str_sub(v->text, v->rport_end, v->text.len));
	} else {
		buf_add(b, v->text);
	}
	if (from.p == NULL || v->has_received)
		return;
	if (sent.len > 2 && sent.p[0] == '[')
		sent = str_sub(sent, 1, sent.len - 1);
	if (v->has_rport || !str_ieq(sent, from)) {
		buf_addz(b, ";received=");
		buf_add(b, from);
	}
}
