/* office.c: users exchange texts at a steady rate; then the newcomers (opt.newcomers) come back all at
 * once, sign in, publish and subscribe to their contacts.  What happens to the texts meanwhile? */
#include "load.h"

static struct office_run {
	struct hist before, during, sign_in;
	uint64_t texts, to_do;
	int open, next, signed_in, failed, waiting;
	bool storming;
} s;

static void on_text(struct agent *a, const struct txn *t)
{
	(void)a;
	if (t->counted)
		hist_add(s.storming ? &s.during : &s.before, now_ns() - t->due_ns);
}

static void newcomer_done(struct agent *a)
{
	s.open--;
	s.signed_in += a->registered;
	s.failed += !a->registered;
	if (a->registered)
		hist_add(&s.sign_in, now_ns() - a->started_ns);
}

static void on_up(struct agent *a, bool ok)
{
	if (ok)
		txn_start(REGISTER, a, NULL, now_ns(), true);
	else
		newcomer_done(a);
}

static void on_presence(struct agent *watcher, struct agent *who, uint32_t serial)
{
	int i = agent_contact_index(watcher, who);

	(void)serial;
	if (i >= 0)
		watcher->presence.first_notify |= 1ull << i;
}

/* REGISTER, then PUBLISH, then a SUBSCRIBE for each contact. */
static void on_done(const struct txn *t)
{
	struct agent *a = t->from;

	if (t->method == MESSAGE)
		return;
	if (t->code >= 300) {
		if (t->method == REGISTER)
			newcomer_done(a);
		return;
	}
	if (t->method == REGISTER) {
		a->registered = true;
		newcomer_done(a);
		txn_start(PUBLISH, a, NULL, now_ns(), true);
	} else if (t->method == PUBLISH) {
		for (int i = 0; i < opt.contacts; i++)
			txn_start(SUBSCRIBE, a, agent_contact(a, i), now_ns(), true);
	}
}

static int missing(void)
{
	int n = 0;

	for (int i = opt.users; i < opt.users + opt.newcomers; i++)
		n += opt.contacts - __builtin_popcountll(agents[i].presence.first_notify);
	return n;
}

static void text_due(uint64_t begin_ns)
{
	uint64_t due;

	while ((due = begin_ns + (uint64_t)((double)s.texts / opt.rate * (double)NS_PER_S)) <=
	       now_ns()) {
		struct agent *a = &agents[dice((uint32_t)opt.users)];

		txn_start(MESSAGE, a, agent_contact(a, (int)dice((uint32_t)opt.contacts)), due,
			  due > begin_ns + NS_PER_S);
		s.texts++;
	}
}

void office(void)
{
	uint64_t begin = now_ns(),
		 storm_at = begin + (uint64_t)((opt.seconds + 1) * (double)NS_PER_S), give_up;
	struct usage from = { 0 }, to;

	s = (struct office_run){ 0 };
	txn_on_done = on_done;
	agent_on_up = on_up;
	receive_on_text = on_text;
	receive_on_presence = on_presence;
	give_up = storm_at + 60 * NS_PER_S;
	report_begin("storm_among_texts");
	while (!s.storming ||
	       ((s.signed_in + s.failed < opt.newcomers || missing() > 0) && now_ns() < give_up)) {
		text_due(begin);
		if (!s.storming && now_ns() >= storm_at) {
			s.storming = true;
			from = usage_take(USAGE_CPU);
		}
		for (int burst = 0;
		     s.storming && s.next < opt.newcomers && s.open < opt.connecting && burst < 8;
		     burst++) {
			s.open++;
			agent_connect(&agents[opt.users + s.next++], false);
		}
		agents_pump(NS_PER_MS / 2);
	}
	to = usage_take(USAGE_CPU);
	txns_drain();
	faults.missing += (uint64_t)missing();
	report_usage(&from, &to, s.signed_in);
	report_number("newcomers", opt.newcomers);
	report_number("contacts", opt.contacts);
	report_number("texts_per_s", opt.rate);
	report_hist("text_before", &s.before);
	report_hist("text_during", &s.during);
	report_hist("sign_in", &s.sign_in);
	report_end();
	agent_on_up = NULL;
	receive_on_presence = NULL;
}
