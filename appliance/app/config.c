#include "base/mem.h"

#include "app/config.h"

static bool addrs_decode(const struct cli_list *list, const char *what, const char *fallback,
			 struct addr *out, size_t *n_out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (addr_decode(str_of(list->v[i]), &out[i]) != E_OK)
			return cli_fail("serve: --%s %s is not ADDR:PORT", what, list->v[i]), false;
	}
	*n_out = list->n;
	if (list->n == 0 && fallback != NULL) {
		*n_out = 1;
		if (addr_decode(str_of(fallback), &out[0]) != E_OK)
			return false;
	}
	return true;
}

bool config_decode(struct config *out, int argc, char **argv)
{
	struct cli_list sip = { .n = 0 }, web = { .n = 0 }, http = { .n = 0 };
	const char *level = "info";
	struct config c = { .listen = true };
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &c.data },     { "sip", CLI_LIST, .list = &sip },
		{ "web", CLI_LIST, .list = &web },	     { "http", CLI_LIST, .list = &http },
		{ "log-level", CLI_VALUE, .value = &level },
	};
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args))
		return false;
	if (c.data == NULL || args.n > 0)
		return cli_fail("serve: --data DIR is needed, and no other argument"), false;
	if (log_level_decode(str_of(level), &c.log_level) != E_OK)
		return cli_fail("serve: --log-level is one of error warn info debug trace"), false;
	if (!addrs_decode(&sip, "sip", "[::]:5061", c.sip, &c.n_sip) ||
	    !addrs_decode(&web, "web", "[::]:443", c.web, &c.n_web) ||
	    !addrs_decode(&http, "http", NULL, c.http, &c.n_http))
		return false;
	*out = c;
	return true;
}
