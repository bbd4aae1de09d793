/* cli.h: the command line: one table of commands, one file per command.
 *
 * Exit status 0 done, 1 failed, 2 usage; an error is one line on stderr. */
#ifndef APP_CLI_H
#define APP_CLI_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

struct cli_command {
	const char *name;
	const char *usage;		   /* what follows "porchlight" */
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

extern const struct cli_command cli_commands[];
extern const size_t cli_commands_count;

enum cli_opt_kind { CLI_FLAG, CLI_VALUE, CLI_LIST };
enum { CLI_LIST_MAX = 16, CLI_ARGS_MAX = 16 };

struct cli_list {
	const char *v[CLI_LIST_MAX];
	size_t n;
};

struct cli_opt {
	const char *name; /* without "--" */
	enum cli_opt_kind kind;
	union {
		bool *flag;
		const char **value;
		struct cli_list *list;
	};
};

struct cli_args {
	const char *v[CLI_ARGS_MAX]; /* what is no option */
	size_t n;
};

/* "--name value", "--name=value", "--" ends the options; options and arguments mix.
 * False: wrong use, said on stderr. */
bool cli_parse(int argc, char **argv, const struct cli_opt *opts, size_t n_opts,
	       struct cli_args *args);

/* One line on stderr, "porchlight: ..."; returns CLI_FAILED. */
int cli_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The rooms below log for a running server; here the last error they logged is the one line, or e itself. */
int cli_fail_logged(enum err e);
int cli_usage(const char *command); /* prints the usage of the command; returns CLI_USAGE */

/* The first line of stdin without its end, or NULL (said on stderr); free after mem_wipe.  On a terminal it
 * asks first and does not show what is typed. */
char *cli_read_password(void);
/* "-": stdin.  Before the command becomes the data directory's owner.  False: said on stderr. */
bool cli_read_file(const char *path, struct buf *out);

/* The same, asking in these words. */
char *cli_ask_passphrase(const char *prompt);

void cli_print_json(const json_t *j); /* stdout, indented, one newline at the end */
/* A column of a table on stdout: text with control characters replaced, padded to width. */
void cli_print_cell(const char *text, int width);
/* Unix milliseconds as "2026-01-31 12:00:00Z", "-" for 0 or null. */
void cli_print_time(const json_t *ms);

int cli_serve(int argc, char **argv);
int cli_init(int argc, char **argv);
int cli_user(int argc, char **argv);
int cli_user_photo(int argc, char **argv);
int cli_user_contacts(int argc, char **argv);
int cli_admin(int argc, char **argv);
int cli_settings(int argc, char **argv);
int cli_group(int argc, char **argv);
int cli_archive(int argc, char **argv);
int cli_audit(int argc, char **argv);
int cli_filter(int argc, char **argv);
int cli_department(int argc, char **argv);
int cli_cert(int argc, char **argv);
int cli_backup(int argc, char **argv);
int cli_restore(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_upgrade(int argc, char **argv);
int cli_version(int argc, char **argv);
int cli_record(int argc, char **argv);
int cli_endpoint(int argc, char **argv);

/* Commands with sub-commands ("user add"): runs the one argv[1] names. */
int cli_sub(int argc, char **argv, const struct cli_command *subs, size_t n);

#endif
