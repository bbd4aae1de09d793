/* cli_endpoint.c: porchlight endpoint list|end: who is signed in, from where, with what. */
#include <stdlib.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

static int endpoint_list(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "ID", "id", 12, CLI_TEXT },		{ "USER", "user", 20, CLI_TEXT },
		{ "ADDRESS", "address", 28, CLI_TEXT }, { "TLS", "tls", 8, CLI_TEXT },
		{ "SINCE", "since_ms", 0, CLI_TIME },	{ "CLIENT", "client", 32, CLI_TEXT },
	};
	const char *data = NULL;
	bool json = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "json", CLI_FLAG, .flag = &json },
	};
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n > 0)
		return CLI_USAGE;
	return cli_list(data, "/api/v1/endpoints", "endpoints", json, columns, ARRAY_LEN(columns));
}

static int endpoint_end(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;
	char *path;
	int status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n != 1)
		return CLI_USAGE;
	path = ctl_path("/api/v1/endpoints/", args.v[0], "");
	status = cli_call(data, "DELETE", path, NULL, false, NULL);
	free(path);
	return status;
}

int cli_endpoint(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "list", "endpoint list [--json] --data DIR", endpoint_list },
		{ "end", "endpoint end ID --data DIR", endpoint_end },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
