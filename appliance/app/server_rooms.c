#include <stdlib.h>

#include "base/mem.h"
#include "call/call.h"
#ifndef PORCHLIGHT_NO_LYNC
#include "lync/lync.h"
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
#include "simple/simple.h"
#endif

#include "app/metrics.h"
#include "app/server_int.h"
#include "app/server_rooms.h"

struct server_sip_rooms {
	struct calls *calls;
#ifndef PORCHLIGHT_NO_LYNC
	struct lync *lync;
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
	struct simple *simple;
#endif
};

static void add_calls(struct server *s, struct server_sip_rooms *r)
{
	const struct calls_cfg cfg = { .heap = loop_heap(s->sw),
				       .stack = s->sip,
				       .directory = s->directory,
				       .registrar = s->registrar,
				       .presence = s->presence,
				       .immcu = s->immcu };

	r->calls = calls_new(&cfg);
	sip_stack_set_common_verbs(s->sip, calls_verbs, r->calls);
}

#ifndef PORCHLIGHT_NO_LYNC
static void allow_sign_in_ms(void *arg, conn_id conn, int64_t ms)
{
	const struct server *s = arg;

	hub_set_deadline(s->hub, conn, ms);
}

static void add_lync(struct server *s, struct server_sip_rooms *r)
{
	const struct lync_cfg cfg = { .heap = loop_heap(s->sw),
				      .stack = s->sip,
				      .directory = s->directory,
				      .registrar = s->registrar,
				      .immcu = s->immcu,
				      .presence = s->presence,
				      .throttle = s->throttle,
				      .workers = s->workers,
				      .store = s->store,
				      .queue = loop_queue(s->sw),
				      .web_port = s->web_port,
				      .allow_sign_in_ms = allow_sign_in_ms,
				      .arg = s };
	struct sip_adapter adapter;

	r->lync = lync_new(&cfg);
	adapter = lync_adapter(r->lync);
	sip_stack_add_adapter(s->sip, &adapter);
}
#endif

#ifndef PORCHLIGHT_NO_SIMPLE
static void add_simple(struct server *s, struct server_sip_rooms *r)
{
	const struct simple_cfg cfg = { .heap = loop_heap(s->sw),
					.stack = s->sip,
					.directory = s->directory,
					.registrar = s->registrar,
					.immcu = s->immcu,
					.presence = s->presence,
					.throttle = s->throttle };
	struct sip_adapter adapter;

	r->simple = simple_new(&cfg);
	adapter = simple_adapter(r->simple);
	sip_stack_add_adapter(s->sip, &adapter);
}
#endif

struct server_sip_rooms *server_rooms_new(struct server *s)
{
	struct server_sip_rooms *r = xcalloc(1, sizeof(*r));

	add_calls(s, r);
#ifndef PORCHLIGHT_NO_LYNC
	add_lync(s, r);
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
	add_simple(s, r);
#endif
	return r;
}

size_t server_rooms_web(struct server *s, struct http_app *out, size_t max)
{
	size_t n = 0;

#ifndef PORCHLIGHT_NO_SIMPLE
	if (n < max)
		out[n++] = simple_web(s->rooms->simple, loop_queue(s->sw));
#else
	(void)s, (void)out, (void)max;
#endif
#ifndef PORCHLIGHT_NO_LYNC
	if (n < max)
		out[n++] = lync_web(s->rooms->lync);
	if (n < max)
		out[n++] = lync_discover(s->rooms->lync);
#endif
	return n;
}

void server_rooms_conn_closed(struct server *s, conn_id conn)
{
	if (s->rooms != NULL && s->rooms->calls != NULL)
		calls_on_conn_closed(s->rooms->calls, conn);
}

void server_rooms_apply_settings(struct server *s, const struct api_settings *set)
{
#ifndef PORCHLIGHT_NO_LYNC
	lync_set_ntlm(s->rooms->lync, set->ntlm);
	lync_set_web_ntlm(s->rooms->lync, set->ntlm_web);
#else
	(void)s;
	(void)set;
#endif
}

static void write_calls(const struct server *s, struct buf *b)
{
	struct calls_stats st;

	calls_stats_get(s->rooms->calls, &st);
	metrics_family(b, "porchlight_calls", "gauge", "Calls now.");
	metrics_labelled(b, "porchlight_calls", "state=\"ringing\"", st.ringing);
	metrics_labelled(b, "porchlight_calls", "state=\"up\"", st.up);
	metrics_counter(b, "porchlight_calls_tried_total", "Calls begun.", st.tried);
	metrics_counter(b, "porchlight_calls_answered_total", "Calls answered.", st.answered);
	metrics_counter(b, "porchlight_calls_failed_total", "Calls that nobody took.", st.failed);
	metrics_counter(b, "porchlight_calls_lost_total",
			"Calls ended because a side never came back.", st.lost);
}

#ifndef PORCHLIGHT_NO_SIMPLE
static void write_simple(const struct server *s, struct buf *b)
{
	struct simple_stats st;

	simple_stats_get(s->rooms->simple, &st);
	metrics_counter(b, "porchlight_simple_challenges_total", "Digest challenges.",
			st.challenges);
	metrics_counter(b, "porchlight_simple_stale_total",
			"Credentials with a nonce that was old or used.", st.stale);
	metrics_counter(b, "porchlight_simple_spoofed_total",
			"Requests in the name of somebody else.", st.spoofed);
}
#endif

#ifndef PORCHLIGHT_NO_LYNC
static void write_lync(const struct server *s, struct buf *b)
{
	struct lync_stats st;

	lync_stats_get(s->rooms->lync, &st);
	metrics_counter(b, "porchlight_lync_challenges_total", "NTLM and TLS-DSK challenges.",
			st.challenges);
	metrics_counter(b, "porchlight_lync_spoofed_total",
			"Requests in the name of somebody else.", st.spoofed);
	metrics_counter(b, "porchlight_lync_bad_signatures_total",
			"Messages whose signature was wrong.", st.bad_signatures);
	metrics_counter(b, "porchlight_lync_replays_total",
			"Messages whose number was used before.", st.replays);
	metrics_counter(b, "porchlight_lync_signed_total", "Messages signed.", st.signed_out);
	metrics_gauge(b, "porchlight_lync_subscriptions",
		      "Subscriptions of Lync-class clients now.", (double)st.subscriptions);
}
#endif

void server_rooms_metrics(const struct server *s, struct buf *b)
{
	if (s->rooms == NULL || s->rooms->calls == NULL)
		return;
	write_calls(s, b);
#ifndef PORCHLIGHT_NO_SIMPLE
	write_simple(s, b);
#endif
#ifndef PORCHLIGHT_NO_LYNC
	write_lync(s, b);
#endif
}

void server_rooms_close(struct server *s)
{
	if (s->rooms != NULL)
		calls_free(&s->rooms->calls);
}

void server_rooms_free(struct server *s)
{
	if (s->rooms == NULL)
		return;
#ifndef PORCHLIGHT_NO_LYNC
	lync_free(&s->rooms->lync);
#endif
#ifndef PORCHLIGHT_NO_SIMPLE
	simple_free(&s->rooms->simple);
#endif
	free(s->rooms);
	s->rooms = NULL;
}
