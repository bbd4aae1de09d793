/* cli_user.c: porchlight user add|list|show|passwd|enable|disable|access|delete|import, and what cli_person.c has */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

struct user_opts {
	const char *data;
	bool json, password_stdin;
	const char *display, *email, *department, *title, *phone, *search;
	struct cli_args args;
};

static bool user_parse(struct user_opts *o, int argc, char **argv, size_t n_args)
{
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &o->data },
		{ "json", CLI_FLAG, .flag = &o->json },
		{ "password-stdin", CLI_FLAG, .flag = &o->password_stdin },
		{ "display", CLI_VALUE, .value = &o->display },
		{ "email", CLI_VALUE, .value = &o->email },
		{ "department", CLI_VALUE, .value = &o->department },
		{ "title", CLI_VALUE, .value = &o->title },
		{ "phone", CLI_VALUE, .value = &o->phone },
		{ "search", CLI_VALUE, .value = &o->search },
	};

	*o = (struct user_opts){ 0 };
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &o->args) && o->data != NULL &&
	       o->args.n == n_args;
}

static void set_string(json_t *body, const char *key, const char *value)
{
	if (value != NULL)
		json_object_set_new(body, key, json_string(value));
}

/* Adds the password of stdin when it was asked for.  False: said on stderr. */
static bool set_password(json_t *body, const struct user_opts *o)
{
	char *password;

	if (!o->password_stdin)
		return true;
	password = cli_read_password();
	if (password == NULL)
		return false;
	set_string(body, "password", password);
	mem_wipe(password, strlen(password));
	free(password);
	return true;
}

/* One call, its answer as JSON or, when the server made a password, that password. */
static int user_call(const struct user_opts *o, const char *method, const char *path, json_t *body)
{
	struct ctl *c;
	struct ctl_answer a;
	int status = CLI_FAILED;

	if (ctl_open(o->data, &c) != E_OK) {
		json_decref(body);
		return CLI_FAILED;
	}
	if (ctl_call(c, method, path, body, &a)) {
		const char *password = json_string_value(json_object_get(a.json, "password"));

		if (o->json && a.json != NULL)
			cli_print_json(a.json);
		else if (password != NULL)
			printf("password: %s\n", password);
		ctl_answer_fini(&a);
		status = CLI_OK;
	}
	ctl_close(&c);
	return status;
}

static int user_add(int argc, char **argv)
{
	struct user_opts o;
	json_t *body;

	if (!user_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	body = json_object();
	set_string(body, "name", o.args.v[0]);
	set_string(body, "display", o.display);
	set_string(body, "email", o.email);
	set_string(body, "department", o.department);
	set_string(body, "title", o.title);
	set_string(body, "phone", o.phone);
	if (!set_password(body, &o)) {
		json_decref(body);
		return CLI_FAILED;
	}
	return user_call(&o, "POST", "/api/v1/users", body);
}

static const char *member(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static void print_users(const json_t *users)
{
	size_t i;
	json_t *u;

	cli_print_cell("NAME", 20);
	cli_print_cell("DISPLAY", 28);
	cli_print_cell("DEPARTMENT", 16);
	cli_print_cell("STATE", 10);
	cli_print_cell("LAST SIGN-IN", 22);
	putchar('\n');
	json_array_foreach(users, i, u)
	{
		cli_print_cell(member(u, "name"), 20);
		cli_print_cell(member(u, "display"), 28);
		cli_print_cell(member(u, "department"), 16);
		cli_print_cell(json_is_true(json_object_get(u, "enabled")) ? "enabled" : "disabled",
			       10);
		cli_print_time(json_object_get(u, "last_sign_in_ms"));
		putchar('\n');
	}
}

static int user_list(int argc, char **argv)
{
	struct user_opts o;
	struct ctl *c;
	json_t *users;
	char *path;

	if (!user_parse(&o, argc, argv, 0))
		return CLI_USAGE;
	if (ctl_open(o.data, &c) != E_OK)
		return CLI_FAILED;
	path = ctl_path("/api/v1/users?search=", o.search != NULL ? o.search : "", "");
	users = ctl_list(c, path, "users");
	free(path);
	ctl_close(&c);
	if (users == NULL)
		return CLI_FAILED;
	if (o.json)
		cli_print_json(users);
	else
		print_users(users);
	json_decref(users);
	return CLI_OK;
}

static int user_show(int argc, char **argv)
{
	struct user_opts o;
	char *path;
	int status;

	if (!user_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	o.json = true; /* a person's data is a small object either way */
	path = ctl_path("/api/v1/users/", o.args.v[0], "");
	status = user_call(&o, "GET", path, NULL);
	free(path);
	return status;
}

static int user_passwd(int argc, char **argv)
{
	struct user_opts o;
	json_t *body;
	char *path;
	int status;

	if (!user_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	body = json_object();
	if (!set_password(body, &o)) {
		json_decref(body);
		return CLI_FAILED;
	}
	path = ctl_path("/api/v1/users/", o.args.v[0], "/password");
	status = user_call(&o, "POST", path, body);
	free(path);
	return status;
}

static int set_enabled(int argc, char **argv, bool enabled)
{
	struct user_opts o;
	char *path;
	int status;

	if (!user_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	path = ctl_path("/api/v1/users/", o.args.v[0], "");
	status = user_call(&o, "PATCH", path, json_pack("{s:b}", "enabled", enabled));
	free(path);
	return status;
}

static int user_enable(int argc, char **argv)
{
	return set_enabled(argc, argv, true);
}

static int user_disable(int argc, char **argv)
{
	return set_enabled(argc, argv, false);
}

/* "user certificates NAME" lists what that person's clients sign in with, "user revoke NAME [ID]" ends it. */
static int user_certificates(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "ID", "id", 64, CLI_TEXT },
		{ "MADE", "created_ms", 0, CLI_TIME },
		{ "UNTIL", "not_after_ms", 0, CLI_TIME },
		{ "DEVICE", "device", 40, CLI_TEXT },
	};
	const char *data = NULL;
	bool json = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "json", CLI_FLAG, .flag = &json },
	};
	struct cli_args args;
	char *path;
	int status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n != 1)
		return CLI_USAGE;
	path = ctl_path("/api/v1/users/", args.v[0], "/certificates");
	status = cli_list(data, path, "certificates", json, columns, ARRAY_LEN(columns));
	free(path);
	return status;
}

static int user_revoke(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;
	char *all, *path;
	int status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n < 1 ||
	    args.n > 2)
		return CLI_USAGE;
	all = ctl_path("/api/v1/users/", args.v[0],
		       args.n == 2 ? "/certificates/" : "/certificates");
	path = args.n == 2 ? ctl_path(all, args.v[1], "") : xstrdup(all);
	status = cli_call(data, "DELETE", path, NULL, false, NULL);
	free(path);
	free(all);
	return status;
}

/* "user access NAME", "user access NAME MEMBER LEVEL"; the level "default" takes a choice back. */
static int user_access(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "USER", "user", 20, CLI_TEXT },
		{ "SEES", "level", 12, CLI_TEXT },
	};
	const char *data = NULL;
	bool json = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "json", CLI_FLAG, .flag = &json },
	};
	struct cli_args args;
	char *path, *member;
	int status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL ||
	    (args.n != 1 && args.n != 3))
		return CLI_USAGE;
	path = ctl_path("/api/v1/users/", args.v[0], "/access");
	if (args.n == 1) {
		status = cli_list(data, path, "access", json, columns, ARRAY_LEN(columns));
		free(path);
		return status;
	}
	member = xasprintf("%s/", path);
	free(path);
	path = ctl_path(member, args.v[1], "");
	free(member);
	if (strcmp(args.v[2], "default") == 0)
		status = cli_call(data, "DELETE", path, NULL, false, NULL);
	else
		status = cli_call(data, "PUT", path, json_pack("{s:s}", "level", args.v[2]), false,
				  NULL);
	free(path);
	return status;
}

static int user_delete(int argc, char **argv)
{
	struct user_opts o;
	char *path;
	int status;

	if (!user_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	path = ctl_path("/api/v1/users/", o.args.v[0], "");
	status = user_call(&o, "DELETE", path, NULL);
	free(path);
	return status;
}

bool cli_read_file(const char *path, struct buf *out)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (f == NULL)
		return cli_fail("%s: %m", path), false;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, str_n(piece, n));
	if (ferror(f) || buf_err(out) != E_OK) {
		cli_fail("%s: %s", path, ferror(f) ? "cannot read" : "too long");
		fclose(f);
		return false;
	}
	fclose(f);
	return true;
}

static void print_import(const struct user_opts *o, const json_t *answer)
{
	size_t i;
	json_t *u;

	if (o->json) {
		cli_print_json(answer);
		return;
	}
	printf("%lld users added\n",
	       (long long)json_integer_value(json_object_get(answer, "added")));
	json_array_foreach(json_object_get(answer, "users"), i,
			   u) if (member(u, "password") != NULL)
		printf("%s password: %s\n", member(u, "name"), member(u, "password"));
}

static int user_import(int argc, char **argv)
{
	struct user_opts o;
	struct ctl *c = NULL;
	struct ctl_answer a;
	struct buf csv;
	int status = CLI_FAILED;

	if (!user_parse(&o, argc, argv, 1))
		return CLI_USAGE;
	buf_init(&csv, HTTP_BODY_LARGE);
	if (cli_read_file(o.args.v[0], &csv) && ctl_open(o.data, &c) == E_OK &&
	    ctl_send(c, "POST", "/api/v1/users/import", "text/csv", buf_str(&csv), &a)) {
		print_import(&o, a.json);
		ctl_answer_fini(&a);
		status = CLI_OK;
	}
	ctl_close(&c);
	if (csv.p != NULL)
		mem_wipe(csv.p, csv.cap);
	buf_fini(&csv);
	return status;
}

int cli_user(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "add",
		  "user add NAME [--display TEXT] [--email E] [--department D] [--title T] "
		  "[--phone P] "
		  "[--password-stdin] [--json] --data DIR",
		  user_add },
		{ "list", "user list [--search TEXT] [--json] --data DIR", user_list },
		{ "show", "user show NAME --data DIR", user_show },
		{ "passwd", "user passwd NAME [--password-stdin] --data DIR", user_passwd },
		{ "certificates", "user certificates NAME [--json] --data DIR", user_certificates },
		{ "revoke", "user revoke NAME [ID] --data DIR", user_revoke },
		{ "enable", "user enable NAME --data DIR", user_enable },
		{ "disable", "user disable NAME --data DIR", user_disable },
		{ "delete", "user delete NAME --data DIR", user_delete },
		{ "access",
		  "user access NAME [MEMBER blocked|public|colleagues|team|personal|default] "
		  "[--json] --data DIR",
		  user_access },
		{ "photo", "user photo NAME FILE|--remove --data DIR", cli_user_photo },
		{ "contacts",
		  "user contacts NAME [add|remove CONTACT [--name TEXT] [--group TEXT]] [--json] --data "
		  "DIR",
		  cli_user_contacts },
		{ "import", "user import FILE.csv [--json] --data DIR", user_import },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
