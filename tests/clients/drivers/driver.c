/* driver.c: events out, commands in, and the loop between them. */
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"

enum { TABLES_MAX = 8 };

static const struct command *tables[TABLES_MAX];
static const char *(*may_run)(const char *name);
static void (*stop)(void);
static void (*see_line)(const char *line);
static GMainLoop *loop;
static GString *input;
static gboolean is_stopping;

void json_str(GString *out, const char *s)
{
	const unsigned char *p;
	char *fixed = NULL;

	if (s == NULL) {
		g_string_append(out, "null");
		return;
	}
	if (!g_utf8_validate(s, -1, NULL))
		s = fixed = g_utf8_make_valid(s, -1);
	g_string_append_c(out, '"');
	for (p = (const unsigned char *)s; *p != '\0'; p++) {
		if (*p < 0x20) {
			g_string_append_printf(out, "\\u%04x", *p);
			continue;
		}
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, (char)*p);
	}
	g_string_append_c(out, '"');
	g_free(fixed);
}

static void append_value(GString *out, char type, va_list *values)
{
	const char *ready;

	switch (type) {
	case 's':
		json_str(out, va_arg(*values, const char *));
		break;
	case 'i':
		g_string_append_printf(out, "%d", va_arg(*values, int));
		break;
	case 'b':
		g_string_append(out, va_arg(*values, gboolean) ? "true" : "false");
		break;
	default:
		ready = va_arg(*values, const char *);
		g_string_append(out, ready != NULL ? ready : "null");
	}
}

void event(const char *name, ...)
{
	GString *out = g_string_new("{\"ev\":");
	const char *key;
	va_list values;

	json_str(out, name);
	va_start(values, name);
	while ((key = va_arg(values, const char *)) != NULL) {
		g_string_append_c(out, ',');
		json_str(out, key + 2);
		g_string_append_c(out, ':');
		append_value(out, key[0], &values);
	}
	va_end(values);
	g_string_append_c(out, '}');
	puts(out->str);
	fflush(stdout);
	g_string_free(out, TRUE);
}

void driver_add_commands(const struct command *table)
{
	int i;

	for (i = 0; tables[i] != NULL; i++)
		continue;
	g_assert(i < TABLES_MAX - 1);
	tables[i] = table;
}

void driver_set_check(const char *(*check)(const char *name))
{
	may_run = check;
}

static const struct command *find_command(const char *name)
{
	const struct command *const *t, *c;

	for (t = tables; *t != NULL; t++)
		for (c = *t; c->name != NULL; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	return NULL;
}

static void begin_stop(void)
{
	if (is_stopping)
		return;
	is_stopping = TRUE;
	stop();
}

static const char *run_words(char **words)
{
	const char *name = words[0], *why = NULL;
	const struct command *c = find_command(name);
	int n = (int)g_strv_length(words) - 1;

	if (strcmp(name, "quit") == 0) {
		begin_stop();
		return NULL;
	}
	if (c == NULL)
		return "unknown command";
	if (n < c->words_min)
		return "missing argument";
	if (may_run != NULL && strcmp(name, "login") != 0)
		why = may_run(name);
	return why != NULL ? why : c->run(n, words + 1);
}

static void run_line(const char *line)
{
	char **words = words_split(line), **rest = words;
	const char *id = NULL, *why;

	if (words == NULL) {
		event("error", "s:cmd", "?", "s:text", "cannot be parsed", NULL);
		return;
	}
	if (rest[0] != NULL && rest[0][0] == '@')
		id = *rest++ + 1;
	if (rest[0] != NULL) {
		why = run_words(rest);
		event(why == NULL ? "ok" : "error", "s:cmd", rest[0], "s:id", id, "s:text", why,
		      NULL);
	}
	g_strfreev(words);
}

static gboolean on_stdin(GIOChannel *channel, GIOCondition condition, gpointer unused)
{
	char bytes[65536], *end, *line;
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	(void)channel, (void)condition, (void)unused;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return TRUE;
	if (n <= 0) {
		begin_stop();
		return FALSE;
	}
	g_string_append_len(input, bytes, n);
	while ((end = memchr(input->str, '\n', input->len)) != NULL) {
		line = g_strstrip(g_strndup(input->str, (gsize)(end - input->str)));
		g_string_erase(input, 0, end - input->str + 1);
		if (*line != '\0' && see_line != NULL)
			see_line(line);
		if (*line != '\0')
			run_line(line);
		g_free(line);
	}
	return TRUE;
}

static gboolean on_signal(gpointer unused)
{
	(void)unused;
	begin_stop();
	return TRUE;
}

void driver_run(void (*on_stop)(void), void (*on_command)(const char *line))
{
	stop = on_stop;
	see_line = on_command;
	input = g_string_new(NULL);
	signal(SIGPIPE, SIG_IGN);
	loop = g_main_loop_new(NULL, FALSE);
	g_io_add_watch(g_io_channel_unix_new(STDIN_FILENO), G_IO_IN | G_IO_HUP | G_IO_ERR, on_stdin,
		       NULL);
	g_unix_signal_add(SIGTERM, on_signal, NULL);
	g_unix_signal_add(SIGINT, on_signal, NULL);
	g_main_loop_run(loop);
	event("quit", NULL);
}

void driver_end(void)
{
	g_main_loop_quit(loop);
}
