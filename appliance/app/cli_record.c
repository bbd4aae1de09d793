/* cli_record.c: porchlight record list: who talked with whom; never the text. */
#include <stdlib.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

static int record_list(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "STARTED", "started_ms", 0, CLI_TIME }, { "ENDED", "ended_ms", 0, CLI_TIME },
		{ "PARTICIPANTS", "who", 48, CLI_JOIN },  { "TEXTS", "messages", 6, CLI_NUMBER },
		{ "RESULT", "result", 6, CLI_NUMBER },
	};
	const char *data = NULL, *user = NULL;
	bool json = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "user", CLI_VALUE, .value = &user },
		{ "json", CLI_FLAG, .flag = &json },
	};
	struct cli_args args;
	char *path;
	int status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n > 0)
		return CLI_USAGE;
	path = user != NULL ? ctl_path("/api/v1/records?user=", user, "")
			    : ctl_path("/api/v1/records", "", "");
	status = cli_list(data, path, "records", json, columns, ARRAY_LEN(columns));
	free(path);
	return status;
}

int cli_record(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "list", "record list [--user NAME] [--json] --data DIR", record_list },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
