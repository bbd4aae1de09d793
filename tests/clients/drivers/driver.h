/* driver.h: what the drivers of real client libraries share: a line protocol on stdin and stdout.
 *
 * A command is one line, a JSON array of strings or shell-like words; a first word "@ID" is echoed
 * in its answer.  An event is one line, a JSON object whose "ev" names it; "ok" and "error" answer a
 * command.  One thread: everything runs in the GLib main loop. */
#ifndef TESTS_CLIENTS_DRIVER_H
#define TESTS_CLIENTS_DRIVER_H

#include <glib.h>

/* Writes one event.  Each key begins with the type of its value: "s:" const char * (NULL allowed),
 * "i:" int, "b:" gboolean, "j:" const char * that is JSON already. */
void event(const char *name, ...) G_GNUC_NULL_TERMINATED;
void json_str(GString *out, const char *s);

/* Does a command; n words follow its name, and words[n] is NULL.  Returns NULL, or why it failed. */
typedef const char *command_fn(int n, char **words);

struct command {
	const char *name;
	int words_min;
	command_fn *run;
};

/* Makes a table known, which ends with a NULL name.  Tables and the check outlive the loop. */
void driver_add_commands(const struct command *table);

/* Asked before each command but "login" and "quit"; returns NULL or why it cannot be done now. */
void driver_set_check(const char *(*check)(const char *name));

/* Runs until "quit", the end of stdin, SIGTERM or SIGINT; then calls on_stop, which must end the
 * loop with driver_end.  on_command (may be NULL) sees every line first. */
void driver_run(void (*on_stop)(void), void (*on_command)(const char *line));
void driver_end(void);

/* The value of key=value among words that end with NULL, or otherwise. */
const char *word_value(char **words, const char *key, const char *otherwise);
gboolean word_is_true(const char *word);

/* Splits a line as described above; NULL when it cannot be understood.  Free with g_strfreev. */
char **words_split(const char *line);

#endif
