/* cli_audit.c: porchlight audit list: who changed what. */
#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"

static int audit_list(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "AT", "at_ms", 0, CLI_TIME },	     { "WHO", "actor", 16, CLI_TEXT },
		{ "FROM", "address", 16, CLI_TEXT }, { "ACTION", "action", 20, CLI_TEXT },
		{ "WHAT", "object", 24, CLI_TEXT },  { "DETAIL", "detail", 1, CLI_TEXT },
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
	return cli_list(data, "/api/v1/audit", "entries", json, columns, ARRAY_LEN(columns));
}

int cli_audit(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "list", "audit list [--json] --data DIR", audit_list },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
