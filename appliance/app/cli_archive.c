/* cli_archive.c: porchlight archive rules|set|drop|search: whose texts are kept, and finding them. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

struct archive_opts {
	const char *data, *user, *department, *keep_days, *record;
	bool json;
	struct cli_args args;
};

static bool archive_parse(struct archive_opts *o, int argc, char **argv, size_t min, size_t max)
{
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &o->data },
		{ "user", CLI_VALUE, .value = &o->user },
		{ "department", CLI_VALUE, .value = &o->department },
		{ "keep-days", CLI_VALUE, .value = &o->keep_days },
		{ "record", CLI_VALUE, .value = &o->record },
		{ "json", CLI_FLAG, .flag = &o->json },
	};

	*o = (struct archive_opts){ 0 };
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &o->args) && o->data != NULL &&
	       o->args.n >= min && o->args.n <= max;
}

static int archive_rules(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "USER", "user", 20, CLI_TEXT },
		{ "DEPARTMENT", "department", 20, CLI_TEXT },
		{ "MODE", "mode", 10, CLI_TEXT },
		{ "DAYS", "keep_days", 6, CLI_NUMBER },
	};
	struct archive_opts o;

	if (!archive_parse(&o, argc, argv, 0, 0))
		return CLI_USAGE;
	return cli_list(o.data, "/api/v1/archive/rules", "rules", o.json, columns,
			ARRAY_LEN(columns));
}

/* The rule of a user, of a department, or of everybody. */
static char *rule_path(const struct archive_opts *o)
{
	if (o->user != NULL)
		return ctl_path("/api/v1/archive/rules/users/", o->user, "");
	if (o->department != NULL)
		return ctl_path("/api/v1/archive/rules/departments/", o->department, "");
	return xstrdup("/api/v1/archive/rules/all");
}

static int archive_set(int argc, char **argv)
{
	struct archive_opts o;
	uint64_t days = 0;
	json_t *body;
	char *path;
	int status;

	if (!archive_parse(&o, argc, argv, 1, 1) || (o.user != NULL && o.department != NULL) ||
	    (o.keep_days != NULL && num_u64(str_of(o.keep_days), 0, INT32_MAX, &days) != E_OK))
		return CLI_USAGE;
	body = json_pack("{s:s,s:I}", "mode", o.args.v[0], "keep_days", (json_int_t)days);
	path = rule_path(&o);
	status = cli_call(o.data, "PUT", path, body, false, NULL);
	free(path);
	return status;
}

static int archive_drop(int argc, char **argv)
{
	struct archive_opts o;
	char *path;
	int status;

	if (!archive_parse(&o, argc, argv, 0, 0) || (o.user != NULL && o.department != NULL))
		return CLI_USAGE;
	path = rule_path(&o);
	status = cli_call(o.data, "DELETE", path, NULL, false, NULL);
	free(path);
	return status;
}

static int archive_search(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "AT", "at_ms", 0, CLI_TIME },
		{ "FROM", "from", 28, CLI_TEXT },
		{ "TO", "to", 28, CLI_JOIN },
		{ "TEXT", "text", 1, CLI_TEXT },
	};
	struct archive_opts o;
	char *words, *user, *record, *path;
	int status;

	if (!archive_parse(&o, argc, argv, 0, 1) || o.department != NULL || o.keep_days != NULL)
		return CLI_USAGE;
	words = ctl_path("/api/v1/archive?words=", o.args.n > 0 ? o.args.v[0] : "", "");
	user = ctl_path("&user=", o.user != NULL ? o.user : "", "");
	record = ctl_path("&record=", o.record != NULL ? o.record : "0", "");
	path = xasprintf("%s%s%s", words, user, record);
	status = cli_list(o.data, path, "texts", o.json, columns, ARRAY_LEN(columns));
	free(words);
	free(user);
	free(record);
	free(path);
	return status;
}

int cli_archive(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "rules", "archive rules [--json] --data DIR", archive_rules },
		{ "set",
		  "archive set off|on|required [--user NAME|--department NAME] [--keep-days N] "
		  "--data DIR",
		  archive_set },
		{ "drop", "archive drop [--user NAME|--department NAME] --data DIR", archive_drop },
		{ "search",
		  "archive search [WORDS] [--user NAME] [--record ID] [--json] --data DIR",
		  archive_search },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
