/* server_setup.c: the one-time set-up link, on the console of whoever starts an empty server.
 *
 * It goes to stderr and not through the log: the log's ring is shown to administrators
 * later, and a secret has no place in it. */
#include <stdio.h>

#include "crypto/x509.h"
#include "webadmin/api/issue.h"

#include "app/server_int.h"

void server_setup_announce(const struct server *s)
{
	struct issue_names local = { .n_addresses = 0 };

	if (s->is_set_up)
		return;
	fprintf(stderr,
		"\nThis server is not set up yet. Open this link in a browser; it works once:\n\n"
		"  %s/setup.html#%s\n\n"
		"The browser will warn, because the certificate is temporary. Its SHA-256 "
		"fingerprint is\n"
		"  %s\n",
		s->api.base_url, s->api.setup_token, s->cert_fingerprint);
	issue_names_local(&local);
	if (local.n_addresses > 0) {
		fputs("Addresses of this machine, should its name not be known to the browser:",
		      stderr);
		for (size_t i = 0; i < local.n_addresses; i++)
			fprintf(stderr, " %.*s", STR_ARG(local.address[i]));
		fputc('\n', stderr);
	}
	issue_names_fini(&local);
	fputs("Or use the command line: porchlight init (see porchlight help).\n\n", stderr);
}
