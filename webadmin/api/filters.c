/* filters.c: /filters: what the organisation allows in texts and offered files, and what it tells everybody. */
#include "immcu/filter.h"

#include "base/limits.h"
#include "base/mem.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

enum { ACTION_MAX = 8, LIST_MAX = 1000, SENTENCE_MAX = 1000 };

static const char *const action_names[] = {
	[FILTER_ALLOW] = "allow",
	[FILTER_WARN] = "warn",
	[FILTER_BLOCK] = "block",
};

struct filters_call {
	struct api_call call;
	struct str links, files, link_hosts, extensions, disclaimer, link_warning;
	bool has_links, has_files, has_link_hosts, has_extensions, has_disclaimer, has_link_warning;
	enum filter_action links_action, files_action;
};

static void reply(struct api_call *c)
{
	const struct filter_policy *p = filter_get(c->api->immcu);
	json_t *j = json_object();

	json_object_set_new(j, "links", json_string(action_names[p->links]));
	api_set_str(j, "link_hosts", p->link_hosts);
	api_set_str(j, "link_warning", p->link_warning);
	json_object_set_new(j, "files", json_string(action_names[p->files]));
	api_set_str(j, "extensions", p->extensions);
	api_set_str(j, "disclaimer", p->disclaimer);
	api_reply(c->rq, 200, j);
}

void api_filters_get(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL)
		api_switch(c, reply);
}

static void on_saved(void *arg, enum err e)
{
	struct filters_call *s = arg;

	if (e != E_OK) {
		api_fail(s->call.rq, e, "The filter");
		return;
	}
	api_audit(&s->call, "filter.change", STR(""), STR(""));
	reply(&s->call);
}

/* What was not sent stays as it is. */
static void save(struct api_call *c)
{
	struct filters_call *s = CONTAINER_OF(c, struct filters_call, call);
	struct filter_policy p = *filter_get(c->api->immcu);

	if (s->has_links)
		p.links = s->links_action;
	if (s->has_files)
		p.files = s->files_action;
	if (s->has_link_hosts)
		p.link_hosts = s->link_hosts;
	if (s->has_extensions)
		p.extensions = s->extensions;
	if (s->has_disclaimer)
		p.disclaimer = s->disclaimer;
	if (s->has_link_warning)
		p.link_warning = s->link_warning;
	filter_save(c->api->immcu, &p, on_saved, s);
}

/* False: 400 has been answered. */
static bool action_decode(struct http_req *rq, const char *field, struct str name,
			  enum filter_action *out)
{
	for (size_t i = 0; i < ARRAY_LEN(action_names); i++) {
		if (str_eqz(name, action_names[i])) {
			*out = (enum filter_action)i;
			return true;
		}
	}
	api_error(rq, 400, "invalid", "is allow, warn or block", field);
	return false;
}

void api_filters_patch(struct http_req *rq, void *arg)
{
	struct filters_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "links",
		  .kind = API_TEXT,
		  .max = ACTION_MAX,
		  .text = &s->links,
		  .given = &s->has_links },
		{ .name = "files",
		  .kind = API_TEXT,
		  .max = ACTION_MAX,
		  .text = &s->files,
		  .given = &s->has_files },
		{ .name = "link_hosts",
		  .kind = API_TEXT,
		  .max = LIST_MAX,
		  .text = &s->link_hosts,
		  .given = &s->has_link_hosts },
		{ .name = "extensions",
		  .kind = API_TEXT,
		  .max = LIST_MAX,
		  .text = &s->extensions,
		  .given = &s->has_extensions },
		{ .name = "disclaimer",
		  .kind = API_TEXT,
		  .max = SENTENCE_MAX,
		  .text = &s->disclaimer,
		  .given = &s->has_disclaimer },
		{ .name = "link_warning",
		  .kind = API_TEXT,
		  .max = SENTENCE_MAX,
		  .text = &s->link_warning,
		  .given = &s->has_link_warning },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	if ((s->has_links && !action_decode(rq, "links", s->links, &s->links_action)) ||
	    (s->has_files && !action_decode(rq, "files", s->files, &s->files_action)))
		return;
	api_switch(&s->call, save);
}
