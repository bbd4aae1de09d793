/* archive.h: texts that are kept, for those whose texts must be.  Off by default.
 *
 * A text is archived if any participant is.  "Required": it passes only when it is on disk.  All who take
 * part are told so at the beginning (tell.c).  Searching is db/archive.h.  Switch thread only. */
#ifndef IMMCU_ARCHIVE_H
#define IMMCU_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "directory/directory.h"
#include "immcu/immcu.h"

enum archive_mode { ARCHIVE_OFF, ARCHIVE_ON, ARCHIVE_REQUIRED };

/* The most specific wins: account, then department, then everybody. */
enum archive_scope { ARCHIVE_ALL, ARCHIVE_DEPARTMENT, ARCHIVE_ACCOUNT };

struct archive_rule {
	enum archive_scope scope;
	int64_t id; /* of the department or account; 0 for ARCHIVE_ALL */
	enum archive_mode mode;
	int64_t keep_days; /* of what is archived because of this rule; 0: for ever */
};

typedef void archive_done_fn(void *arg, enum err err);
/* On disk, then true.  drop: the scope follows the next wider rule again. */
void archive_set(struct immcu *m, const struct archive_rule *r, archive_done_fn *done, void *arg);
void archive_drop(struct immcu *m, enum archive_scope scope, int64_t id, archive_done_fn *done,
		  void *arg);
typedef void archive_rule_fn(const struct archive_rule *r, void *arg);
void archive_each(const struct immcu *m, archive_rule_fn *fn, void *arg);

/* The rule that holds for one account. */
struct archive_rule archive_rule_of(const struct immcu *m, account_id account);
/* Whether what is said among these is archived, and how. */
enum archive_mode archive_applies(const struct immcu *m, const account_id *who, size_t count);

#endif
