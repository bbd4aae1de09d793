#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#include "app/cli.h"
#include "app/job_wait.h"

static const struct timespec pause_between = { .tv_nsec = 50 * 1000 * 1000 };

bool job_wait(struct ctl *c, const char *path, json_t *body, char **id_out)
{
	struct ctl_answer a;
	char *id, *progress;
	bool done = false, failed = false;

	if (!ctl_call(c, "POST", path, body, &a))
		return false;
	id = xstrdup(json_string_value(json_object_get(a.json, "id")));
	ctl_answer_fini(&a);
	progress = ctl_path("/api/v1/backups/", id, "");
	while (!done && !failed) {
		const char *state, *message;

		nanosleep(&pause_between, NULL);
		if (!ctl_call(c, "GET", progress, NULL, &a)) {
			failed = true;
			break;
		}
		state = json_string_value(json_object_get(a.json, "state"));
		message = json_string_value(json_object_get(a.json, "message"));
		done = state != NULL && strcmp(state, "done") == 0;
		failed = state == NULL || strcmp(state, "failed") == 0;
		if (failed)
			cli_fail("%s", message != NULL ? message : "the job failed");
		ctl_answer_fini(&a);
	}
	free(progress);
	if (failed) {
		free(id);
		return false;
	}
	*id_out = id;
	return true;
}
