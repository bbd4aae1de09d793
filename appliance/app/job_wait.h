/* job_wait.h: starts a backup or check job over the API and waits for its end. */
#ifndef APP_JOB_WAIT_H
#define APP_JOB_WAIT_H

#include <stdbool.h>

#include "app/ctl.h"

/* body: taken.  The job's id in *id_out (free() it).  False: failed, said on stderr. */
bool job_wait(struct ctl *c, const char *path, json_t *body, char **id_out);

#endif
