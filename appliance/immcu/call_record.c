#include "immcu/call_record.h"

#include "base/clk.h"
#include "immcu/immcu_int.h"

uint64_t call_record_begin(struct immcu *m, account_id caller, const struct endpoint *from,
			   account_id callee)
{
	const struct account *a = directory_get(m->cfg.directory, caller),
			     *b = directory_get(m->cfg.directory, callee);
	struct conversation *c = conversation_open_call(m, a, b);

	if (from != NULL) {
		conversation_note_client(c, caller, from->user_agent, from->dialect);
		registrar_touch(m->cfg.registrar, from->id);
	}
	return (uint64_t)c->record.id;
}

/* first_ms to ended_ms is how long they talked; started_ms is when it rang. */
void call_record_answered(struct immcu *m, uint64_t id, const struct endpoint *by)
{
	struct conversation *c = conversation_get(m, (int64_t)id);

	if (c == NULL)
		return;
	c->record.first_ms = clk_wall_ms();
	c->record.result_code = 200;
	if (by != NULL) {
		conversation_note_client(c, by->account, by->user_agent, by->dialect);
		registrar_touch(m->cfg.registrar, by->id);
	}
	record_touch(c);
}

void call_record_end(struct immcu *m, uint64_t id, int code)
{
	struct conversation *c = conversation_get(m, (int64_t)id);
	bool was_up = c != NULL && c->record.first_ms != 0;

	if (c == NULL)
		return;
	c->record.result_code = code;
	c->record.failures = code >= 300;
	c->record.last_ms = clk_wall_ms();
	conversation_end(&c, !was_up	  ? CONV_END_FAILED
			     : code < 300 ? CONV_END_CLOSED
					  : CONV_END_LOST);
}
