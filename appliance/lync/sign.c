#include "lync/sign.h"

#include "sip/hdr.h"
#include "sip/lex.h"

/* The URI and the header parameters of From or To: between the brackets, or up to the first ';'. */
static void split_address(struct str value, struct str *uri_out, struct str *tag_out)
{
	size_t open = str_find(value, '<', 0), close = str_find(value, '>', open);
	struct str params, tag;

	if (close < value.len) {
		*uri_out = str_sub(value, open + 1, close);
		params = str_sub(value, close + 1, value.len);
	} else {
		size_t semi = str_find(value, ';', 0);

		*uri_out = str_trim(str_sub(value, 0, semi));
		params = str_sub(value, semi, value.len);
	}
	tag = sip_param_get(params, STR("tag"));
	*tag_out = tag.p == NULL ? STR("") : tag;
}

/* "name" <sip:a@b>, <tel:+1>: the first URI of each scheme; the spelling of the scheme is kept. */
static void read_identity(struct str value, struct sign_head *out)
{
	while (value.p != NULL) {
		struct str one = str_cut(&value, ','), uri, tag;

		split_address(str_trim(one), &uri, &tag);
		if (out->pai_sip.len == 0 &&
		    (str_istarts(uri, STR("sip:")) || str_istarts(uri, STR("sips:"))))
			out->pai_sip = uri;
		else if (out->pai_tel.len == 0 && str_istarts(uri, STR("tel:")))
			out->pai_tel = uri;
	}
}

struct found {
	struct str from, to, asserted, preferred;
};

static void read_header(struct str name, struct str value, struct sign_head *out, struct found *f)
{
	switch (sip_hdr_id_of(name)) {
	case SIP_HDR_CALL_ID:
		out->call_id = value;
		break;
	case SIP_HDR_CSEQ:
		out->cseq = str_cut(&value, ' ');
		out->method = str_trim(value);
		break;
	case SIP_HDR_FROM:
		f->from = value;
		break;
	case SIP_HDR_TO:
		f->to = value;
		break;
	case SIP_HDR_EXPIRES:
		out->expires = value;
		break;
	default:
		if (str_ieqz(name, "P-Asserted-Identity") && f->asserted.p == NULL)
			f->asserted = value;
		else if (str_ieqz(name, "P-Preferred-Identity") && f->preferred.p == NULL)
			f->preferred = value;
		break;
	}
}

static struct str next_line(struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

static void read_headers(struct str headers, struct sign_head *out, struct found *f)
{
	struct str line;

	while (headers.p != NULL && (line = next_line(&headers)).len > 0) {
		size_t colon = str_find(line, ':', 0);

		read_header(str_trim(str_sub(line, 0, colon)),
			    str_trim(str_sub(line, colon + 1, line.len)), out, f);
	}
}

static void read_found(struct sign_head *head, const struct found *f)
{
	split_address(f->from, &head->from_uri, &head->from_tag);
	split_address(f->to, &head->to_uri, &head->to_tag);
	read_identity(f->asserted.p != NULL ? f->asserted : f->preferred, head);
}

enum err sign_head_of(struct str message, struct sign_head *out)
{
	struct sign_head h = { 0 };
	struct found f = { 0 };
	struct str start = next_line(&message);

	if (str_starts(start, STR("SIP/2.0 ")))
		h.status = str_sub(start, 8, 11);
	read_headers(message, &h, &f);
	if (h.call_id.len == 0 || h.cseq.len == 0 || h.method.len == 0 || f.from.len == 0 ||
	    f.to.len == 0)
		return E_BAD;
	read_found(&h, &f);
	*out = h;
	return E_OK;
}

void sign_head_read(struct sign_head *head, struct str from, struct str to, struct str headers)
{
	struct found f = { 0 };

	read_headers(headers, head, &f);
	f.from = from;
	f.to = to;
	read_found(head, &f);
}

static void put(struct buf *b, struct str s)
{
	buf_addc(b, '<');
	buf_add(b, s);
	buf_addc(b, '>');
}

void sign_text(struct buf *b, const struct sign_auth *auth, const struct sign_head *head)
{
	bool is_old = auth->version < 3;

	put(b, auth->scheme);
	put(b, auth->rand);
	put(b, auth->num);
	put(b, auth->realm);
	put(b, auth->target);
	put(b, head->call_id);
	put(b, head->cseq);
	put(b, head->method);
	put(b, head->from_uri);
	put(b, head->from_tag);
	if (!is_old)
		put(b, head->to_uri);
	put(b, head->to_tag);
	if (!is_old) {
		put(b, head->pai_sip);
		put(b, head->pai_tel);
	}
	put(b, head->expires);
	if (head->status.len > 0)
		put(b, head->status);
}
