#include "lync/c3p.h"

enum err c3p_decode(const struct xml_node *root, struct c3p *out)
{
	if (!xml_is(root, NS_CCCP, "request") || root->child == NULL)
		return E_BAD;
	*out = (struct c3p){ .request_id = xml_attr(root, "requestId"),
			     .from = xml_attr(root, "from"),
			     .to = xml_attr(root, "to"),
			     .command = root->child };
	return E_OK;
}

void c3p_response(struct xmlw *w, struct buf *b, const struct c3p *request, const char *command,
		  const char *reason)
{
	xmlw_init(w, b);
	xmlw_decl(w);
	xmlw_start(w, "response");
	xmlw_attrz(w, "xmlns", NS_CCCP);
	xmlw_attrz(w, "xmlns:msci", NS_MSCI);
	xmlw_attrz(w, "C3PVersion", "1");
	xmlw_attr(w, "requestId", request->request_id);
	xmlw_attr(w, "from", request->to);
	xmlw_attr(w, "to", request->from);
	xmlw_attrz(w, "code", reason == NULL ? "success" : "failure");
	xmlw_start(w, command);
	if (reason != NULL)
		xmlw_attrz(w, "reason", reason);
}

void c3p_end(struct xmlw *w)
{
	xmlw_end_all(w);
}

void c3p_keys(struct xmlw *w, struct str focus)
{
	xmlw_start(w, "conferenceKeys");
	xmlw_attr(w, "confEntity", focus);
	xmlw_end(w);
}

const char *c3p_reason(enum err e)
{
	switch (e) {
	case E_DENIED:
		return "unauthorized";
	case E_NOTFOUND:
	case E_GONE:
		return "conferenceDoesNotExist";
	case E_EXISTS:
		return "conferenceExists";
	case E_FULL:
		return "maximumMeetingSizeExceeded";
	case E_BAD:
		return "requestMalformed";
	case E_UNSUPPORTED:
		return "notSupported";
	default:
		return "otherFailure";
	}
}
