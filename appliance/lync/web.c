/* The web services: descriptions (mex), web tickets, certificates, the address book.  A request is taken apart on the web
 * thread and decided on the switch, which owns accounts and tickets. */
#include "lync/web.h"

#include <stdlib.h>

#include "base/mem.h"
#include "codec/base64.h"
#include "codec/xmlw.h"

#include "lync/abook.h"
#include "lync/ticket.h"

#define XML_TYPE "text/xml; charset=utf-8"
#define CERT_PATH "/CertProv/CertProvisioningService.svc"
#define TICKET_PATH "/WebTicket/WebTicketService.svc"

struct call {
	struct lync *lync;
	struct http_req *rq;
	struct str credentials; /* owned */
	uint64_t conn;
	struct buf text; /* the document, where it is not the body */
	struct xml_doc doc;
	bool has_doc;
};

static void call_free(void *ctx)
{
	struct call *c = ctx;

	if (c->credentials.p != NULL)
		mem_wipe((void *)(uintptr_t)c->credentials.p, c->credentials.len);
	str_free(&c->credentials);
	if (c->has_doc)
		xml_fini(&c->doc);
	buf_fini(&c->text);
	free(c);
}

void web_fault(struct http_req *rq, unsigned status, const char *text)
{
	struct xmlw w;
	struct buf b;

	buf_init(&b, LYNC_WEB_BODY_MAX);
	xmlw_init(&w, &b);
	xmlw_start(&w, "s:Envelope");
	xmlw_attrz(&w, "xmlns:s", "http://schemas.xmlsoap.org/soap/envelope/");
	xmlw_start(&w, "s:Body");
	xmlw_start(&w, "s:Fault");
	xmlw_elemz(&w, "faultcode", status >= 500 ? "s:Server" : "s:Client");
	xmlw_elemz(&w, "faultstring", text);
	xmlw_end_all(&w);
	http_reply(rq, status, XML_TYPE, buf_str(&b));
	buf_fini(&b);
}

static void on_error(struct http_req *rq, unsigned status, const char *message)
{
	web_fault(rq, status, message);
}

/* --- descriptions --- */

void lync_web_base(const struct lync *l, struct buf *out)
{
	buf_addf(out, "https://%.*s:%u", STR_ARG(sip_stack_host(l->cfg.stack)), l->cfg.web_port);
}

static void write_service(struct xmlw *w, const char *service, const char *port,
			  struct str location)
{
	xmlw_start(w, "wsdl:service");
	xmlw_attrz(w, "name", service);
	xmlw_start(w, "wsdl:port");
	xmlw_attrz(w, "name", port);
	xmlw_attrz(w, "binding", "tns:b1");
	xmlw_start(w, "soap:address");
	xmlw_attr(w, "location", location);
	xmlw_end(w);
	xmlw_end(w);
	xmlw_end(w);
}

static void start_definitions(struct xmlw *w, struct buf *b, const char *name)
{
	xmlw_init(w, b);
	xmlw_start(w, "wsdl:definitions");
	xmlw_attrz(w, "name", name);
	xmlw_attrz(w, "xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/");
	xmlw_attrz(w, "xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/");
	xmlw_attrz(w, "xmlns:tns", "http://tempuri.org/");
	xmlw_attrz(
		w, "xmlns:wsu",
		"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd");
	xmlw_attrz(w, "xmlns:wsp", "http://schemas.xmlsoap.org/ws/2004/09/policy");
	xmlw_attrz(w, "xmlns:sp", "http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702");
	xmlw_attrz(w, "xmlns:wsa", "http://www.w3.org/2005/08/addressing");
}

/* What a service takes: a ticket alone (bearer), or one whose holder proves himself. */
struct service {
	const char *path, *name, *port, *address;
	const char *tokens; /* the policy's kind of them; NULL: no ticket, a password */
};

static const struct service services[] = {
	{ CERT_PATH, "CertProvisioningService", "CertProvisioningServiceWebTicketProof_SHA1",
	  CERT_PATH "/WebTicket_Proof_SHA1", "sp:EndorsingSupportingTokens" },
	{ ABOOK_PATH, "DistributionListExpander", "AddressBookWebTicketBearer",
	  ABOOK_PATH "/WebTicket_Bearer", "sp:SignedSupportingTokens" },
	{ TICKET_PATH, "WebTicketService", "WebTicketServiceWinNegotiate", TICKET_PATH "/Auth",
	  NULL },
};

/* Where tickets come from. */
static void write_policy(struct xmlw *w, const struct service *s, struct str issuer)
{
	const char *const path[] = { "wsp:ExactlyOne", "wsp:All",	 s->tokens,
				     "wsp:Policy",     "sp:IssuedToken", "sp:Issuer" };
	struct buf id;

	buf_init(&id, URI_MAX);
	buf_addf(&id, "%s_policy", s->port);
	xmlw_start(w, "wsp:Policy");
	xmlw_attr(w, "wsu:Id", buf_str(&id));
	for (size_t i = 0; i < ARRAY_LEN(path); i++)
		xmlw_start(w, path[i]);
	xmlw_elem(w, "wsa:Address", issuer);
	for (size_t i = 0; i <= ARRAY_LEN(path); i++)
		xmlw_end(w);
	buf_fini(&id);
}

static void mex(struct http_req *rq, struct lync *l, const struct service *s)
{
	struct buf b, url, issuer;
	struct xmlw w;

	buf_init(&b, LYNC_WEB_BODY_MAX);
	buf_init(&url, URI_MAX);
	buf_init(&issuer, URI_MAX);
	lync_web_base(l, &url);
	lync_web_base(l, &issuer);
	buf_addz(&url, s->address);
	buf_addz(&issuer, TICKET_PATH);
	start_definitions(&w, &b, s->name);
	if (s->tokens != NULL)
		write_policy(&w, s, buf_str(&issuer));
	write_service(&w, s->name, s->port, buf_str(&url));
	xmlw_end_all(&w);
	http_reply(rq, 200, XML_TYPE, buf_str(&b));
	buf_fini(&issuer);
	buf_fini(&url);
	buf_fini(&b);
}

static void mex_on_switch(struct http_req *rq)
{
	struct call *c = http_req_ctx(rq);

	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (str_starts(http_req_path(rq), str_of(services[i].path))) {
			mex(rq, c->lync, &services[i]);
			return;
		}
}

/* --- requests --- */

static void refuse(struct http_req *rq, struct str challenges)
{
	while (challenges.len > 0) {
		struct str one = str_cut(&challenges, '\n');

		if (one.len > 0)
			http_req_add_header(rq, "WWW-Authenticate", one);
	}
	http_reply(rq, 401, "text/plain", STR(""));
}

static void ticket_on_switch(struct http_req *rq)
{
	struct call *c = http_req_ctx(rq);
	const struct xml_node *request = xml_find(c->doc.root, NULL, "RequestSecurityToken");
	struct web_credentials credentials = { c->credentials, c->conn, http_req_peer(rq) };
	const struct account *a;
	struct buf b, challenges;
	enum err err;

	buf_init(&challenges, SIP_HEAD_MAX);
	buf_init(&b, LYNC_WEB_BODY_MAX);
	a = web_auth_check(c->lync, &credentials, &challenges);
	if (a == NULL) {
		refuse(rq, buf_str(&challenges));
	} else {
		err = request == NULL ? E_BAD : lync_ticket_issue(c->lync, a, request, &b);
		if (err == E_OK)
			http_reply(rq, 200, XML_TYPE, buf_str(&b));
		else if (err == E_DENIED)
			web_fault(rq, 403, "The identity asked for is somebody else's");
		else
			web_fault(rq, 400, "No RequestSecurityToken with entropy");
	}
	buf_fini(&b);
	buf_fini(&challenges);
}

static void cert_on_switch(struct http_req *rq)
{
	struct call *c = http_req_ctx(rq);

	certprov_on_request(c->lync, rq, c->doc.root);
}

static void abook_on_switch(struct http_req *rq)
{
	struct call *c = http_req_ctx(rq);

	abook_on_request(c->lync, rq, c->doc.root);
}

static struct call *call_make(struct http_req *rq, void *arg)
{
	struct call *c = xcalloc(1, sizeof(*c));

	c->lync = arg;
	c->rq = rq;
	c->conn = http_req_conn(rq);
	buf_init(&c->text, LYNC_WEB_BODY_MAX);
	http_req_set_ctx(rq, c, call_free);
	return c;
}

static void on_mex(struct http_req *rq, void *arg)
{
	struct call *c = call_make(rq, arg);

	http_req_hop(rq, c->lync->cfg.queue, mex_on_switch);
}

static void with_body(struct http_req *rq, void *arg, http_hop_fn *fn)
{
	struct call *c = call_make(rq, arg);
	struct str credentials = http_req_header(rq, "Authorization");

	if (xml_decode(http_req_body(rq), &c->doc) != E_OK) {
		web_fault(rq, 400, "The body is not well-formed");
		return;
	}
	c->has_doc = true;
	c->credentials = credentials.p == NULL ? STR_NULL : str_dup(credentials);
	http_req_hop(rq, c->lync->cfg.queue, fn);
}

static void on_ticket(struct http_req *rq, void *arg)
{
	with_body(rq, arg, ticket_on_switch);
}

static void on_cert(struct http_req *rq, void *arg)
{
	with_body(rq, arg, cert_on_switch);
}

static void on_abook(struct http_req *rq, void *arg)
{
	with_body(rq, arg, abook_on_switch);
}

static void photo_on_switch(struct http_req *rq)
{
	struct call *c = http_req_ctx(rq);

	abook_on_photo(c->lync, rq, http_req_capture(rq, "number"),
		       c->has_doc ? c->doc.root : NULL);
}

/* "X-MS-WebTicket: opaque=" and the whole assertion in base64 */
static void on_photo(struct http_req *rq, void *arg)
{
	struct call *c = call_make(rq, arg);
	struct str value = str_trim(http_req_header(rq, "X-MS-WebTicket"));

	if (str_istarts(value, STR("opaque=")) &&
	    base64_decode(str_sub(value, 7, value.len), &c->text) == E_OK)
		c->has_doc = xml_decode(buf_str(&c->text), &c->doc) == E_OK;
	http_req_hop(rq, c->lync->cfg.queue, photo_on_switch);
}

static const struct http_route routes[] = {
	{ "GET", DISCOVER_PATH, discover_on_root, HTTP_PUBLIC, 0 },
	{ "GET", DISCOVER_PATH "/user", discover_on_user, HTTP_PUBLIC, 0 },
	{ "GET", DISCOVER_PATH "/domain", discover_on_user, HTTP_PUBLIC, 0 },
	{ "GET", CERT_PATH "/mex", on_mex, HTTP_PUBLIC, 0 },
	{ "GET", TICKET_PATH "/mex", on_mex, HTTP_PUBLIC, 0 },
	{ "GET", ABOOK_PATH "/mex", on_mex, HTTP_PUBLIC, 0 },
	{ "GET", PHOTOS_PATH "/photos/{number}", on_photo, HTTP_PUBLIC, 0 },
	{ "POST", ABOOK_PATH "/WebTicket_Bearer", on_abook, HTTP_PUBLIC, LYNC_WEB_BODY_MAX },
	{ "POST", TICKET_PATH "/Auth", on_ticket, HTTP_PUBLIC, LYNC_WEB_BODY_MAX },
	{ "POST", CERT_PATH "/WebTicket_Proof_SHA1", on_cert, HTTP_PUBLIC, LYNC_WEB_BODY_MAX },
};

struct http_app lync_web(struct lync *l)
{
	return (struct http_app){
		.routes = routes,
		.n_routes = ARRAY_LEN(routes),
		.error = on_error,
		.arg = l,
		.is_for_programs = true,
	};
}
