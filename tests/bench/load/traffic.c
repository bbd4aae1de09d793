/* traffic.c: REGISTER refreshes, and texts from each user to one of his contacts.
 *
 * opt.window requests are in flight at all times, or opt.rate are sent a second.
 * In the second case latency counts from when a request was due, so that a
 * server that stalls does not look fast. */
#include "load.h"

static struct traffic_run {
	struct hist answered, arrived;
	uint64_t well;
} s;

static void on_done(const struct txn *t)
{
	if (!t->counted || t->code >= 300)
		return;
	s.well++;
	hist_add(&s.answered, now_ns() - t->due_ns);
}

static void on_text(struct agent *a, const struct txn *t)
{
	(void)a;
	if (t->counted)
		hist_add(&s.arrived, now_ns() - t->due_ns);
}

static void start_one(enum method method, uint64_t due_ns, bool counted)
{
	struct agent *a, *to = NULL;

	for (int tries = 0; tries < 100; tries++) {
		a = &agents[dice((uint32_t)opt.users)];
		if (method == MESSAGE)
			to = agent_contact(a, (int)dice((uint32_t)opt.contacts));
		if (a->registered && (to == NULL || to->registered)) {
			txn_start(method, a, to, due_ns, counted);
			return;
		}
	}
	die("nobody is signed in any more");
}

/* Sends what is due; returns how long nothing will be. */
static uint64_t start_due(enum method method, uint64_t begin_ns, uint64_t *sent, bool counted)
{
	uint64_t due;

	if (opt.rate <= 0) {
		while (txns_open() < opt.window)
			start_one(method, now_ns(), counted);
		return 5 * NS_PER_MS;
	}
	for (;;) {
		due = begin_ns + (uint64_t)((double)*sent / opt.rate * (double)NS_PER_S);
		if (due > now_ns())
			return due - now_ns() < 5 * NS_PER_MS ? due - now_ns() : 5 * NS_PER_MS;
		start_one(method, due, counted);
		++*sent;
	}
}

static void run(const char *name, enum method method)
{
	uint64_t begin = now_ns(), measure = begin + (uint64_t)(opt.warm_up_s * (double)NS_PER_S);
	uint64_t end = measure + (uint64_t)(opt.seconds * (double)NS_PER_S), sent = 0;
	struct usage from = { 0 }, to;
	bool counted = false;

	s = (struct traffic_run){ 0 };
	txn_on_done = on_done;
	receive_on_text = on_text;
	report_begin(name);
	while (now_ns() < end) {
		if (!counted && now_ns() >= measure) {
			counted = true;
			from = usage_take(USAGE_CPU);
		}
		agents_pump(start_due(method, begin, &sent, counted));
	}
	to = usage_take(USAGE_CPU);
	report_usage(&from, &to, (double)s.well);
	txns_drain();
	report_hist("answered", &s.answered);
	if (method == MESSAGE) {
		report_hist("arrived", &s.arrived);
		report_number("payload", opt.payload);
		report_number("contacts", opt.contacts);
	}
	report_end();
}

void refresh(void)
{
	run("refresh", REGISTER);
}

void message(void)
{
	run("message", MESSAGE);
}
