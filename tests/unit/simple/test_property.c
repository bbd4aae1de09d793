/* Random publications, subscriptions, refusals, blocks, disconnects and sign-ins against a model: once all is quiet,
 * the last state each watcher was sent is the one the rule gives for that watcher. */
#include "base/rand.h"
#include "simple/pidf.h"
#include "tests/unit/simple/sim.h"

enum { CLIENTS = 6, STEPS = 4000, SUBS = 24 };

/* Clients 1 to 6: two of each person. */
static const char *const person[CLIENTS + 1] = { NULL,	"alice", "alice", "bob",
						 "bob", "carol", "carol" };
static const account_id account[CLIENTS + 1] = { 0, 1, 1, 2, 2, 3, 3 };

struct subscription {
	conn_id conn; /* 0: free */
	size_t client;
	account_id of;
	char call_id[24], tag[64];
	enum avail seen; /* AVAIL_NONE: nothing yet */
	bool leaving, ended;
};

static struct subscription sub[SUBS];
static conn_id conn_of[CLIENTS + 1]; /* 0: away */
static char etag[CLIENTS + 1][64];
static uint64_t seed;
static unsigned compared;

/* Repeatable: a failure prints its seed. */
static unsigned pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

static const char *const states[] = { "",	  "<r:busy/>",	 "<r:away/>", "<r:on-the-phone/>",
				      "<r:dnd/>", "<r:meeting/>" };

static void read_notify(struct str n)
{
	struct str call_id = sim_header(n, "Call-ID"),
		   body = str_sub(n, str_search(n, STR("\r\n\r\n")) + 4, n.len);
	bool is_last = str_starts(sim_header(n, "Subscription-State"), STR("terminated"));

	for (size_t i = 0; i < SUBS; i++) {
		struct pidf p;

		if (sub[i].conn == 0 || !str_eqz(call_id, sub[i].call_id))
			continue;
		assert_false(sub[i].ended); /* nothing after the last */
		sub[i].ended = is_last;
		if (body.len == 0)
			return;
		assert_int_equal(pidf_decode(PIDF_STANDARD, body, &p), E_OK);
		sub[i].seen = p.avail;
		pidf_fini(&p);
		return;
	}
}

static struct buf inbox[FAKE_CONNS]; /* what a client was sent and has not looked at yet */

static void absorb(void)
{
	for (size_t c = 0; c < FAKE_CONNS; c++) {
		buf_add(&inbox[c], buf_str(&sim.net.sent[c]));
		buf_reset(&sim.net.sent[c]);
	}
}

static void refuse_all_of(struct str call_id)
{
	for (size_t i = 0; i < SUBS; i++)
		if (sub[i].conn != 0 && str_eqz(call_id, sub[i].call_id))
			sub[i].ended = true;
}

static void read_one(conn_id c, struct str one, bool refuse_some)
{
	bool refuse = refuse_some && pick(20) == 0;

	if (!str_starts(one, STR("NOTIFY ")))
		return;
	read_notify(one);
	if (refuse)
		refuse_all_of(sim_header(one, "Call-ID"));
	absorb();
	sim_respond(c, str_dup(one), refuse ? 481 : 200);
	absorb();
}

/* The client looks at what it was sent, and answers; true: there was something. */
static bool look(conn_id c, bool refuse_some)
{
	struct str all = str_dup(buf_str(&inbox[c])), rest = all;

	buf_reset(&inbox[c]);
	while (rest.len > 0 && sip_conn_get(sim.net.stack, c) != NULL) {
		size_t head = str_search(rest, STR("\r\n\r\n")) + 4,
		       at = str_search(rest, STR("Content-Length: ")) + 16, len = 0;

		for (; rest.p[at] >= '0' && rest.p[at] <= '9'; at++)
			len = len * 10 + (size_t)(rest.p[at] - '0');
		read_one(c, str_sub(rest, 0, head + len), refuse_some);
		rest = str_sub(rest, head + len, rest.len);
	}
	str_free(&all);
	for (size_t i = 0; i < SUBS; i++)
		if (sub[i].ended)
			sub[i].conn = 0;
	return rest.p != NULL;
}

/* Until nothing comes any more. */
static void settle(void)
{
	bool any = true;

	while (any) {
		any = false;
		sim_notify_all();
		fake_advance(&sim.net, 0);
		absorb();
		for (conn_id c = 1; c < FAKE_CONNS; c++)
			any |= inbox[c].len > 0 && look(c, false);
	}
}

static int ask(conn_id conn, const struct sim_request *r)
{
	absorb(); /* the next request wipes what was sent before it */
	return sim_send(conn, r);
}

static void come(size_t i)
{
	static conn_id next;
	conn_id c;

	do
		c = 1 + next++ % (FAKE_CONNS - 1);
	while (sip_conn_get(sim.net.stack, c) != NULL);
	absorb();
	buf_reset(&inbox[c]);
	sim.net.closed[c] = false;
	conn_of[i] = c;
	etag[i][0] = 0;
	{
		char headers[256];

		fake_open(&sim.net, c);
		(void)snprintf(
			headers, sizeof(headers),
			"Contact: <sip:%s@192.0.2.77:%u>;+sip.instance=\"<urn:uuid:%zu>\"\r\nExpires: 3600\r\nUser-Agent: test\r\n",
			person[i], 4000 + (unsigned)i, i);
		assert_int_equal(sim_register(c, person[i], "secret words", headers), 200);
	}
}

static void go(size_t i)
{
	conn_id c = conn_of[i];

	absorb();
	buf_reset(&inbox[c]);
	conn_of[i] = 0;
	for (size_t k = 0; k < SUBS; k++)
		if (sub[k].conn == c)
			sub[k].conn = 0;
	registrar_conn_closed(sim.registrar, c); /* in the server's order: first the endpoint */
	sip_on_close(sim.net.stack, c);
}

static void publish(size_t i)
{
	char headers[256], doc[600];
	int code;

	(void)snprintf(headers, sizeof(headers), "Event: presence\r\n%s%s%s%s",
		       etag[i][0] != 0 ? "SIP-If-Match: " : "", etag[i],
		       etag[i][0] != 0 ? "\r\n" : "",
		       etag[i][0] != 0 && pick(6) == 0 ? "Expires: 0\r\n" : "Expires: 3000\r\n");
	(void)snprintf(
		doc, sizeof(doc),
		"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:r=\"urn:ietf:params:xml:ns:pidf:rpid\" "
		"xmlns:p=\"urn:ietf:params:xml:ns:pidf:data-model\" entity=\"sip:x@h\"><tuple id=\"t\"><status>"
		"<basic>%s</basic></status></tuple><p:person id=\"p\"><r:activities>%s</r:activities></p:person></presence>",
		pick(8) == 0 ? "closed" : "open", states[pick(ARRAY_LEN(states))]);
	{
		char ruri[64];

		(void)snprintf(ruri, sizeof(ruri), "sip:%s@" SIM_DOMAIN, person[i]);
		code = ask(conn_of[i], &(struct sim_request){ .method = "PUBLISH",
							      .ruri = ruri,
							      .from = person[i],
							      .to = person[i],
							      .headers = headers,
							      .type = "application/pidf+xml",
							      .body = str_of(doc) });
	}
	assert_int_equal(code, 200);
	(void)snprintf(etag[i], sizeof(etag[i]), "%.*s",
		       STR_ARG(sim_header(sim_sent(conn_of[i]), "SIP-ETag")));
	if (str_search(str_of(headers), STR("Expires: 0")) < strlen(headers))
		etag[i][0] = 0;
}

static void subscribe(size_t i)
{
	static unsigned n;
	struct subscription *s = NULL;
	char ruri[64];
	size_t whom = 1 + pick(CLIENTS);
	struct str to;

	for (size_t k = 0; k < SUBS && s == NULL; k++)
		if (sub[k].conn == 0)
			s = &sub[k];
	if (s == NULL)
		return;
	*s = (struct subscription){ .conn = conn_of[i], .client = i, .of = account[whom] };
	(void)snprintf(s->call_id, sizeof(s->call_id), "sub%u", ++n);
	(void)snprintf(ruri, sizeof(ruri), "sip:%s@" SIM_DOMAIN, person[whom]);
	assert_int_equal(ask(s->conn,
			     &(struct sim_request){
				     .method = "SUBSCRIBE",
				     .ruri = ruri,
				     .from = person[i],
				     .to = person[whom],
				     .call_id = s->call_id,
				     .headers = "Event: presence\r\nContact: <sip:x@h>\r\n" }),
			 200);
	to = sim_header(sim_sent(s->conn), "To");
	(void)snprintf(s->tag, sizeof(s->tag), "%.*s",
		       STR_ARG(str_sub(to, str_search(to, STR("tag=")) + 4, to.len)));
}

static void end_one(size_t k)
{
	struct subscription *s = &sub[k];
	char ruri[64];

	if (s->conn == 0 || s->leaving)
		return;
	s->leaving = pick(2) == 0;
	(void)snprintf(ruri, sizeof(ruri), "sip:%s@" SIM_DOMAIN, sim.people[s->of - 1].name.p);
	assert_int_equal(
		ask(s->conn,
		    &(struct sim_request){
			    .method = "SUBSCRIBE",
			    .ruri = ruri,
			    .from = person[s->client],
			    .to = sim.people[s->of - 1].name.p,
			    .call_id = s->call_id,
			    .to_tag = s->tag,
			    .headers = s->leaving ? "Event: presence\r\nExpires: 0\r\n"
						  : "Event: presence\r\nExpires: 3600\r\n" }),
		200);
}

/* What the wire can say of a state: the words are fewer. */
static enum avail on_the_wire(enum avail a)
{
	struct presence_state s = { .avail = a };
	struct pidf p;
	struct buf b;
	enum avail heard;

	buf_init(&b, PRESENCE_RENDERING_MAX);
	pidf_encode(PIDF_STANDARD, STR("sip:x@h"), &s, &b);
	assert_int_equal(pidf_decode(PIDF_STANDARD, buf_str(&b), &p), E_OK);
	heard = p.avail;
	pidf_fini(&p);
	buf_fini(&b);
	return heard;
}

static void check(uint64_t first_seed, int step)
{
	settle();
	for (size_t k = 0; k < SUBS; k++) {
		struct presence_state s;

		if (sub[k].conn == 0)
			continue;
		compared++;
		presence_get(sim.presence, sub[k].of, account[sub[k].client], &s);
		if (sub[k].seen != on_the_wire(s.avail))
			fail_msg("seed %llu step %d: %s sees %s as %s, the rule says %s",
				 (unsigned long long)first_seed, step, person[sub[k].client],
				 sim.people[sub[k].of - 1].name.p, avail_name(sub[k].seen),
				 avail_name(s.avail));
	}
}

static void step_once(void)
{
	size_t i = 1 + pick(CLIENTS);

	if (conn_of[i] == 0) {
		come(i);
		return;
	}
	switch (pick(12)) {
	case 0:
		go(i);
		return;
	case 1:
	case 2:
	case 3:
		subscribe(i);
		return;
	case 4:
		end_one(pick(SUBS));
		return;
	case 5: {
		account_id owner = account[i], member = account[1 + pick(CLIENTS)];

		if (owner == member)
			return;
		if (pick(2) == 0)
			assert_int_equal(
				presence_access_set(sim.presence, owner, member, ACCESS_BLOCKED),
				E_OK);
		else
			presence_access_clear(sim.presence, owner, member);
		return;
	}
	case 6:
		absorb();
		if (conn_of[i] != 0)
			(void)look(conn_of[i], true);
		return;
	case 7:
		(void)presence_work(sim.presence, pick(4));
		absorb();
		fake_advance(&sim.net, 100); /* far from the end of any transaction */
		absorb();
		return;
	default:
		publish(i);
		return;
	}
}

static void test_random(void **state)
{
	uint64_t first_seed = rand_u64();

	(void)state;
	seed = first_seed;
	memset(sub, 0, sizeof(sub));
	memset(conn_of, 0, sizeof(conn_of));
	memset(etag, 0, sizeof(etag));
	compared = 0;
	for (size_t c = 0; c < FAKE_CONNS; c++)
		buf_init(&inbox[c], 64u << 20);
	for (int step = 0; step < STEPS; step++) {
		step_once();
		if (step % 20 == 0)
			check(first_seed, step);
	}
	for (size_t i = 1; i <= CLIENTS; i++)
		if (conn_of[i] != 0)
			go(i);
	settle();
	assert_true(compared > STEPS / 20);
	for (size_t c = 0; c < FAKE_CONNS; c++)
		buf_fini(&inbox[c]);
	{
		struct presence_stats st;

		presence_stats_get(sim.presence, &st);
		assert_int_equal(st.watches, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { SIM_TEST(test_random) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
