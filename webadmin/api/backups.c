/* backups.c: /backups and /checks: start, look, download, forget. */
#include "base/limits.h"
#include "base/mem.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/jobs.h"

static void start(struct api_call *c, enum api_job_kind kind, struct str passphrase)
{
	struct str id;
	enum err e = api_jobs_start(c->api->jobs, kind, passphrase, &id);

	if (e == E_EXISTS) {
		api_error(c->rq, 409, "busy", "Another copy is being made.", NULL);
		return;
	}
	if (e != E_OK) {
		api_fail(c->rq, e, "The copy");
		return;
	}
	api_audit(c, kind == API_JOB_BACKUP ? "backup" : "check", STR(""),
		  passphrase.len > 0 ? STR("sealed") : STR(""));
	api_reply(c->rq, 202, api_jobs_describe(c->api->jobs, id));
}

void api_backups_post(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));
	struct str passphrase = STR_NULL;

	if (c == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "passphrase",
		  .kind = API_SECRET,
		  .min = PASSWORD_MIN_CHARS,
		  .max = PASSWORD_MAX,
		  .text = &passphrase },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	/* What leaves through a browser lands in a download folder: never unsealed. */
	if (passphrase.len == 0 && !http_req_is_local(rq))
		api_error(rq, 400, "invalid", "is needed: the file holds every password and key",
			  "passphrase");
	else
		start(c, API_JOB_BACKUP, passphrase);
}

void api_checks_post(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL && api_read(rq, NULL, 0))
		start(c, API_JOB_CHECK, STR_NULL);
}

void api_backup_get(struct http_req *rq, void *arg)
{
	const struct api *a = arg;
	json_t *j = api_jobs_describe(a->jobs, http_req_capture(rq, "id"));

	if (j != NULL)
		api_reply(rq, 200, j);
	else
		api_fail(rq, E_NOTFOUND, "The job");
}

void api_backup_file(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	uint64_t size;
	int fd;
	enum err e;

	if (!api_read(rq, NULL, 0))
		return;
	e = api_jobs_file(a->jobs, http_req_capture(rq, "id"), &fd, &size);
	if (e != E_OK) {
		api_fail(rq, e, "The file");
		return;
	}
	http_req_add_header(rq, "Content-Disposition",
			    STR("attachment; filename=\"porchlight-backup\""));
	http_req_add_header(rq, "Cache-Control", STR("no-store"));
	http_reply_fd(rq, 200, "application/octet-stream", fd, size);
}

void api_backup_delete(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	enum err e;

	if (!api_read(rq, NULL, 0))
		return;
	e = api_jobs_forget(a->jobs, http_req_capture(rq, "id"));
	if (e != E_OK)
		api_fail(rq, e, "The job");
	else
		api_reply_empty(rq);
}
