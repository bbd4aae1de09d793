/* cli_department.c: porchlight department add|list|rename|delete */
#include <stdlib.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

struct department_opts {
	const char *data;
	bool json;
	struct cli_args args;
};

static bool department_parse(struct department_opts *o, int argc, char **argv, size_t n_args)
{
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &o->data },
		{ "json", CLI_FLAG, .flag = &o->json },
	};

	*o = (struct department_opts){ 0 };
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &o->args) && o->data != NULL &&
	       o->args.n == n_args;
}

static int department_add(int argc, char **argv)
{
	struct department_opts o;

	if (!department_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	return cli_call(o.data, "POST", "/api/v1/departments",
			json_pack("{s:s}", "name", o.args.v[0]), o.json, NULL);
}

static int department_list(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "NAME", "name", 32, CLI_TEXT },
		{ "USERS", "users", 8, CLI_NUMBER },
	};
	struct department_opts o;

	if (!department_parse(&o, argc, argv, 0))
		return CLI_USAGE;
	return cli_list(o.data, "/api/v1/departments", "departments", o.json, columns,
			ARRAY_LEN(columns));
}

static int department_rename(int argc, char **argv)
{
	struct department_opts o;
	char *path;
	int status;

	if (!department_parse(&o, argc, argv, 2))
		return CLI_USAGE;
	path = ctl_path("/api/v1/departments/", o.args.v[0], "");
	status = cli_call(o.data, "PATCH", path, json_pack("{s:s}", "name", o.args.v[1]), o.json,
			  NULL);
	free(path);
	return status;
}

static int department_delete(int argc, char **argv)
{
	struct department_opts o;
	char *path;
	int status;

	if (!department_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	path = ctl_path("/api/v1/departments/", o.args.v[0], "");
	status = cli_call(o.data, "DELETE", path, NULL, o.json, NULL);
	free(path);
	return status;
}

int cli_department(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "add", "department add NAME --data DIR", department_add },
		{ "list", "department list [--json] --data DIR", department_list },
		{ "rename", "department rename NAME NEW-NAME --data DIR", department_rename },
		{ "delete", "department delete NAME --data DIR", department_delete },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
