/* jobs.h: backups and checks under way: copy by the store, check and sealing by a worker.
 *
 * Web thread.  One job copies at a time; finished ones wait to be fetched and go
 * after API_JOB_KEEP_MS.  Files live in DIR/tmp, which is emptied at start. */
#ifndef API_JOBS_H
#define API_JOBS_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/str.h"
#include "net/queue.h"
#include "net/worker.h"

struct api_jobs; /* opaque */
struct store;

enum api_job_kind { API_JOB_BACKUP, API_JOB_CHECK };

struct api_jobs_cfg {
	const char *data_dir;
	struct store *store;
	struct worker_pool *workers;
	struct queue *web;
	struct heap *heap; /* of the web loop */
};

MUST_USE enum err api_jobs_new(const struct api_jobs_cfg *cfg, struct api_jobs **out);
void api_jobs_free(struct api_jobs **jp); /* after store and workers have ended */

/* passphrase: empty leaves the file open.  E_EXISTS: one is copying.  *id_out: of the job. */
MUST_USE enum err api_jobs_start(struct api_jobs *j, enum api_job_kind kind, struct str passphrase,
				 struct str *id_out);
json_t *api_jobs_describe(struct api_jobs *j, struct str id); /* NULL: no such job */
/* An open descriptor of the finished file and its size.  E_NOTFOUND, E_AGAIN: not done. */
MUST_USE enum err api_jobs_file(struct api_jobs *j, struct str id, int *fd_out, uint64_t *size_out);
MUST_USE enum err api_jobs_forget(struct api_jobs *j, struct str id); /* E_AGAIN: still at work */

#endif
