/* sandbox.h: what the process gives up once everything is open.
 *
 * no_new_privs always; then Landlock where the kernel has it: the data
 * directory is the one place that can be written.  Threads made later inherit
 * both, so it comes before them. */
#ifndef APP_SANDBOX_H
#define APP_SANDBOX_H

#include "base/err.h"

/* Logs what could not be had; only a failing no_new_privs is an error. */
MUST_USE enum err sandbox_enter(const char *data_dir);

#endif
