/* cli_cert.c: porchlight cert show|import|export-ca */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

static bool data_only(int argc, char **argv, const char **data_out)
{
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = data_out } };
	struct cli_args args;

	*data_out = NULL;
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) && *data_out != NULL &&
	       args.n == 0;
}

static int cert_show(int argc, char **argv)
{
	const char *data;

	if (!data_only(argc, argv, &data))
		return CLI_USAGE;
	return cli_call(data, "GET", "/api/v1/certificates", NULL, true, NULL);
}

static int cert_export_ca(int argc, char **argv)
{
	const char *data;
	struct ctl_answer a;
	struct ctl *c;
	bool ok;

	if (!data_only(argc, argv, &data))
		return CLI_USAGE;
	if (ctl_open(data, &c) != E_OK)
		return CLI_FAILED;
	ok = ctl_call(c, "GET", "/api/v1/certificates/ca", NULL, &a);
	if (ok) {
		fwrite(a.body, 1, a.len, stdout);
		ctl_answer_fini(&a);
	}
	ctl_close(&c);
	return ok ? CLI_OK : CLI_FAILED;
}

/* The text of a PEM file, read before the command becomes the data directory's owner. */
static json_t *pem_read(const char *path)
{
	char *p = xcalloc(1, HTTP_BODY_SMALL + 1);
	FILE *f = fopen(path, "rb");
	json_t *j = NULL;
	size_t n;

	if (f == NULL) {
		cli_fail("%s: %m", path);
		free(p);
		return NULL;
	}
	n = fread(p, 1, HTTP_BODY_SMALL, f);
	if (ferror(f) || !feof(f) || (j = json_stringn(p, n)) == NULL)
		cli_fail("%s: not a PEM file", path);
	fclose(f);
	mem_wipe(p, HTTP_BODY_SMALL);
	free(p);
	return j;
}

static int cert_import(int argc, char **argv)
{
	const char *data = NULL, *chain = NULL, *key = NULL;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "chain", CLI_VALUE, .value = &chain },
		{ "key", CLI_VALUE, .value = &key },
	};
	struct cli_args args;
	json_t *chain_pem, *key_pem;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || chain == NULL ||
	    key == NULL || args.n > 0)
		return CLI_USAGE;
	chain_pem = pem_read(chain);
	key_pem = chain_pem != NULL ? pem_read(key) : NULL;
	if (key_pem == NULL) {
		json_decref(chain_pem);
		return CLI_FAILED;
	}
	return cli_call(data, "PUT", "/api/v1/certificates/server",
			json_pack("{s:o,s:o}", "chain", chain_pem, "key", key_pem), false, NULL);
}

int cli_cert(int argc, char **argv)
{
	static const struct cli_command subs[] = {
		{ "show", "cert show --data DIR", cert_show },
		{ "import", "cert import --chain CHAIN.pem --key KEY.pem --data DIR", cert_import },
		{ "export-ca", "cert export-ca --data DIR", cert_export_ca },
	};

	return cli_sub(argc, argv, subs, ARRAY_LEN(subs));
}
