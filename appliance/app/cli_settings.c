/* cli_settings.c: porchlight settings show|set: what may be changed while the server runs. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#include "app/cli.h"
#include "app/cli_simple.h"

static int settings_show(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n > 0)
		return CLI_USAGE;
	return cli_call(data, "GET", "/api/v1/settings", NULL, true, NULL);
}

/* A number, a flag or a word, as it looks; the server knows what it should be. */
static json_t *value_of(const char *text)
{
	uint64_t n;

	if (num_u64(str_of(text), 0, INT64_MAX, &n) == E_OK)
		return json_integer((json_int_t)n);
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(strcmp(text, "true") == 0);
	return json_string(text);
}

static int settings_set(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;
	json_t *body;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n != 2)
		return CLI_USAGE;
	body = json_object();
	json_object_set_new(body, args.v[0], value_of(args.v[1]));
	return cli_call(data, "PATCH", "/api/v1/settings", body, false, NULL);
}

int cli_settings(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "show", "settings show --data DIR", settings_show },
		{ "set", "settings set NAME VALUE --data DIR", settings_set },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
