/* server_metrics.c: /metrics: whose numbers they are.  Switch thread, so that the rooms' own need no lock. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clk.h"
#include "base/mem.h"
#include "net/pagealloc.h"

#include "immcu/group.h"

#include "app/metrics.h"
#include "app/server_int.h"
#include "app/server_rooms.h"

enum { LABEL_CAP = 64 };

static void write_process(struct server *s, struct buf *b)
{
	metrics_family(b, "porchlight_build_info", "gauge", "Version of the server.");
	metrics_labelled(b, "porchlight_build_info", "version=\"" PORCHLIGHT_VERSION "\"", 1);
	metrics_gauge(b, "porchlight_start_time_seconds", "When the server started (Unix time).",
		      (double)s->started_ms / 1000);
	metrics_gauge(b, "porchlight_memory_resident_bytes", "Resident memory.",
		      (double)metrics_resident());
	metrics_gauge(b, "porchlight_set_up", "1 once the first set-up is done.", s->is_set_up);
	metrics_gauge(b, "porchlight_certificate_not_after_seconds",
		      "When the server's certificate ends (Unix time).",
		      (double)s->cert_not_after_ms / 1000);
}

static void write_loop(struct buf *b, const char *thread, struct loop *l)
{
	struct loop_stats st;
	char name[LABEL_CAP];

	loop_stats_get(l, &st);
	snprintf(name, sizeof(name), "porchlight_%s_longest_turn_seconds", thread);
	metrics_gauge(b, name, "The longest turn of the loop since the start.",
		      (double)st.longest_turn_us / 1e6);
	snprintf(name, sizeof(name), "porchlight_%s_turn_seconds", thread);
	metrics_histogram(b, name, "Turns of the loop by length.", loop_hist_us, st.hist,
			  LOOP_HIST_BUCKETS, (double)st.busy_us / 1e6);
}

static void write_queues(struct server *s, struct buf *b)
{
	struct store_stats st;

	store_stats(s->store, &st);
	metrics_family(b, "porchlight_queue_depth", "gauge", "Jobs that wait for a thread.");
	metrics_labelled(b, "porchlight_queue_depth", "queue=\"switch\"",
			 queue_depth(loop_queue(s->sw)));
	metrics_labelled(b, "porchlight_queue_depth", "queue=\"web\"",
			 queue_depth(loop_queue(s->web_loop)));
	metrics_labelled(b, "porchlight_queue_depth", "queue=\"workers\"",
			 worker_depth(s->workers));
	metrics_labelled(b, "porchlight_queue_depth", "queue=\"store_durable\"",
			 st.waiting_durable);
	metrics_labelled(b, "porchlight_queue_depth", "queue=\"store_soon\"", st.waiting_soon);
	metrics_labelled(b, "porchlight_queue_depth", "queue=\"store_query\"", st.waiting_query);
}

static void write_doors(struct server *s, struct buf *b)
{
	struct door_stats d;
	struct net_stats n;

	if (s->doors == NULL)
		return;
	doors_stats_get(s->doors, &d);
	metrics_counter(b, "porchlight_connections_accepted_total", "Connections accepted.",
			d.accepted);
	metrics_family(b, "porchlight_tls_handshakes_total", "counter",
		       "TLS handshakes done, by version.");
	metrics_labelled(b, "porchlight_tls_handshakes_total", "version=\"1.2\"", d.tls12);
	metrics_labelled(b, "porchlight_tls_handshakes_total", "version=\"1.3\"", d.tls13);
	metrics_counter(b, "porchlight_tls_resumed_total", "Handshakes that resumed a session.",
			d.resumed);
	metrics_counter(b, "porchlight_tls_failed_total", "Handshakes that failed.",
			d.failed_handshake);
	metrics_family(b, "porchlight_connections_refused_total", "counter",
		       "Connections ended at the door, by reason.");
	metrics_labelled(b, "porchlight_connections_refused_total", "reason=\"source\"",
			 d.refused_source);
	metrics_labelled(b, "porchlight_connections_refused_total", "reason=\"full\"",
			 d.dropped_full);
	metrics_labelled(b, "porchlight_connections_refused_total", "reason=\"timeout\"",
			 d.timed_out);
	metrics_labelled(b, "porchlight_connections_refused_total", "reason=\"accept\"",
			 d.accept_errors);
	metrics_gauge(b, "porchlight_handshakes_under_way",
		      "Connections between accept and hand-over.", (double)d.active);

	hub_stats_get(s->hub, &n);
	metrics_family(b, "porchlight_connections", "gauge", "SIP connections now.");
	metrics_labelled(b, "porchlight_connections", "state=\"signed_in\"", n.authenticated);
	metrics_labelled(b, "porchlight_connections", "state=\"other\"", n.open - n.authenticated);
	metrics_family(b, "porchlight_connections_closed_total", "counter",
		       "SIP connections closed by us, by reason.");
	metrics_labelled(b, "porchlight_connections_closed_total", "reason=\"timeout\"",
			 n.closed_timeout);
	metrics_labelled(b, "porchlight_connections_closed_total", "reason=\"output_full\"",
			 n.closed_output_full);
	metrics_labelled(b, "porchlight_connections_closed_total", "reason=\"input_full\"",
			 n.closed_input_full);
	metrics_labelled(b, "porchlight_connections_closed_total",
			 "reason=\"unauthenticated_dropped\"", n.closed_unauth_dropped);
	metrics_labelled(b, "porchlight_connections_closed_total", "reason=\"error\"",
			 n.closed_error);
	metrics_counter(b, "porchlight_bytes_in_total", "Bytes received over SIP connections.",
			n.bytes_in);
	metrics_counter(b, "porchlight_bytes_out_total", "Bytes sent over SIP connections.",
			n.bytes_out);
	metrics_gauge(b, "porchlight_output_waiting_bytes", "Bytes that wait for peers to read.",
		      (double)n.output_waiting);
}

static void write_sip(struct server *s, struct buf *b)
{
	struct sip_stats st;
	char label[LABEL_CAP];

	sip_stats_get(s->sip, &st);
	metrics_family(b, "porchlight_sip_requests_total", "counter",
		       "SIP requests received, by method.");
	for (size_t i = 0; i < ARRAY_LEN(st.requests_in); i++) {
		struct str name = i == SIP_METHOD_OTHER ? STR("other")
							: sip_method_name((enum sip_method)i);

		snprintf(label, sizeof(label), "method=\"%.*s\"", STR_ARG(name));
		metrics_labelled(b, "porchlight_sip_requests_total", label, st.requests_in[i]);
	}
	metrics_family(b, "porchlight_sip_answers_total", "counter", "SIP answers sent, by class.");
	for (size_t i = 1; i < ARRAY_LEN(st.responses_out); i++) {
		snprintf(label, sizeof(label), "class=\"%zuxx\"", i);
		metrics_labelled(b, "porchlight_sip_answers_total", label, st.responses_out[i]);
	}
	metrics_counter(b, "porchlight_sip_requests_sent_total", "SIP requests sent to clients.",
			st.requests_out);
	metrics_counter(b, "porchlight_sip_answers_received_total",
			"SIP answers received from clients.", st.responses_in);
	metrics_counter(b, "porchlight_sip_bad_messages_total", "Malformed SIP messages.",
			st.bad_messages);
	metrics_counter(b, "porchlight_sip_framing_errors_total",
			"Connections whose framing broke.", st.framing_errors);
	metrics_counter(b, "porchlight_sip_flood_refused_total",
			"Requests refused for their number.", st.flood_refused);
	metrics_gauge(b, "porchlight_sip_transactions", "SIP transactions now.",
		      (double)(st.server_txns + st.client_txns));
}

static void write_groups(struct server *s, struct buf *b)
{
	struct group_stats g;

	group_stats_get(s->immcu, &g);
	metrics_gauge(b, "porchlight_groups", "Groups.", (double)g.groups);
	metrics_gauge(b, "porchlight_group_members", "Members of groups.", (double)g.members);
	metrics_gauge(b, "porchlight_group_legs", "Endpoints in groups.", (double)g.legs);
	metrics_gauge(b, "porchlight_group_history_bytes", "Texts kept for who comes back.",
		      (double)g.history_bytes);
	metrics_counter(b, "porchlight_group_texts_total", "Texts said in groups.", g.texts);
	metrics_counter(b, "porchlight_group_copies_total", "Copies of them sent to endpoints.",
			g.copies);
	metrics_counter(b, "porchlight_group_failed_total", "Copies an endpoint refused.",
			g.failed);
	metrics_family(b, "porchlight_group_legs_ended_total", "counter",
		       "Endpoints that left a group against their will.");
	metrics_labelled(b, "porchlight_group_legs_ended_total", "reason=\"lost\"", g.legs_lost);
	metrics_labelled(b, "porchlight_group_legs_ended_total", "reason=\"full\"", g.legs_full);
	metrics_counter(b, "porchlight_group_flood_refused_total",
			"Texts refused for their number.", g.flood_refused);
}

static void write_domain(struct server *s, struct buf *b)
{
	struct registrar_stats r;
	struct immcu_stats m;
	struct presence_stats p;
	char label[LABEL_CAP];

	registrar_stats_get(s->registrar, &r);
	metrics_gauge(b, "porchlight_accounts", "Accounts.", (double)directory_count(s->directory));
	metrics_gauge(b, "porchlight_accounts_signed_in", "Accounts with an endpoint.",
		      (double)r.accounts);
	metrics_family(b, "porchlight_endpoints", "gauge", "Endpoints signed in, by dialect.");
	for (size_t i = 0; i < DIALECTS; i++) {
		snprintf(label, sizeof(label), "dialect=\"%s\"", dialect_name((enum dialect)i));
		metrics_labelled(b, "porchlight_endpoints", label, r.by_dialect[i]);
	}
	metrics_counter(b, "porchlight_sign_ins_total", "Sign-ins.", r.sign_ins);
	metrics_counter(b, "porchlight_sign_outs_total", "Sign-outs.", r.sign_outs);
	metrics_counter(b, "porchlight_endpoints_yielded_total",
			"Sign-outs that made room for one client more.", r.yielded);
	metrics_counter(b, "porchlight_registrations_refreshed_total", "Refreshed registrations.",
			r.refreshes);

	immcu_stats_get(s->immcu, &m);
	metrics_counter(b, "porchlight_messages_in_total", "Texts taken in.", m.texts_in);
	metrics_counter(b, "porchlight_messages_out_total", "Copies carried out to endpoints.",
			m.copies_out);
	metrics_counter(b, "porchlight_messages_delivered_total",
			"Texts an endpoint has confirmed.", m.delivered);
	metrics_counter(b, "porchlight_messages_stored_total", "Texts put on disk for later.",
			m.stored);
	metrics_counter(b, "porchlight_messages_redelivered_total", "Stored texts delivered since.",
			m.redelivered);
	metrics_counter(b, "porchlight_messages_archived_total", "Texts put into the archive.",
			m.archived);
	metrics_counter(b, "porchlight_archive_failures_total", "Texts the archive's disk refused.",
			m.archive_failed);
	metrics_counter(b, "porchlight_messages_blocked_total", "Texts refused by policy.",
			m.blocked);
	metrics_counter(b, "porchlight_messages_refused_total", "Texts refused.", m.refused);
	metrics_gauge(b, "porchlight_messages_waiting", "Stored texts now.", (double)m.waiting);
	metrics_gauge(b, "porchlight_messages_live", "Texts being delivered now.", (double)m.live);
	metrics_gauge(b, "porchlight_conversations", "Conversations now.", (double)m.conversations);

	presence_stats_get(s->presence, &p);
	metrics_gauge(b, "porchlight_presence_watches", "Presence watches now.", (double)p.watches);
	metrics_gauge(b, "porchlight_presence_dirty", "Watches whose notification is due.",
		      (double)p.dirty);
	metrics_counter(b, "porchlight_presence_notifications_total", "Presence notifications.",
			p.notifications);
}

static void write_throttle(struct server *s, struct buf *b)
{
	struct throttle_stats t;

	throttle_stats_get(s->throttle, &t);
	metrics_counter(b, "porchlight_wrong_credentials_total", "Sign-ins with wrong credentials.",
			t.failures);
	metrics_family(b, "porchlight_throttled_total", "counter",
		       "Sign-ins made to wait, by what was guessed from.");
	metrics_labelled(b, "porchlight_throttled_total", "by=\"pair\"", t.blocked_pair);
	metrics_labelled(b, "porchlight_throttled_total", "by=\"account\"", t.blocked_account);
	metrics_labelled(b, "porchlight_throttled_total", "by=\"source\"", t.blocked_source);
}

static void write_store(struct server *s, struct buf *b)
{
	struct store_stats st;
	int64_t now = clk_wall_ms();

	store_stats(s->store, &st);
	metrics_counter(b, "porchlight_store_operations_total", "Operations of the store.", st.ops);
	metrics_counter(b, "porchlight_store_failed_operations_total", "Operations that failed.",
			st.failed_ops);
	metrics_histogram(b, "porchlight_store_commit_seconds", "Commits by duration.",
			  store_commit_bounds_us, st.commit_bucket, STORE_COMMIT_BUCKETS,
			  (double)st.commit_us_sum / 1e6);
	metrics_gauge(b, "porchlight_store_longest_commit_seconds",
		      "The longest commit since the start.", (double)st.commit_longest_us / 1e6);
	metrics_counter(b, "porchlight_store_checkpoints_total", "Checkpoints.", st.checkpoints);
	metrics_counter(b, "porchlight_store_checkpoints_postponed_total",
			"Checkpoints put off because the file was open.", st.postponed);
	metrics_counter(b, "porchlight_store_checkpoints_suspect_total",
			"Checkpoints whose lease was revoked.", st.suspect);
	metrics_gauge(b, "porchlight_store_checkpoint_age_seconds",
		      "Age of the oldest change a plain copy lacks; 0: none.",
		      st.dirty_since_ms != 0 ? (double)(now - st.dirty_since_ms) / 1000 : 0);
	metrics_gauge(b, "porchlight_store_file_bytes", "Size of the database.",
		      (double)st.file_bytes);
	metrics_gauge(b, "porchlight_store_wal_bytes", "Size of the write-ahead log.",
		      (double)st.wal_bytes);
	metrics_gauge(b, "porchlight_store_disk_full", "1 while the disk is full.",
		      st.is_disk_full);
}

static void write_web(struct server *s, struct buf *b)
{
	struct http_stats h;

	http_stats_get(s->http, &h);
	metrics_gauge(b, "porchlight_http_connections", "HTTP connections now.",
		      (double)h.connections);
	metrics_counter(b, "porchlight_http_requests_total", "HTTP requests.", h.requests);
	metrics_family(b, "porchlight_http_errors_total", "counter",
		       "HTTP errors answered, by class.");
	metrics_labelled(b, "porchlight_http_errors_total", "class=\"4xx\"", h.errors_4xx);
	metrics_labelled(b, "porchlight_http_errors_total", "class=\"5xx\"", h.errors_5xx);
}

void server_metrics_write(struct server *s, struct buf *out)
{
	struct pagealloc_stats pages;

	write_process(s, out);
	write_loop(out, "switch", s->sw);
	write_loop(out, "web", s->web_loop);
	write_queues(s, out);
	write_doors(s, out);
	write_sip(s, out);
	write_domain(s, out);
	write_groups(s, out);
	server_rooms_metrics(s, out);
	write_throttle(s, out);
	write_store(s, out);
	write_web(s, out);
	pagealloc_stats_get(&pages);
	metrics_gauge(out, "porchlight_tls_buffers", "Big TLS buffers in use.",
		      (double)pages.blocks);
}
