#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/token.h"
#include "db/backup.h"
#include "db/check.h"

#include "webadmin/api/jobs.h"
#include "webadmin/api/reply.h"

enum { JOB_ID_LEN = 16, JOB_DIR_ENTRIES_MAX = 1000 };

enum job_state { JOB_COPYING, JOB_CHECKING, JOB_SEALING, JOB_DONE, JOB_FAILED };

/* Invariants:
 * 1. The job is in api_jobs.all from start to forget, and is freed only while nobody works on it.
 * 2. plain exists from the end of the copy until sealed; file is what is downloaded. */
struct api_job {
	struct list node;
	struct api_jobs *all;
	char id[JOB_ID_LEN + 1];
	enum api_job_kind kind;
	_Atomic int state; /* enum job_state; the worker moves it too */
	struct backup_op copy;
	struct work work;
	struct check_report report;
	char *plain, *sealed;  /* owned paths; sealed NULL: not wanted */
	struct str passphrase; /* owned */
	const char *message;   /* static, or in report */
	uint64_t size;
	struct timer keep;
};

struct api_jobs {
	struct api_jobs_cfg cfg;
	char *dir; /* owned; DIR/tmp */
	struct list all;
};

static const char *const state_names[] = { "copying", "checking", "sealing", "done", "failed" };

static void wipe_passphrase(struct api_job *j)
{
	char *p = (char *)(uintptr_t)j->passphrase.p;

	if (p != NULL)
		mem_wipe(p, j->passphrase.len);
	str_free(&j->passphrase);
}

static void job_free(struct api_job *j)
{
	timer_stop(j->all->cfg.heap, &j->keep);
	list_del(&j->node);
	if (j->plain != NULL)
		(void)unlink(j->plain);
	if (j->sealed != NULL)
		(void)unlink(j->sealed);
	wipe_passphrase(j);
	free(j->plain);
	free(j->sealed);
	free(j);
}

static bool is_over(const struct api_job *j)
{
	return j->state == JOB_DONE || j->state == JOB_FAILED;
}

static void on_kept_long_enough(struct timer *t, void *arg)
{
	(void)t;
	job_free(arg);
}

static void finish(struct api_job *j, enum job_state state, const char *message)
{
	j->message = message;
	j->state = state;
	wipe_passphrase(j);
	if (state == JOB_FAILED)
		log_error("backup", "%s", message);
	else
		log_info("backup", "done bytes=%llu sealed=%d", (unsigned long long)j->size,
			 j->sealed != NULL);
	timer_start(j->all->cfg.heap, &j->keep, clk_ms() + API_JOB_KEEP_MS);
}

/* Worker: to the disk, check, seal. */
static void work_run(struct work *w)
{
	struct api_job *j = CONTAINER_OF(w, struct api_job, work);
	struct stat st;
	enum err e;

	j->state = JOB_CHECKING;
	e = backup_settle(j->plain, &j->report);
	if (e == E_OK && j->sealed != NULL) {
		j->state = JOB_SEALING;
		e = backup_seal(j->plain, j->sealed, j->passphrase);
		if (e != E_OK)
			snprintf(j->report.text, sizeof(j->report.text),
				 "The copy could not be sealed: %s.", err_str(e));
		(void)unlink(j->plain);
	}
	if (e == E_OK && stat(j->sealed != NULL ? j->sealed : j->plain, &st) == 0)
		j->size = (uint64_t)st.st_size;
	j->report.err = e;
}

static void work_done(struct work *w)
{
	struct api_job *j = CONTAINER_OF(w, struct api_job, work);

	if (w->cancelled)
		finish(j, JOB_FAILED, "The server stopped before the copy was checked.");
	else
		finish(j, j->report.err == E_OK ? JOB_DONE : JOB_FAILED, j->report.text);
}

static void on_copied(struct backup_op *op)
{
	struct api_job *j = CONTAINER_OF(op, struct api_job, copy);

	if (op->err == E_FULL) {
		finish(j, JOB_FAILED, "The disk is too full for a copy of the database.");
	} else if (op->err != E_OK) {
		finish(j, JOB_FAILED, "The database could not be copied.");
	} else {
		j->work = (struct work){ .run = work_run,
					 .done = work_done,
					 .reply = j->all->cfg.web,
					 .cls = WORK_HEAVY };
		if (worker_submit(j->all->cfg.workers, &j->work) != E_OK)
			finish(j, JOB_FAILED, "The server is too busy to check the copy.");
	}
}

/* What an earlier process left behind. */
static void empty_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *de;

	if (d == NULL)
		return;
	for (int i = 0; i < JOB_DIR_ENTRIES_MAX && (de = readdir(d)) != NULL; i++)
		if (de->d_name[0] != '.')
			(void)unlinkat(dirfd(d), de->d_name, 0);
	closedir(d);
}

enum err api_jobs_new(const struct api_jobs_cfg *cfg, struct api_jobs **out)
{
	struct api_jobs *j = xcalloc(1, sizeof(*j));

	j->cfg = *cfg;
	list_init(&j->all);
	j->dir = xasprintf("%s/tmp", cfg->data_dir);
	if (mkdir(j->dir, 0700) != 0 && errno != EEXIST) {
		log_error("backup", "cannot make %s: %s", j->dir, strerror(errno));
		free(j->dir);
		free(j);
		return E_IO;
	}
	empty_dir(j->dir);
	*out = j;
	return E_OK;
}

void api_jobs_free(struct api_jobs **jp)
{
	struct api_jobs *j = *jp;

	if (j == NULL)
		return;
	while (!list_is_empty(&j->all))
		job_free(LIST_ITEM(j->all.next, struct api_job, node));
	free(j->dir);
	free(j);
	*jp = NULL;
}

static struct api_job *find(struct api_jobs *all, struct str id)
{
	LIST_EACH (&all->all, n) {
		struct api_job *j = LIST_ITEM(n, struct api_job, node);

		if (str_eqz(id, j->id))
			return j;
	}
	return NULL;
}

enum err api_jobs_start(struct api_jobs *all, enum api_job_kind kind, struct str passphrase,
			struct str *id_out)
{
	struct api_job *j;

	LIST_EACH (&all->all, n)
		if (!is_over(LIST_ITEM(n, struct api_job, node)))
			return E_EXISTS;
	j = xcalloc(1, sizeof(*j));
	j->all = all;
	j->kind = kind;
	token_make_n(j->id, JOB_ID_LEN);
	timer_init(&j->keep, on_kept_long_enough, j);
	j->plain = xasprintf("%s/%s.db", all->dir, j->id);
	if (passphrase.len > 0) {
		j->sealed = xasprintf("%s/%s.sealed", all->dir, j->id);
		j->passphrase = str_dup(passphrase);
	}
	list_push_back(&all->all, &j->node);
	j->copy.reply = all->cfg.web;
	j->copy.path = j->plain;
	j->copy.done = on_copied;
	store_backup(all->cfg.store, &j->copy);
	*id_out = str_of(j->id);
	return E_OK;
}

static int percent(const struct api_job *j)
{
	int64_t pages = j->copy.pages, left = j->copy.pages_left;

	if (j->state != JOB_COPYING)
		return 100;
	return pages > 0 && left <= pages ? (int)((pages - left) * 100 / pages) : 0;
}

json_t *api_jobs_describe(struct api_jobs *all, struct str id)
{
	const struct api_job *j = find(all, id);
	json_t *o;

	if (j == NULL)
		return NULL;
	o = json_object();
	api_set_str(o, "id", str_of(j->id));
	json_object_set_new(o, "kind", json_string(j->kind == API_JOB_BACKUP ? "backup" : "check"));
	json_object_set_new(o, "state", json_string(state_names[j->state]));
	api_set_int(o, "percent", percent(j));
	json_object_set_new(o, "bytes",
			    j->state == JOB_DONE ? json_integer((json_int_t)j->size) : json_null());
	api_set_str(o, "message", is_over(j) ? str_of(j->message) : STR_NULL);
	return o;
}

enum err api_jobs_file(struct api_jobs *all, struct str id, int *fd_out, uint64_t *size_out)
{
	const struct api_job *j = find(all, id);
	int fd;

	if (j == NULL || j->kind != API_JOB_BACKUP || j->state == JOB_FAILED)
		return E_NOTFOUND;
	if (j->state != JOB_DONE)
		return E_AGAIN;
	fd = open(j->sealed != NULL ? j->sealed : j->plain, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return E_IO;
	*fd_out = fd;
	*size_out = j->size;
	return E_OK;
}

enum err api_jobs_forget(struct api_jobs *all, struct str id)
{
	struct api_job *j = find(all, id);

	if (j == NULL)
		return E_NOTFOUND;
	if (!is_over(j))
		return E_AGAIN;
	job_free(j);
	return E_OK;
}
