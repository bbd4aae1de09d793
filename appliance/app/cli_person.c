/* cli_person.c: porchlight user photo|contacts: what belongs to one person. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "db/photos.h"

#include "app/cli.h"
#include "app/cli_simple.h"
#include "app/ctl.h"

/* "user photo NAME FILE", "user photo NAME --remove". */
int cli_user_photo(int argc, char **argv)
{
	const char *data = NULL, *type;
	bool is_removal = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "remove", CLI_FLAG, .flag = &is_removal },
	};
	struct cli_args args;
	struct ctl *c = NULL;
	struct ctl_answer a;
	struct buf image;
	char *path;
	int status = CLI_FAILED;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL ||
	    args.n != (is_removal ? 1 : 2))
		return CLI_USAGE;
	path = ctl_path("/api/v1/users/", args.v[0], "/photo");
	if (is_removal) {
		status = cli_call(data, "DELETE", path, NULL, false, NULL);
		free(path);
		return status;
	}
	buf_init(&image, PHOTO_BYTES_MAX);
	if (cli_read_file(args.v[1], &image)) {
		type = db_photo_type(buf_str(&image));
		if (type == NULL)
			cli_fail("%s: neither JPEG nor PNG", args.v[1]);
		else if (ctl_open(data, &c) == E_OK &&
			 ctl_send(c, "PUT", path, type, buf_str(&image), &a)) {
			ctl_answer_fini(&a);
			status = CLI_OK;
		}
	}
	ctl_close(&c);
	buf_fini(&image);
	free(path);
	return status;
}

static int change_contact(const char *data, const char *list, const struct cli_args *args,
			  const char *name, const char *group)
{
	bool is_removal = strcmp(args->v[1], "remove") == 0;
	json_t *body;
	char *path;
	int status;

	if (!is_removal && strcmp(args->v[1], "add") != 0)
		return CLI_USAGE;
	path = ctl_path(list, args->v[2], "");
	if (is_removal) {
		status = cli_call(data, "DELETE", path, NULL, false, NULL);
	} else {
		body = json_object();
		if (name != NULL)
			json_object_set_new(body, "name", json_string(name));
		if (group != NULL)
			json_object_set_new(body, "group", json_string(group));
		status = cli_call(data, "PUT", path, body, false, NULL);
	}
	free(path);
	return status;
}

/* "user contacts NAME", "user contacts NAME add|remove CONTACT". */
int cli_user_contacts(int argc, char **argv)
{
	static const struct cli_column columns[] = {
		{ "ADDRESS", "address", 32, CLI_TEXT },
		{ "NAME", "name", 24, CLI_TEXT },
		{ "GROUPS", "groups", 24, CLI_JOIN },
	};
	const char *data = NULL, *name = NULL, *group = NULL;
	bool json = false;
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "name", CLI_VALUE, .value = &name },
		{ "group", CLI_VALUE, .value = &group },
		{ "json", CLI_FLAG, .flag = &json },
	};
	struct cli_args args;
	char *path, *list;
	int status;

	if (!cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args) || data == NULL ||
	    (args.n != 1 && args.n != 3))
		return CLI_USAGE;
	path = ctl_path("/api/v1/users/", args.v[0], "/contacts");
	list = xasprintf("%s/", path);
	status = args.n == 1 ? cli_list(data, path, "contacts", json, columns, ARRAY_LEN(columns))
			     : change_contact(data, list, &args, name, group);
	free(list);
	free(path);
	return status;
}
