/* cli_filter.c: porchlight filter show|set: what is allowed in texts and offered files. */
#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"

static int filter_show(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n > 0)
		return CLI_USAGE;
	return cli_call(data, "GET", "/api/v1/filters", NULL, true, NULL);
}

static int filter_set(int argc, char **argv)
{
	static const char *const names[] = { "links", "link_hosts", "link_warning",
					     "files", "extensions", "disclaimer" };
	const char *data = NULL, *value[ARRAY_LEN(names)] = { NULL };
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "links", CLI_VALUE, .value = &value[0] },
		{ "link-hosts", CLI_VALUE, .value = &value[1] },
		{ "link-warning", CLI_VALUE, .value = &value[2] },
		{ "files", CLI_VALUE, .value = &value[3] },
		{ "extensions", CLI_VALUE, .value = &value[4] },
		{ "disclaimer", CLI_VALUE, .value = &value[5] },
	};
	struct cli_args args;
	json_t *body;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n > 0)
		return CLI_USAGE;
	body = json_object();
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (value[i] != NULL)
			json_object_set_new(body, names[i], json_string(value[i]));
	return cli_call(data, "PATCH", "/api/v1/filters", body, false, NULL);
}

int cli_filter(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "show", "filter show --data DIR", filter_show },
		{ "set",
		  "filter set [--links allow|warn|block] [--link-hosts HOSTS] [--link-warning TEXT] "
		  "[--files allow|warn|block] [--extensions EXTS] [--disclaimer TEXT] --data DIR",
		  filter_set },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
