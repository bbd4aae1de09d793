/* cli_group.c: porchlight group add|list|show|set|delete|member|remove: group chats and who is in them. */
#include <stdlib.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

struct group_opts {
	const char *data, *subject, *access;
	bool json, lock, unlock, presenter;
	struct cli_args args;
};

static bool group_parse(struct group_opts *o, int argc, char **argv, size_t n_args)
{
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &o->data },
		{ "subject", CLI_VALUE, .value = &o->subject },
		{ "access", CLI_VALUE, .value = &o->access },
		{ "json", CLI_FLAG, .flag = &o->json },
		{ "lock", CLI_FLAG, .flag = &o->lock },
		{ "unlock", CLI_FLAG, .flag = &o->unlock },
		{ "presenter", CLI_FLAG, .flag = &o->presenter },
	};

	*o = (struct group_opts){ 0 };
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &o->args) && o->data != NULL &&
	       o->args.n == n_args && !(o->lock && o->unlock);
}

static json_t *fields_of(const struct group_opts *o)
{
	json_t *body = json_object();

	if (o->subject != NULL)
		json_object_set_new(body, "subject", json_string(o->subject));
	if (o->access != NULL)
		json_object_set_new(body, "access", json_string(o->access));
	return body;
}

static int group_add(int argc, char **argv)
{
	struct group_opts o;
	json_t *body;

	if (!group_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	body = fields_of(&o);
	json_object_set_new(body, "name", json_string(o.args.v[0]));
	return cli_call(o.data, "POST", "/api/v1/groups", body, o.json, "address");
}

static int group_list(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "NAME", "name", 24, CLI_TEXT },	 { "SUBJECT", "subject", 28, CLI_TEXT },
		{ "KIND", "kind", 10, CLI_TEXT },	 { "ACCESS", "access", 8, CLI_TEXT },
		{ "MEMBERS", "members", 8, CLI_NUMBER }, { "CREATED", "created_ms", 0, CLI_TIME },
	};
	struct group_opts o;

	if (!group_parse(&o, argc, argv, 0))
		return CLI_USAGE;
	return cli_list(o.data, "/api/v1/groups", "groups", o.json, columns, ARRAY_LEN(columns));
}

static int on_one(const struct group_opts *o, const char *method, json_t *body, bool show)
{
	char *path = ctl_path("/api/v1/groups/", o->args.v[0], "");
	int status = cli_call(o->data, method, path, body, show, NULL);

	free(path);
	return status;
}

static int group_show(int argc, char **argv)
{
	struct group_opts o;

	return group_parse(&o, argc, argv, 1) ? on_one(&o, "GET", NULL, true) : CLI_USAGE;
}

static int group_set(int argc, char **argv)
{
	struct group_opts o;
	json_t *body;

	if (!group_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	body = fields_of(&o);
	if (o.lock || o.unlock)
		json_object_set_new(body, "locked", json_boolean(o.lock));
	return on_one(&o, "PATCH", body, o.json);
}

static int group_delete(int argc, char **argv)
{
	struct group_opts o;

	return group_parse(&o, argc, argv, 1) ? on_one(&o, "DELETE", NULL, false) : CLI_USAGE;
}

static int on_member(const struct group_opts *o, const char *method, json_t *body)
{
	char *group = ctl_path("/api/v1/groups/", o->args.v[0], "/members/");
	char *path = ctl_path(group, o->args.v[1], "");
	int status = cli_call(o->data, method, path, body, false, NULL);

	free(group);
	free(path);
	return status;
}

static int group_member(int argc, char **argv)
{
	struct group_opts o;

	if (!group_parse(&o, argc, argv, 2))
		return CLI_USAGE;
	return on_member(&o, "PUT",
			 json_pack("{s:s}", "role", o.presenter ? "presenter" : "attendee"));
}

static int group_remove(int argc, char **argv)
{
	struct group_opts o;

	return group_parse(&o, argc, argv, 2) ? on_member(&o, "DELETE", NULL) : CLI_USAGE;
}

int cli_group(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "add",
		  "group add NAME [--subject TEXT] [--access open|closed] [--json] --data DIR",
		  group_add },
		{ "list", "group list [--json] --data DIR", group_list },
		{ "show", "group show NAME --data DIR", group_show },
		{ "set",
		  "group set NAME [--subject TEXT] [--access open|closed] [--lock|--unlock] --data "
		  "DIR",
		  group_set },
		{ "delete", "group delete NAME --data DIR", group_delete },
		{ "member", "group member NAME USER [--presenter] --data DIR", group_member },
		{ "remove", "group remove NAME USER --data DIR", group_remove },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
