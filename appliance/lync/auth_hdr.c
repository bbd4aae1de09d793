#include "lync/auth_hdr.h"

#include "base/mem.h"
#include "base/num.h"
#include "codec/base64.h"
#include "sip/lex.h"

const char *auth_scheme_name(enum auth_scheme s)
{
	switch (s) {
	case AUTH_NTLM:
		return "NTLM";
	case AUTH_TLS_DSK:
		return "TLS-DSK";
	case AUTH_SCHEMES:
		break;
	}
	return "?";
}

static bool read_value(struct sip_lex *l, struct str *out)
{
	const char *p;

	if (sip_lex_quoted(l, out)) {
		*out = sip_unquoted(*out);
		return true;
	}
	for (p = l->p; p < l->end && *p != ',' && *p != ' ' && *p != '\t' && *p != '"'; p++)
		;
	*out = str_n(l->p, (size_t)(p - l->p));
	l->p = p;
	return out->len > 0;
}

static enum err keep(struct auth_hdr *h, struct str name, struct str value)
{
	const struct {
		const char *name;
		struct str *to;
	} known[] = {
		{ "qop", &h->qop },
		{ "realm", &h->realm },
		{ "targetname", &h->target },
		{ "opaque", &h->opaque },
		{ "gssapi-data", &h->gssapi },
		{ "crand", &h->crand },
		{ "cnum", &h->cnum },
		{ "response", &h->response },
	};
	uint32_t version;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!str_ieqz(name, known[i].name))
			continue;
		if (known[i].to->p != NULL)
			return E_BAD;
		*known[i].to = value;
		return E_OK;
	}
	if (str_ieqz(name, "version")) {
		if (num_u32(value, 1, 99, &version) != E_OK || h->version != 0)
			return E_BAD;
		h->version = version;
	}
	return E_OK; /* what later versions add is skipped */
}

enum err auth_hdr_decode(struct str value, struct auth_hdr *out)
{
	struct sip_lex l = sip_lex_of(str_trim(value));
	struct auth_hdr h = { .scheme = AUTH_SCHEMES };
	struct str name, v;
	enum err err;

	if (!sip_lex_token(&l, &h.scheme_text))
		return E_BAD;
	for (int s = 0; s < AUTH_SCHEMES; s++)
		if (str_ieqz(h.scheme_text, auth_scheme_name(s)))
			h.scheme = s;
	if (h.scheme == AUTH_SCHEMES)
		return E_UNSUPPORTED;
	sip_lex_blank(&l);
	while (!sip_lex_is_end(&l)) {
		if (!sip_lex_token(&l, &name) || !sip_lex_sep(&l, '=') || !read_value(&l, &v))
			return E_BAD;
		err = keep(&h, name, v);
		if (err != E_OK)
			return err;
		sip_lex_blank(&l);
		if (!sip_lex_is_end(&l) && !sip_lex_sep(&l, ','))
			return E_BAD;
	}
	*out = h;
	return E_OK;
}

void auth_challenge_line(struct buf *b, const struct auth_challenge *c)
{
	buf_addf(b, "WWW-Authenticate: %s ", auth_scheme_name(c->scheme));
	if (c->gssapi.p != NULL) {
		buf_addf(b, "opaque=\"%.*s\", gssapi-data=\"", STR_ARG(c->opaque));
		base64_encode(b, c->gssapi);
		buf_addz(b, "\", ");
	}
	buf_addf(b, "targetname=\"%.*s\", realm=\"%.*s\", version=4", STR_ARG(c->target),
		 STR_ARG(c->realm));
	if (c->sts_uri.len > 0)
		buf_addf(b, ", sts-uri=\"%.*s\"", STR_ARG(c->sts_uri));
	buf_addz(b, "\r\n");
}
