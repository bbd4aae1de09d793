/* Autodiscover ([MS-OCDISCWS]): where the server of a domain is. It says no more than DNS does, so nobody need
 * show who he is.
 *
 *   lyncdiscover.DOMAIN/ ──→ links ──→ DISCOVER_PATH and /user ──→ host and port */
#include "base/mem.h"
#include "codec/xmlw.h"

#include "lync/web.h"

#define TYPE "application/vnd.microsoft.rtc.autodiscover+xml; v=1"

static void start(struct xmlw *w, struct buf *b)
{
	xmlw_init(w, b);
	xmlw_decl(w);
	xmlw_start(w, "AutodiscoverResponse");
	xmlw_attrz(w, "xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
	xmlw_attrz(w, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
	xmlw_attrz(w, "AccessLocation", "External");
}

static void write_link(struct lync *l, struct xmlw *w, const char *token, const char *path)
{
	struct buf url;

	buf_init(&url, URI_MAX);
	buf_addf(&url, "https://%.*s:%u%s", STR_ARG(sip_stack_host(l->cfg.stack)), l->cfg.web_port,
		 path);
	xmlw_start(w, "Link");
	xmlw_attrz(w, "token", token);
	xmlw_attr(w, "href", buf_str(&url));
	xmlw_end(w);
	buf_fini(&url);
}

static void root_on_switch(struct http_req *rq)
{
	struct lync *l = http_req_ctx(rq);
	struct xmlw w;
	struct buf b;

	buf_init(&b, LYNC_WEB_BODY_MAX);
	start(&w, &b);
	xmlw_start(&w, "Root");
	write_link(l, &w, "Domain", DISCOVER_PATH "/domain");
	write_link(l, &w, "User", DISCOVER_PATH "/user");
	xmlw_end_all(&w);
	http_reply(rq, 200, TYPE, buf_str(&b));
	buf_fini(&b);
}

static void user_on_switch(struct http_req *rq)
{
	static const char *const ways[] = { "SipServerInternalAccess", "SipClientInternalAccess",
					    "SipServerExternalAccess", "SipClientExternalAccess" };
	struct lync *l = http_req_ctx(rq);
	struct xmlw w;
	struct buf b;

	buf_init(&b, LYNC_WEB_BODY_MAX);
	start(&w, &b);
	xmlw_start(&w, str_ends(http_req_path(rq), STR("/domain")) ? "Domain" : "User");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		xmlw_start(&w, ways[i]);
		xmlw_attr(&w, "fqdn", sip_stack_host(l->cfg.stack));
		xmlw_attr_u64(&w, "port", sip_stack_port(l->cfg.stack));
		xmlw_end(&w);
	}
	write_link(l, &w, "Self", DISCOVER_PATH "/user");
	xmlw_end_all(&w);
	http_reply(rq, 200, TYPE, buf_str(&b));
	buf_fini(&b);
}

void discover_on_root(struct http_req *rq, void *arg)
{
	struct lync *l = arg;

	http_req_set_ctx(rq, l, NULL);
	http_req_hop(rq, l->cfg.queue, root_on_switch);
}

void discover_on_user(struct http_req *rq, void *arg)
{
	struct lync *l = arg;

	http_req_set_ctx(rq, l, NULL);
	http_req_hop(rq, l->cfg.queue, user_on_switch);
}

static void on_error(struct http_req *rq, unsigned status, const char *message)
{
	http_reply(rq, status, "text/plain", str_of(message));
}

static const struct http_route routes[] = {
	{ "GET", "/", discover_on_root, HTTP_PUBLIC, 0 },
	{ "GET", DISCOVER_PATH, discover_on_root, HTTP_PUBLIC, 0 },
	{ "GET", DISCOVER_PATH "/user", discover_on_user, HTTP_PUBLIC, 0 },
	{ "GET", DISCOVER_PATH "/domain", discover_on_user, HTTP_PUBLIC, 0 },
};

struct http_app lync_discover(struct lync *l)
{
	return (struct http_app){
		.routes = routes,
		.n_routes = ARRAY_LEN(routes),
		.error = on_error,
		.arg = l,
		.is_for_programs = true,
		.host_prefix = "lyncdiscover",
		.is_on_plain = true,
	};
}
