/* cli_version.c: porchlight version [--licences] */
#include <jansson.h>
#include <mbedtls/version.h>
#include <microhttpd.h>
#include <sqlite3.h>
#include <stdio.h>
#include <zlib.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/licences.h"

int cli_version(int argc, char **argv)
{
	bool licences = false;
	const struct cli_opt opts[] = { { "licences", CLI_FLAG, .flag = &licences } };
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || args.n > 0)
		return cli_usage("version");
	printf("porchlight %s\n", PORCHLIGHT_VERSION);
	if (!licences)
		return CLI_OK;
	printf("\nThis program contains:\n  mbedTLS %s\n  libmicrohttpd %s\n  SQLite %s\n  jansson "
	       "%s\n  zlib %s\n"
	       "  expat, nettle, argon2 and the GNU C library of the Debian release it was built "
	       "on\n\n",
	       MBEDTLS_VERSION_STRING, MHD_get_version(), sqlite3_libversion(), JANSSON_VERSION,
	       zlibVersion());
	fputs(licences_text, stdout);
	return CLI_OK;
}
