/* cli_restore.c: porchlight restore: puts a backup, or a plain copy, in the place of the database.
 *
 * FILE may be readable by root alone while the data directory belongs to
 * another user: it is opened first, and copied if its owner-to-be cannot. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/backup.h"
#include "db/restore.h"

#include "app/cli.h"
#include "app/datadir.h"

enum { PIECE = 128 * 1024 };

static bool copy_fd(int from, const char *to)
{
	char *piece = xmalloc(PIECE);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t n = fd < 0 ? -1 : 0;

	while (fd >= 0 && (n = read(from, piece, PIECE)) > 0) {
		if (write(fd, piece, (size_t)n) != n) {
			n = -1;
			break;
		}
	}
	if (fd >= 0 && close(fd) != 0)
		n = -1;
	if (n < 0)
		cli_fail("restore: %s: %s", to, strerror(errno));
	mem_wipe(piece, PIECE);
	free(piece);
	return n == 0;
}

static bool unseal(const char *sealed, const char *plain)
{
	char *passphrase = cli_ask_passphrase("Passphrase of the backup: ");
	enum err e;

	if (passphrase == NULL)
		return false;
	(void)unlink(plain);
	e = backup_unseal(sealed, plain, str_of(passphrase));
	mem_wipe(passphrase, strlen(passphrase));
	free(passphrase);
	if (e == E_AUTH)
		cli_fail("restore: the passphrase is wrong, or the file is damaged");
	else if (e != E_OK)
		cli_fail("restore: %s cannot be unsealed: %s", sealed, err_str(e));
	return e == E_OK;
}

static int put(const char *data, const char *file)
{
	struct restore_result r;
	enum err e = restore_put(data, file, &r);

	if (e == E_OK) {
		printf("%s\n", r.check.text);
		if (r.undo != NULL)
			printf("The database that was there is kept as %s; delete it once all is "
			       "well.\n",
			       r.undo);
	} else if (r.check.err != E_OK) {
		cli_fail("%s", r.check.text);
	} else {
		cli_fail_logged(e);
	}
	restore_result_fini(&r);
	return e == E_OK ? CLI_OK : CLI_FAILED;
}

/* As the directory's owner. */
static int restore(const char *data, const char *file, int fd)
{
	char *copy = datadir_path(data, "restore.copy"),
	     *plain = datadir_path(data, "restore.plain");
	const char *from = file;
	int status = CLI_FAILED;
	bool ok = true;

	if (access(file, R_OK) != 0) {
		ok = copy_fd(fd, copy);
		from = copy;
	}
	if (ok && backup_is_sealed(from) == E_OK) {
		ok = unseal(from, plain);
		from = plain;
	}
	if (ok)
		status = put(data, from);
	(void)unlink(copy);
	(void)unlink(plain);
	free(copy);
	free(plain);
	return status;
}

int cli_restore(int argc, char **argv)
{
	const char *data = NULL;
	bool passphrase_stdin = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "passphrase-stdin", CLI_FLAG,
		  .flag = &passphrase_stdin }, /* stdin is where it comes from anyway */
	};
	struct cli_args args;
	int fd, status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n != 1)
		return cli_usage("restore");
	log_to_stderr(false);
	fd = open(args.v[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return cli_fail("%s: %s", args.v[0], strerror(errno));
	if (datadir_make(data) != E_OK || datadir_become_owner(data) != E_OK)
		status = cli_fail_logged(E_DENIED);
	else
		status = restore(data, args.v[0], fd);
	close(fd);
	return status;
}
