/* cli_check.c: porchlight check: is a copy, or the database in use, whole? */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/backup.h"
#include "db/check.h"

#include "app/cli.h"
#include "app/ctl.h"
#include "app/job_wait.h"

static int check_copy(const char *path)
{
	struct check_report r;

	log_to_stderr(false); /* the report says it all */
	if (backup_is_sealed(path) == E_OK)
		return cli_fail("%s is sealed with a passphrase: restore opens and checks it",
				path);
	if (check_file(path, &r) != E_OK)
		return cli_fail("%s", r.text);
	puts(r.text);
	return CLI_OK;
}

/* The server copies its database and checks the copy: nothing else may open the file it serves. */
static int check_served(const char *data)
{
	char *id = NULL, *path;
	struct ctl_answer a;
	struct ctl *c;
	bool ok;

	if (ctl_open(data, &c) != E_OK)
		return CLI_FAILED;
	ok = job_wait(c, "/api/v1/checks", json_object(), &id);
	if (ok) {
		path = ctl_path("/api/v1/backups/", id, "");
		ok = ctl_call(c, "GET", path, NULL, &a);
		if (ok) {
			puts(json_string_value(json_object_get(a.json, "message")));
			ctl_answer_fini(&a);
		}
		if (ctl_call(c, "DELETE", path, NULL, &a))
			ctl_answer_fini(&a);
		free(path);
	}
	free(id);
	ctl_close(&c);
	return ok ? CLI_OK : CLI_FAILED;
}

int cli_check(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || args.n > 1 ||
	    (args.n == 0 && data == NULL))
		return cli_usage("check");
	return args.n == 1 ? check_copy(args.v[0]) : check_served(data);
}
