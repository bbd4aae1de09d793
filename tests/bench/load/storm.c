/* storm.c: everybody connects at once, and, if asked to, signs in; then nobody does anything. */
#include <stdio.h>

#include "load.h"

static struct storm_run {
	bool sign_in;
	int open, done, well;
	struct hist latency;
} s;

static void one_done(struct agent *a, bool well)
{
	s.open--;
	s.done++;
	if (!well)
		return;
	s.well++;
	a->registered = s.sign_in;
	hist_add(&s.latency, now_ns() - a->started_ns);
}

static void on_up(struct agent *a, bool ok)
{
	if (ok && s.sign_in)
		txn_start(REGISTER, a, NULL, now_ns(), true);
	else
		one_done(a, ok);
}

static void on_done(const struct txn *t)
{
	one_done(t->from, t->code < 300);
}

void storm(const struct storm *storm)
{
	struct usage from, to;
	int next = 0;

	s = (struct storm_run){ .sign_in = storm->sign_in };
	agent_on_up = NULL;
	for (int i = 0; i < opt.users; i++)
		agent_close(&agents[i]);
	agents_pump_for(0.5); /* the server sees them go */
	agent_on_up = on_up;
	txn_on_done = on_done;
	report_begin(storm->name);
	from = usage_take(USAGE_CPU);
	while (s.done < opt.users) {
		while (next < opt.users && s.open < opt.connecting) {
			s.open++;
			agent_connect(&agents[next++], storm->resume);
		}
		agents_pump(20 * NS_PER_MS);
	}
	to = usage_take(USAGE_CPU);
	agents_pump_for(0.2); /* tickets arrive after the handshake */
	agent_on_up = NULL;
	report_usage(&from, &to, s.well);
	report_hist("sign_in", &s.latency);
	report_number("resumed", (double)agents_resumed());
	report_text("tls", agents[0].ssl != NULL ? SSL_get_version(agents[0].ssl) : "none");
	report_text("cipher", agents[0].ssl != NULL ? SSL_get_cipher(agents[0].ssl) : "none");
	report_end();
}

/* Memory of connections that have been quiet for settle_s: the difference to the server without them. */
void idle(void)
{
	struct usage empty, full;

	for (int i = 0; i < opt.users; i++)
		agent_close(&agents[i]);
	agents_pump_for(1);
	empty = usage_take(USAGE_CPU_AND_MEMORY);
	storm(&(struct storm){ .name = "register_for_idle", .sign_in = true });
	report_begin("idle");
	agents_pump_for(opt.settle_s);
	full = usage_take(USAGE_CPU_AND_MEMORY);
	report_number("settled_s", opt.settle_s);
	report_number("server_kib", (double)full.pss_kib);
	report_number("kib_per_registration", (double)(full.pss_kib - empty.pss_kib) / opt.users);
	report_end();
}
