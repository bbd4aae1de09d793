/* call_record.h: the record of an audio or video call: call/ says what happens, the IMMCU keeps the row.
 *
 * A call has no texts, but it is a conversation of two like any other: same
 * ids, same table, same reports.  Switch thread. */
#ifndef IMMCU_CALL_RECORD_H
#define IMMCU_CALL_RECORD_H

#include <stdint.h>

#include "directory/directory.h"
#include "registrar/registrar.h"

struct immcu;

/* Returns the record's id, never 0.  from: NULL when unknown. */
uint64_t call_record_begin(struct immcu *m, account_id caller, const struct endpoint *from,
			   account_id callee);
void call_record_answered(struct immcu *m, uint64_t id,
			  const struct endpoint *by); /* NULL: unknown */
void call_record_end(struct immcu *m, uint64_t id, int code);

#endif
