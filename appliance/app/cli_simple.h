/* cli_simple.h: commands that are one call of the API: open, ask, print. */
#ifndef APP_CLI_SIMPLE_H
#define APP_CLI_SIMPLE_H

#include <jansson.h>
#include <stdbool.h>

struct cli_column {
	const char *title, *key;
	int width;
	enum { CLI_TEXT, CLI_NUMBER, CLI_TIME, CLI_JOIN } kind; /* CLI_JOIN: an array of strings */
};

/* Prints body's answer as JSON when json, or the member "show" of it as a line when there is one. */
int cli_call(const char *data, const char *method, const char *path, json_t *body, bool json,
	     const char *show);
/* Every page of a list, as a JSON array or as a table. */
int cli_list(const char *data, const char *path, const char *field, bool json,
	     const struct cli_column *columns, size_t n);

#endif
