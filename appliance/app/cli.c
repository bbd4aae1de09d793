#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "app/cli.h"

enum { PASSWORD_LINE_MAX = 1024 };

const struct cli_command cli_commands[] = {
	{ "serve",
	  "serve --data DIR [--sip ADDR:PORT]... [--web ADDR:PORT]... [--http ADDR:PORT]... [--log-level LEVEL]",
	  cli_serve },
	{ "init", "init --data DIR --domain DOMAIN [--host FQDN] --admin NAME --password-stdin",
	  cli_init },
	{ "user",
	  "user add|list|show|passwd|enable|disable|access|photo|contacts|delete|import ... --data DIR [--json]",
	  cli_user },
	{ "admin", "admin add|list|link|passwd|reset-totp|delete ... --data DIR [--json]",
	  cli_admin },
	{ "department", "department add|list|rename|delete ... --data DIR [--json]",
	  cli_department },
	{ "settings", "settings show|set ... --data DIR", cli_settings },
	{ "group", "group add|list|show|set|delete|member|remove ... --data DIR [--json]",
	  cli_group },
	{ "archive", "archive rules|set|drop|search ... --data DIR [--json]", cli_archive },
	{ "filter", "filter show|set ... --data DIR", cli_filter },
	{ "cert", "cert show|import|export-ca ... --data DIR", cli_cert },
	{ "endpoint", "endpoint list|end ... --data DIR [--json]", cli_endpoint },
	{ "record", "record list ... --data DIR [--json]", cli_record },
	{ "audit", "audit list --data DIR [--json]", cli_audit },
	{ "backup", "backup [--encrypt] FILE --data DIR   (passphrase on standard input)",
	  cli_backup },
	{ "restore", "restore FILE --data DIR", cli_restore },
	{ "check", "check [FILE] [--data DIR]", cli_check },
	{ "upgrade", "upgrade FILE --data DIR", cli_upgrade },
	{ "version", "version [--licences]", cli_version },
};
const size_t cli_commands_count = ARRAY_LEN(cli_commands);

int cli_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("porchlight: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CLI_FAILED;
}

static void keep_last_error(uint64_t seq, int64_t wall_ms, enum log_level level, struct str line,
			    void *arg)
{
	char **last = arg;

	(void)seq;
	(void)wall_ms;
	if (level != LOG_ERROR)
		return;
	free(*last);
	*last = str_z(line);
}

int cli_fail_logged(enum err e)
{
	char *last = NULL;

	log_ring_each(0, keep_last_error, &last);
	cli_fail("%s", last != NULL ? last : err_str(e));
	free(last);
	return CLI_FAILED;
}

int cli_usage(const char *command)
{
	for (size_t i = 0; i < cli_commands_count; i++)
		if (strcmp(cli_commands[i].name, command) == 0)
			fprintf(stderr, "usage: porchlight %s\n", cli_commands[i].usage);
	return CLI_USAGE;
}

static const struct cli_opt *opt_find(const struct cli_opt *opts, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqz(name, opts[i].name))
			return &opts[i];
	return NULL;
}

static bool opt_set(const struct cli_opt *o, const char *value)
{
	switch (o->kind) {
	case CLI_FLAG:
		*o->flag = true;
		return true;
	case CLI_VALUE:
		*o->value = value;
		return true;
	case CLI_LIST:
		if (o->list->n == CLI_LIST_MAX)
			return false;
		o->list->v[o->list->n++] = value;
		return true;
	}
	return false;
}

bool cli_parse(int argc, char **argv, const struct cli_opt *opts, size_t n_opts,
	       struct cli_args *args)
{
	bool only_args = false;

	args->n = 0;
	for (int i = 1; i < argc; i++) {
		struct str value = str_of(argv[i]), name;
		const struct cli_opt *o;

		if (only_args || !str_starts(value, STR("--"))) {
			if (args->n == CLI_ARGS_MAX)
				return cli_fail("%s: too many arguments", argv[0]), false;
			args->v[args->n++] = argv[i];
			continue;
		}
		value = str_sub(value, 2, value.len);
		if (value.len == 0) {
			only_args = true;
			continue;
		}
		name = str_cut(&value, '=');
		o = opt_find(opts, n_opts, name);
		if (o == NULL)
			return cli_fail("%s: unknown option --%.*s", argv[0], STR_ARG(name)), false;
		if (o->kind == CLI_FLAG ? value.p != NULL : value.p == NULL && i + 1 == argc)
			return cli_fail("%s: --%s %s", argv[0], o->name,
					o->kind == CLI_FLAG ? "takes no value" : "needs a value"),
			       false;
		/* value ends with the argument, so it is a C string. */
		if (!opt_set(o, value.p != NULL || o->kind == CLI_FLAG ? value.p : argv[++i]))
			return cli_fail("%s: --%s given too often", argv[0], o->name), false;
	}
	return true;
}

int cli_sub(int argc, char **argv, const struct cli_command *subs, size_t n)
{
	if (argc < 2)
		return cli_usage(argv[0]);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(subs[i].name, argv[1]) == 0) {
			int status = subs[i].run(argc - 1, argv + 1);

			if (status == CLI_USAGE)
				fprintf(stderr, "usage: porchlight %s\n", subs[i].usage);
			return status;
		}
	}
	return cli_usage(argv[0]);
}

static char *read_line(void)
{
	char *line = xcalloc(1, PASSWORD_LINE_MAX);
	size_t len = 0;
	ssize_t n;

	/* Byte by byte: what follows the line stays for whoever else reads this stdin. */
	while (len < PASSWORD_LINE_MAX - 1 && (n = read(STDIN_FILENO, line + len, 1)) == 1 &&
	       line[len] != '\n')
		len++;
	line[len] = '\0';
	if (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	if (len == 0 || len == PASSWORD_LINE_MAX - 1) {
		cli_fail("no password on standard input");
		mem_wipe(line, PASSWORD_LINE_MAX);
		free(line);
		return NULL;
	}
	return line;
}

char *cli_ask_passphrase(const char *prompt)
{
	struct termios before, silent;
	bool is_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	char *line;

	if (is_terminal) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		fputs(prompt, stderr);
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	}
	line = read_line();
	if (is_terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	return line;
}

char *cli_read_password(void)
{
	return cli_ask_passphrase("Password: ");
}

void cli_print_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

/* Columns a terminal gives a character: East Asian wide ones take two. */
static int cell_width(const unsigned char *p)
{
	if (*p < 0x80)
		return 1;
	if ((*p & 0xc0) == 0x80)
		return 0;
	return *p >= 0xe3 && *p <= 0xed ? 2 : 1;
}

void cli_print_cell(const char *text, int width)
{
	int used = 0;

	for (const unsigned char *p = (const unsigned char *)(text != NULL ? text : "-");
	     *p != '\0'; p++) {
		putchar(*p < 0x20 || *p == 0x7f ? '?' : *p);
		used += cell_width(p);
	}
	do
		putchar(' ');
	while (++used < width);
}

void cli_print_time(const json_t *ms)
{
	time_t t = (time_t)(json_integer_value(ms) / 1000);
	struct tm tm;
	char out[32];

	if (t == 0 || gmtime_r(&t, &tm) == NULL || strftime(out, sizeof(out), "%F %TZ", &tm) == 0)
		cli_print_cell("-", 22);
	else
		cli_print_cell(out, 22);
}
