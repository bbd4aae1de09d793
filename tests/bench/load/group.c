/* group.c: texts to a group whose members are all users; everybody but the author must get each. */
#include "load.h"

static struct group_run {
	struct hist arrived, last;
	uint64_t copies;
} s;

static void on_text(struct agent *a, const struct txn *t)
{
	(void)a;
	if (!t->counted)
		return;
	s.copies++;
	hist_add(&s.arrived, now_ns() - t->due_ns);
}

static void on_done(const struct txn *t)
{
	if (t->counted && t->code < 300)
		hist_add(&s.last, now_ns() - t->due_ns);
}

void group(void)
{
	uint64_t begin = now_ns(), measure = begin + (uint64_t)(opt.warm_up_s * (double)NS_PER_S),
		 due;
	uint64_t end = measure + (uint64_t)(opt.seconds * (double)NS_PER_S), sent = 0;
	struct usage from = { 0 }, to;
	bool counted = false;

	s = (struct group_run){ 0 };
	txn_on_done = on_done;
	receive_on_text = on_text;
	report_begin("group");
	while (now_ns() < end) {
		if (!counted && now_ns() >= measure) {
			counted = true;
			from = usage_take(USAGE_CPU);
		}
		while ((due = begin + (uint64_t)((double)sent / opt.rate * (double)NS_PER_S)) <=
		       now_ns()) {
			struct txn *t = txn_start(MESSAGE, &agents[sent % (uint64_t)opt.users],
						  NULL, due, counted);

			t->copies = opt.users - 1;
			sent++;
		}
		agents_pump(NS_PER_MS);
	}
	to = usage_take(USAGE_CPU);
	report_usage(&from, &to, (double)s.copies);
	txns_drain();
	report_number("texts_per_s", opt.rate);
	report_hist("arrived", &s.arrived);
	report_hist("last_member", &s.last);
	report_end();
}
