/* cli_backup.c: porchlight backup: everything up to now, into one file.
 *
 * The file is made by the user who runs the command; the work is done by a
 * child, which becomes the data directory's owner.  FILE is complete or not
 * there: it is written beside and renamed at the end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/ctl.h"
#include "app/job_wait.h"

static int download(const char *data, json_t *body, int fd)
{
	struct ctl *c;
	char *id = NULL, *file, *job;
	struct ctl_answer a;
	bool ok;

	if (ctl_open(data, &c) != E_OK) {
		json_decref(body);
		return CLI_FAILED;
	}
	ok = job_wait(c, "/api/v1/backups", body, &id);
	if (ok) {
		file = ctl_path("/api/v1/backups/", id, "/file");
		job = ctl_path("/api/v1/backups/", id, "");
		ok = ctl_download(c, file, json_object(), fd);
		if (ctl_call(c, "DELETE", job, NULL, &a))
			ctl_answer_fini(&a);
		free(file);
		free(job);
	}
	free(id);
	ctl_close(&c);
	return ok ? CLI_OK : CLI_FAILED;
}

static int in_child(const char *data, json_t *body, int fd)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		status = download(data, body, fd);
		fflush(NULL);
		_exit(status);
	}
	json_decref(body);
	if (child < 0)
		return cli_fail("backup: %s", strerror(errno));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status))
		return cli_fail("backup: ended by signal %d", WTERMSIG(status));
	return WEXITSTATUS(status);
}

/* So that the name is on the disk too before we say it is there. */
static void sync_directory(const char *file)
{
	const char *slash = strrchr(file, '/');
	char *dir = slash == NULL ? xstrdup(".") : str_z(str_n(file, (size_t)(slash - file) + 1));
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(dir);
}

static int write_backup(const char *data, const char *file, json_t *body)
{
	char *part = xasprintf("%s.part", file);
	int fd, status;

	(void)unlink(part); /* of an earlier run that was killed */
	fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		status = cli_fail("%s: %s", part, strerror(errno));
		json_decref(body);
		free(part);
		return status;
	}
	status = in_child(data, body, fd);
	if (status == CLI_OK && (fsync(fd) != 0 || rename(part, file) != 0))
		status = cli_fail("%s: %s", file, strerror(errno));
	close(fd);
	if (status == CLI_OK)
		sync_directory(file);
	else
		(void)unlink(part);
	free(part);
	return status;
}

int cli_backup(int argc, char **argv)
{
	const char *data = NULL;
	bool encrypt = false, passphrase_stdin = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "encrypt", CLI_FLAG, .flag = &encrypt },
		{ "passphrase-stdin", CLI_FLAG, .flag = &passphrase_stdin },
	};
	struct cli_args args;
	json_t *body;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL || args.n != 1)
		return cli_usage("backup");
	body = json_object();
	if (encrypt || passphrase_stdin) {
		char *passphrase = cli_ask_passphrase("Passphrase for the backup: ");

		if (passphrase == NULL) {
			json_decref(body);
			return CLI_FAILED;
		}
		json_object_set_new(body, "passphrase", json_string(passphrase));
		mem_wipe(passphrase, strlen(passphrase));
		free(passphrase);
	}
	return write_backup(data, args.v[0], body);
}
