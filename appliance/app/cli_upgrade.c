/* cli_upgrade.c: porchlight upgrade: puts a new system image into the idle slot of the appliance. */
#include <unistd.h>

#include "base/mem.h"

#include "app/cli.h"

/* Written by the image's build; only the bootable image has slots to upgrade. */
#define SLOT_FILE "/etc/porchlight-slot"

int cli_upgrade(int argc, char **argv)
{
	const char *data = NULL;
	const struct cli_opt opts[] = { { "data", CLI_VALUE, .value = &data } };
	struct cli_args args;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n != 1)
		return cli_usage("upgrade");
	if (access(SLOT_FILE, F_OK) != 0)
		return cli_fail("upgrade: this machine does not run the Porchlight image; install "
				"the new binary "
				"and restart the service, the database is upgraded at its start");
	return cli_fail("upgrade: this version cannot write image slots");
}
