/* presence.c: everybody publishes and watches his contacts; then changes are published and every watcher
 * must see each of them, told by the serial number in its note. */
#include "load.h"

static struct presence_run {
	struct hist each, last;
	uint64_t notified, complete;
	int publishing, to_do, done;
	bool counted;
} s;

static uint64_t everyone(void)
{
	return opt.contacts == CONTACTS_MAX ? UINT64_MAX : (1ull << opt.contacts) - 1;
}

/* --- setting up --- */

static void on_set_up(const struct txn *t)
{
	(void)t;
	s.done++;
}

static void on_first(struct agent *watcher, struct agent *who, uint32_t serial)
{
	int i = agent_contact_index(watcher, who);

	if (i < 0 || serial != who->presence.serial)
		faults.misdelivered++;
	else
		watcher->presence.first_notify |= 1ull << i;
}

static void all_in_turn(enum method method, int each)
{
	int next = 0;

	s.done = 0;
	txn_on_done = on_set_up;
	while (s.done < opt.users * each) {
		while (next < opt.users * each && txns_open() < opt.window) {
			struct agent *a = &agents[next / each];

			txn_start(method, a,
				  method == SUBSCRIBE ? agent_contact(a, next % each) : NULL,
				  now_ns(), true);
			next++;
		}
		agents_pump(5 * NS_PER_MS);
	}
}

static int first_missing(void)
{
	int missing = 0;

	for (int i = 0; i < opt.users; i++)
		missing += opt.contacts - __builtin_popcountll(agents[i].presence.first_notify);
	return missing;
}

void presence_subscribe(void)
{
	struct usage before, from, to;
	uint64_t end;

	s = (struct presence_run){ 0 };
	receive_on_presence = on_first;
	report_begin("subscribe");
	all_in_turn(PUBLISH, 1);
	before = usage_take(USAGE_CPU_AND_MEMORY);
	from = usage_take(USAGE_CPU);
	all_in_turn(SUBSCRIBE, opt.contacts);
	for (end = now_ns() + (uint64_t)(opt.timeout_s * (double)NS_PER_S);
	     first_missing() > 0 && now_ns() < end;)
		agents_pump(5 * NS_PER_MS);
	faults.missing += (uint64_t)first_missing();
	to = usage_take(USAGE_CPU);
	report_usage(&from, &to, opt.users * opt.contacts);
	agents_pump_for(
		/* as idle connections: what their buffers keep is not a subscription's */
		opt.settle_s);
	to = usage_take(USAGE_CPU_AND_MEMORY);
	report_number("contacts", opt.contacts);
	report_number("settled_s", opt.settle_s);
	report_number("kib_per_subscription",
		      (double)(to.pss_kib - before.pss_kib) / (opt.users * opt.contacts));
	report_end();
}

/* --- changes --- */

static void end_if_complete(struct agent *a)
{
	if (!a->presence.accepted || a->presence.seen_by != everyone())
		return;
	a->presence.publishing = false;
	s.publishing--;
	if (s.counted) {
		s.complete++;
		hist_add(&s.last, now_ns() - a->presence.published_ns);
	}
}

static void on_change(struct agent *watcher, struct agent *who, uint32_t serial)
{
	int i = agent_contact_index(who, watcher);

	if (serial != who->presence.serial || !who->presence.publishing)
		return; /* the last state once more, or one that was given up */
	if (i < 0) {
		faults.misdelivered++;
		return;
	}
	who->presence.seen_by |= 1ull << i;
	if (s.counted) {
		s.notified++;
		hist_add(&s.each, now_ns() - who->presence.published_ns);
	}
	end_if_complete(who);
}

static void on_published(const struct txn *t)
{
	t->from->presence.accepted = t->code < 300;
	end_if_complete(t->from);
}

static void publish_one(void)
{
	struct agent *a;

	do
		a = &agents[dice((uint32_t)opt.users)];
	while (a->presence.publishing);
	a->presence.publishing = true;
	a->presence.accepted = false;
	a->presence.seen_by = 0;
	a->presence.serial++;
	a->presence.published_ns = now_ns();
	s.publishing++;
	txn_start(PUBLISH, a, NULL, now_ns(), s.counted);
}

/* Those whose watchers have not all seen them in time. */
static void give_up_late_ones(uint64_t older_than_ns)
{
	for (int i = 0; i < opt.users; i++) {
		struct agent *a = &agents[i];

		if (!a->presence.publishing || a->presence.published_ns > now_ns() - older_than_ns)
			continue;
		faults.missing += (uint64_t)(opt.contacts -
					     __builtin_popcountll(a->presence.seen_by));
		a->presence.publishing = false;
		s.publishing--;
	}
}

void presence_fan_out(void)
{
	uint64_t measure = now_ns() + (uint64_t)(opt.warm_up_s * (double)NS_PER_S);
	uint64_t end = measure + (uint64_t)(opt.seconds * (double)NS_PER_S);
	uint64_t late = (uint64_t)(opt.timeout_s * (double)NS_PER_S), look = 0;
	struct usage from = { 0 }, to;

	s = (struct presence_run){ 0 };
	receive_on_presence = on_change;
	txn_on_done = on_published;
	report_begin("notify");
	while (now_ns() < end) {
		if (!s.counted && now_ns() >= measure) {
			s.counted = true;
			from = usage_take(USAGE_CPU);
		}
		while (s.publishing < opt.publishing)
			publish_one();
		agents_pump(5 * NS_PER_MS);
		if (now_ns() > look + NS_PER_S / 2) {
			give_up_late_ones(late);
			look = now_ns();
		}
	}
	to = usage_take(USAGE_CPU);
	report_usage(&from, &to, (double)s.notified);
	while (s.publishing > 0) {
		agents_pump(5 * NS_PER_MS);
		give_up_late_ones(late);
	}
	txns_drain();
	receive_on_presence = NULL;
	report_number("contacts", opt.contacts);
	report_number("changes_seen_by_all", (double)s.complete);
	report_hist("each_notify", &s.each);
	report_hist("last_notify", &s.last);
	report_end();
}
