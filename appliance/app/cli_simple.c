#include <stdio.h>

#include "base/buf.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

enum { CELL_MAX = 1024 };

int cli_call(const char *data, const char *method, const char *path, json_t *body, bool json,
	     const char *show)
{
	struct ctl_answer a;
	struct ctl *c;
	bool ok;

	if (ctl_open(data, &c) != E_OK) {
		json_decref(body);
		return CLI_FAILED;
	}
	ok = ctl_call(c, method, path, body, &a);
	if (ok) {
		const char *line = show != NULL ? json_string_value(json_object_get(a.json, show))
						: NULL;

		if (json && a.json != NULL)
			cli_print_json(a.json);
		else if (line != NULL)
			puts(line);
		ctl_answer_fini(&a);
	}
	ctl_close(&c);
	return ok ? CLI_OK : CLI_FAILED;
}

static void print_joined(const json_t *array, int width)
{
	struct buf b;
	size_t i;
	json_t *s;

	buf_init(&b, CELL_MAX);
	json_array_foreach(array, i, s)
	{
		if (i > 0)
			buf_addc(&b, ' ');
		buf_addz(&b, json_is_string(s) ? json_string_value(s) : "?");
	}
	buf_addc(&b, '\0');
	cli_print_cell(b.p != NULL ? b.p : "", width);
	buf_fini(&b);
}

static void print_column(const struct cli_column *c, const json_t *value)
{
	char number[32];

	switch (c->kind) {
	case CLI_TEXT:
		cli_print_cell(json_string_value(value), c->width);
		break;
	case CLI_NUMBER:
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		cli_print_cell(number, c->width);
		break;
	case CLI_TIME:
		cli_print_time(value);
		break;
	case CLI_JOIN:
		print_joined(value, c->width);
		break;
	}
}

int cli_list(const char *data, const char *path, const char *field, bool json,
	     const struct cli_column *columns, size_t n)
{
	struct ctl *c;
	json_t *all, *row;
	size_t i;

	if (ctl_open(data, &c) != E_OK)
		return CLI_FAILED;
	all = ctl_list(c, path, field);
	ctl_close(&c);
	if (all == NULL)
		return CLI_FAILED;
	if (json) {
		cli_print_json(all);
		json_decref(all);
		return CLI_OK;
	}
	for (i = 0; i < n; i++)
		cli_print_cell(columns[i].title,
			       columns[i].kind == CLI_TIME ? 22 : columns[i].width);
	putchar('\n');
	json_array_foreach(all, i, row)
	{
		for (size_t k = 0; k < n; k++)
			print_column(&columns[k], json_object_get(row, columns[k].key));
		putchar('\n');
	}
	json_decref(all);
	return CLI_OK;
}
