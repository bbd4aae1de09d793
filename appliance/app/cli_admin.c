/* cli_admin.c: porchlight admin add|list|link|passwd|reset-totp|delete */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

struct admin_opts {
	const char *data;
	bool json, password_stdin;
	struct cli_args args;
};

static bool admin_parse(struct admin_opts *o, int argc, char **argv, size_t n_args)
{
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &o->data },
		{ "json", CLI_FLAG, .flag = &o->json },
		{ "password-stdin", CLI_FLAG, .flag = &o->password_stdin },
	};

	*o = (struct admin_opts){ 0 };
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &o->args) && o->data != NULL &&
	       o->args.n == n_args;
}

static json_t *with_password(json_t *body)
{
	char *password = cli_read_password();

	if (password == NULL) {
		json_decref(body);
		return NULL;
	}
	json_object_set_new(body, "password", json_string(password));
	mem_wipe(password, strlen(password));
	free(password);
	return body;
}

static int admin_add(int argc, char **argv)
{
	struct admin_opts o;
	json_t *body;

	if (!admin_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	body = json_pack("{s:s}", "name", o.args.v[0]);
	if (o.password_stdin && (body = with_password(body)) == NULL)
		return CLI_FAILED;
	/* Without a password: the one-time link with which the new administrator sets one. */
	return cli_call(o.data, "POST", "/api/v1/admins", body, o.json, "link");
}

static int admin_list(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "NAME", "name", 24, CLI_TEXT },
		{ "CREATED", "created_ms", 0, CLI_TIME },
		{ "LAST SIGN-IN", "last_sign_in_ms", 0, CLI_TIME },
	};
	struct admin_opts o;

	if (!admin_parse(&o, argc, argv, 0))
		return CLI_USAGE;
	return cli_list(o.data, "/api/v1/admins", "admins", o.json, columns, ARRAY_LEN(columns));
}

static int on_one(int argc, char **argv, const char *method, const char *suffix, bool password,
		  const char *show)
{
	struct admin_opts o;
	json_t *body;
	char *path;
	int status;

	if (!admin_parse(&o, argc, argv, 1) || o.password_stdin != password)
		return CLI_USAGE;
	body = json_object();
	if (password && (body = with_password(body)) == NULL)
		return CLI_FAILED;
	path = ctl_path("/api/v1/admins/", o.args.v[0], suffix);
	status = cli_call(o.data, method, path, body, o.json, show);
	free(path);
	return status;
}

static int admin_link(int argc, char **argv)
{
	return on_one(argc, argv, "POST", "/link", false, "link");
}

static int admin_passwd(int argc, char **argv)
{
	return on_one(argc, argv, "POST", "/password", true, NULL);
}

static int admin_reset_totp(int argc, char **argv)
{
	return on_one(argc, argv, "POST", "/reset-totp", false, NULL);
}

static int admin_delete(int argc, char **argv)
{
	return on_one(argc, argv, "DELETE", "", false, NULL);
}

int cli_admin(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "add", "admin add NAME [--password-stdin] --data DIR", admin_add },
		{ "list", "admin list [--json] --data DIR", admin_list },
		{ "link", "admin link NAME --data DIR", admin_link },
		{ "passwd", "admin passwd NAME --password-stdin --data DIR", admin_passwd },
		{ "reset-totp", "admin reset-totp NAME --data DIR", admin_reset_totp },
		{ "delete", "admin delete NAME --data DIR", admin_delete },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
