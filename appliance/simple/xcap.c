/* XCAP (RFC 4825): a person's contact list as one document, resource-lists (RFC 4826), at
 *
 *   /xcap/resource-lists/users/sip:NAME@DOMAIN/index
 *
 * GET, PUT and DELETE of the whole; parts of a document (node selectors) are not served, and clients that
 * are told so write the whole.  The ETag is the list's version, so two clients that write at once notice.
 * Handlers begin on the web thread; what touches accounts and lists is done on the switch. */
#include <stdio.h>

#include "base/mem.h"
#include "codec/mime.h"
#include "codec/uri.h"
#include "http/request.h"
#include "simple/resource_lists.h"
#include "simple/simple_int.h"

#define TYPE "application/resource-lists+xml"

enum verb { XCAP_GET, XCAP_PUT, XCAP_DELETE };

/* One request on its way, in its arena; the lists are its own. */
struct xcap {
	struct http_req *rq;
	struct simple *s;
	enum verb verb;
	struct str credentials, if_match, if_none_match, content_type;
	account_id owner;
	struct resource_lists lists;
};

static void refuse(struct http_req *rq, unsigned status, const char *text)
{
	http_reply(rq, status, "text/plain", str_of(text));
}

/* --- answers (switch) --- */

static void add_etag(struct xcap *x)
{
	char tag[32];
	int n = snprintf(tag, sizeof(tag), "\"%llu\"",
			 (unsigned long long)roster_version(x->s->cfg.directory, x->owner));

	http_req_add_header(x->rq, "ETag", str_n(tag, n < 0 ? 0 : (size_t)n));
}

static void reply_document(struct xcap *x)
{
	struct buf b;
	size_t len;
	char *p;

	buf_init(&b, HTTP_BODY_LARGE);
	resource_lists_encode(x->s->cfg.directory, x->owner, &b);
	add_etag(x);
	p = buf_take(&b, &len);
	if (p == NULL)
		refuse(x->rq, 500, "The list does not fit.\n");
	else
		http_reply_take(x->rq, 200, TYPE, p, len);
}

/* RFC 4825 11: why a document was not taken. */
static void reply_conflict(struct http_req *rq, const char *element, const char *phrase)
{
	struct buf b;

	buf_init(&b, 1024);
	buf_addf(
		&b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<xcap-error xmlns=\"urn:ietf:params:xml:ns:xcap-error\">"
		"<%s phrase=\"%s\"/></xcap-error>",
		element, phrase);
	http_reply(rq, 409, "application/xcap-error+xml", buf_str(&b));
	buf_fini(&b);
}

static void on_changed(void *arg, enum err err, int64_t id)
{
	struct xcap *x = arg;

	(void)id;
	resource_lists_fini(&x->lists);
	switch (err) {
	case E_OK:
		add_etag(x);
		http_reply(x->rq, 200, "text/plain", STR(""));
		return;
	case E_STALE:
		refuse(x->rq, 412, "The list has changed meanwhile.\n");
		return;
	case E_FULL:
	case E_EXISTS:
	case E_TOOBIG:
	case E_BAD:
	case E_DENIED:
		reply_conflict(
			x->rq, "constraint-failure",
			"Too many contacts or groups, a name twice, or one that is too long");
		return;
	default:
		refuse(x->rq, 503, "The list could not be kept; try again.\n");
		return;
	}
}

/* --- the three verbs (switch) --- */

/* RFC 4825 7.11: what If-Match and If-None-Match say about the version there is. */
static bool is_wanted_version(struct xcap *x, uint64_t *version_out)
{
	struct buf b;
	bool fits;

	*version_out = ROSTER_ANY_VERSION;
	buf_init(&b, 32);
	buf_addf(&b, "\"%llu\"", (unsigned long long)roster_version(x->s->cfg.directory, x->owner));
	fits = x->if_match.len == 0 || str_eqz(x->if_match, "*") ||
	       str_search(x->if_match, buf_str(&b)) < x->if_match.len;
	if (str_search(x->if_none_match, buf_str(&b)) < x->if_none_match.len ||
	    str_eqz(x->if_none_match, "*"))
		fits = false;
	if (x->if_match.len > 0 && !str_eqz(x->if_match, "*"))
		*version_out = roster_version(x->s->cfg.directory, x->owner);
	buf_fini(&b);
	return fits;
}

static void put(struct xcap *x)
{
	struct directory *d = x->s->cfg.directory;
	struct roster_group department = { .name = STR_NULL };
	uint64_t version;
	enum err e;

	if (!mime_is(x->content_type, TYPE)) {
		refuse(x->rq, 415, "Expected " TYPE ".\n");
		return;
	}
	if (!is_wanted_version(x, &version)) {
		refuse(x->rq, 412, "The list has changed meanwhile.\n");
		return;
	}
	/* false: there is none, and no name to skip */
	(void)roster_get_group(d, x->owner, GROUP_DEPARTMENT, &department);
	e = resource_lists_decode(http_req_body(x->rq), department.name, roster_contacts_max(d),
				  &x->lists);
	if (e == E_TOOBIG)
		reply_conflict(x->rq, "constraint-failure",
			       "More contacts or groups than a list may hold");
	else if (e != E_OK)
		reply_conflict(x->rq, "schema-validation-error", "Not a resource-lists document");
	else
		roster_change(d, x->owner, version, x->lists.ops, x->lists.count, on_changed, x);
}

static void delete (struct xcap *x)
{
	const struct roster_op clear = { .kind = ROSTER_CLEAR };
	uint64_t version;

	if (!is_wanted_version(x, &version))
		refuse(x->rq, 412, "The list has changed meanwhile.\n");
	else
		roster_change(x->s->cfg.directory, x->owner, version, &clear, 1, on_changed, x);
}

/* The path names whose list it is: nobody but its owner gets it. */
static bool is_own(struct xcap *x)
{
	struct str who = http_req_capture(x->rq, "who");
	const struct account *a = directory_find_uri(x->s->cfg.directory, who);

	if (a == NULL)
		a = directory_find(x->s->cfg.directory, who);
	return a != NULL && a->id == x->owner;
}

static void on_switch(struct http_req *rq)
{
	struct xcap *x = http_req_ctx(rq);
	struct buf lines;
	int status = 0;

	buf_init(&lines, SIP_HEAD_MAX);
	x->owner = simple_authenticate_web(x->s,
					   &(struct simple_web_auth){ .method = http_req_method(rq),
								      .target = http_req_path(rq),
								      .credentials = x->credentials,
								      .peer = http_req_peer(rq) },
					   &status, &lines);
	if (x->owner == 0) {
		struct str rest = buf_str(&lines);

		while (rest.len > 0) {
			struct str line = str_trim(str_cut(&rest, '\n')),
				   name = str_cut(&line, ':');

			if (name.len > 0)
				http_req_add_header(rq, "WWW-Authenticate", str_trim(line));
		}
		refuse(rq, (unsigned)status, "Sign in with your SIP account.\n");
	} else if (!is_own(x)) {
		refuse(rq, 403, "This list is somebody else's.\n");
	} else if (x->verb == XCAP_GET) {
		reply_document(x);
	} else if (x->verb == XCAP_PUT) {
		put(x);
	} else {
		delete (x);
	}
	buf_fini(&lines);
}

/* --- routes (web thread) --- */

static void keep(struct http_req *rq, const char *name, struct str *out)
{
	if (arena_dup(http_req_arena(rq), http_req_header(rq, name), out) != E_OK)
		*out = STR_NULL;
}

static void begin(struct http_req *rq, struct simple *s, enum verb verb)
{
	struct xcap *x = arena_alloc(http_req_arena(rq), sizeof(*x));

	if (x == NULL) {
		refuse(rq, 503, "Try again.\n");
		return;
	}
	*x = (struct xcap){ .rq = rq, .s = s, .verb = verb };
	keep(rq, "Authorization", &x->credentials);
	keep(rq, "If-Match", &x->if_match);
	keep(rq, "If-None-Match", &x->if_none_match);
	keep(rq, "Content-Type", &x->content_type);
	http_req_set_ctx(rq, x, NULL);
	http_req_hop(rq, s->sw, on_switch);
}

static void on_get(struct http_req *rq, void *arg)
{
	begin(rq, arg, XCAP_GET);
}

static void on_put(struct http_req *rq, void *arg)
{
	begin(rq, arg, XCAP_PUT);
}

static void on_delete(struct http_req *rq, void *arg)
{
	begin(rq, arg, XCAP_DELETE);
}

/* RFC 4825 12: what is served here. */
static void on_caps(struct http_req *rq, void *arg)
{
	(void)arg;
	http_reply(
		rq, 200, "application/xcap-caps+xml",
		STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		    "<xcap-caps xmlns=\"urn:ietf:params:xml:ns:xcap-caps\"><auids><auid>resource-lists</auid>"
		    "<auid>xcap-caps</auid></auids><extensions/><namespaces>"
		    "<namespace>urn:ietf:params:xml:ns:resource-lists</namespace></namespaces></xcap-caps>"));
}

static void on_error(struct http_req *rq, unsigned status, const char *message)
{
	http_reply(rq, status, "text/plain", str_of(message));
}

static const struct http_route routes[] = {
	{ "GET", "/xcap/resource-lists/users/{who}/index", on_get, HTTP_PUBLIC, 0 },
	{ "PUT", "/xcap/resource-lists/users/{who}/index", on_put, HTTP_PUBLIC, XML_BYTES_MAX },
	{ "DELETE", "/xcap/resource-lists/users/{who}/index", on_delete, HTTP_PUBLIC,
	  HTTP_BODY_SMALL },
	{ "GET", "/xcap/xcap-caps/global/index", on_caps, HTTP_PUBLIC, 0 },
};

struct http_app simple_web(struct simple *s, struct queue *sw)
{
	s->sw = sw;
	return (struct http_app){ .routes = routes,
				  .n_routes = ARRAY_LEN(routes),
				  .error = on_error,
				  .arg = s,
				  .is_for_programs = true };
}
