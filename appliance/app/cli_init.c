/* cli_init.c: porchlight init: the scripted first run, the same call the set-up page makes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/ctl.h"

int cli_init(int argc, char **argv)
{
	const char *data = NULL, *domain = NULL, *host = NULL, *admin = NULL;
	bool password_stdin = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "domain", CLI_VALUE, .value = &domain },
		{ "host", CLI_VALUE, .value = &host },
		{ "admin", CLI_VALUE, .value = &admin },
		{ "password-stdin", CLI_FLAG, .flag = &password_stdin },
	};
	struct cli_args args;
	struct ctl_answer a;
	struct ctl *c;
	char *password;
	json_t *body;
	bool ok;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL ||
	    domain == NULL || admin == NULL || !password_stdin || args.n > 0)
		return cli_usage("init");
	password = cli_read_password();
	if (password == NULL)
		return CLI_FAILED;
	body = json_pack("{s:s,s:s,s:s}", "domain", domain, "admin", admin, "password", password);
	mem_wipe(password, strlen(password));
	free(password);
	if (body == NULL)
		return cli_fail("init: the arguments are not UTF-8");
	if (host != NULL)
		json_object_set_new(body, "host", json_string(host));
	if (ctl_open_new(data, &c) != E_OK) {
		json_decref(body);
		return CLI_FAILED;
	}
	ok = ctl_call(c, "POST", "/api/v1/setup", body, &a);
	if (ok)
		ctl_answer_fini(&a);
	ctl_close(&c);
	return ok ? CLI_OK : CLI_FAILED;
}
