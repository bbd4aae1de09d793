#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cli.h"

int main(int argc, char **argv)
{
	/* Every file is as secret as the database: copies, the socket, temporary files. */
	umask(077);
	/* A lease break on the database (db/checkpoint.h) arrives as SIGIO, whose default action kills. */
	signal(SIGIO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);

	for (size_t i = 0; argc > 1 && i < cli_commands_count; i++) {
		if (strcmp(argv[1], cli_commands[i].name) == 0) {
			int status = cli_commands[i].run(argc - 1, argv + 1);

			if (fflush(stdout) != 0 && status == CLI_OK)
				status = cli_fail("cannot write the output");
			return status;
		}
	}
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		for (size_t i = 0; i < cli_commands_count; i++)
			printf("porchlight %s\n", cli_commands[i].usage);
		return CLI_OK;
	}
	fputs("usage: porchlight COMMAND ...   (porchlight help)\n", stderr);
	return CLI_USAGE;
}
