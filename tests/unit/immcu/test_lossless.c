/* Nothing accepted is lost, nothing comes twice but where it may, and order is kept: random senders, clients
 * that stall, refuse and vanish, a disk that fills up, restarts and crashes, against a model. */
#include "fake_im.h"

enum { TEXTS = 4000, CLIENTS = 4096, QUEUE = 512 };

static struct text {
	account_id to;
	int answers, code;
	bool is_taken; /* a client's 2xx reached the server */
	/* a client got it and its 2xx was lost, or the power went before the row did */
	bool may_repeat;
	bool is_refused; /* once, so that it may come after later ones */
	unsigned served; /* copies clients took */
} text[TEXTS];
static size_t texts;

/* A client reads its connection in order; what waits there is lost with it. */
static struct client {
	endpoint_id id;
	account_id who;
	bool is_here;
	bool is_stalled;
	bool had[TEXTS];
	size_t last; /* the newest text it got for the first time */
	struct {
		leg_id leg;
		size_t text;
	} queue[QUEUE];
	size_t queued;
} * client;
static size_t clients;

static void on_send(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		    const struct account *to, const struct im_text *t)
{
	size_t n = number_of(t->body), i;

	(void)arg;
	(void)from;
	assert_int_equal(text[n].to, to->id);
	/* What somebody has is not sent again, but in the window. */
	assert_true(!text[n].is_taken || text[n].may_repeat);
	for (i = 0; i < clients; i++)
		if (client[i].id == e->id && client[i].is_here)
			break;
	assert_true(i < clients);
	assert_true(client[i].queued < QUEUE);
	client[i].queue[client[i].queued].leg = leg;
	client[i].queue[client[i].queued++].text = n;
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	(void)arg;
	(void)retry_after_s;
	assert_int_equal(++text[token].answers, 1);
	text[token].code = code;
}

static void hooks(struct immcu *m)
{
	const struct im_dialect d = { .send = on_send };

	immcu_set_dialect(m, DIALECT_SIMPLE, &d);
	immcu_set_dialect(m, DIALECT_LYNC, &d);
}

static void submit(void)
{
	account_id from = (account_id)pick(PEOPLE) + 1, to = (account_id)pick(PEOPLE) + 1;
	char body[24];

	if (texts == TEXTS || from == to)
		return;
	snprintf(body, sizeof(body), "%zu.", texts);
	text[texts].to = to;
	texts++;
	immcu_submit(fake_m,
		     &(struct im_text){ .from = from,
					.to = to,
					.dialect = DIALECT_SIMPLE,
					.content_type = STR("text/plain"),
					.body = str_of(body),
					.sent_ms = clk_wall_ms() },
		     texts - 1, on_answer, NULL);
}

static void arrive(account_id who)
{
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	struct client *c;

	if (clients == CLIENTS ||
	    registrar_of_account(fake_registrar, who, ids, ENDPOINTS_PER_ACCOUNT) >= 3)
		return;
	c = &client[clients++];
	c->who = who;
	c->is_here = true;
	c->last = 0;
	c->id = sign_in(who, pick(2) ? DIALECT_SIMPLE : DIALECT_LYNC);
	immcu_on_sign_in(fake_m, c->id);
}

static void take_one(struct client *c, bool may_refuse)
{
	leg_id leg = c->queue[0].leg;
	size_t n = c->queue[0].text;

	memmove(c->queue, c->queue + 1, --c->queued * sizeof(c->queue[0]));
	if (may_refuse && pick(12) == 0) {
		text[n].is_refused = true;
		immcu_on_answer(fake_m, leg, 415);
		return;
	}
	text[n].served++;
	if (c->had[n])
		assert_true(text[n].may_repeat);
	else if (!text[n].is_refused && !text[n].may_repeat) {
		assert_true(n + 1 > c->last);
		c->last = n + 1;
	}
	c->had[n] = true;
	text[n].is_taken = true;
	immcu_on_answer(fake_m, leg, 200);
}

/* Its connection ends: the server hears of every copy on it that it failed.  The client may have had the
 * first of them, and its 2xx been under way. */
static void vanish(struct client *c)
{
	size_t n = c->queued;

	c->is_here = false;
	c->queued = 0;
	sign_out(c->id);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 && pick(4) == 0) {
			text[c->queue[i].text].may_repeat = true;
			text[c->queue[i].text].served++;
		}
		immcu_on_answer(fake_m, c->queue[i].leg, pick(2) ? 503 : 408);
	}
}

static struct client *some_client(void)
{
	struct client *c =
		clients == 0 ? NULL
			     : &client[clients - 1 - pick((uint32_t)(clients < 40 ? clients : 40))];

	return c != NULL && c->is_here ? c : NULL;
}

static void end_server(bool is_crash)
{
	bool was_full = fake_disk_full;

	if (!is_crash) {
		immcu_stop(fake_m);
		store_all();
	} else {
		store_crash(pick((uint32_t)fake_ops + 1));
	}
	/* Taken, and the row still there: the one window, which a full disk holds open. */
	if (is_crash || was_full) {
		struct query q;

		db_query(&q, fake_db, "SELECT CAST(body AS TEXT) FROM offline_message");
		while (db_step(&q)) {
			size_t n = number_of(db_str(&q, 0));

			assert_true(n < texts);
			text[n].may_repeat |= text[n].is_taken;
		}
		assert_int_equal(db_end(&q), E_OK);
	}
	immcu_free(&fake_m);
	for (size_t i = 0; i < clients; i++)
		if (client[i].is_here) {
			client[i].is_here = false;
			client[i].queued = 0;
		}
	fake_boot(hooks);
}

static void step(void)
{
	struct client *c = some_client();

	switch (pick(16)) {
	case 0:
	case 1:
	case 2:
	case 3:
		submit();
		break;
	case 4:
		arrive((account_id)pick(PEOPLE) + 1);
		break;
	case 5:
		if (c != NULL && pick(4) == 0)
			vanish(c);
		break;
	case 6:
		if (c != NULL)
			c->is_stalled = pick(3) == 0;
		break;
	case 7:
		fake_clock((int64_t)pick(3000));
		break;
	case 8:
		fake_disk_full = pick(10) == 0;
		break;
	case 9:
		if (c != NULL)
			immcu_on_sign_in(fake_m, c->id); /* a refresh */
		break;
	case 10:
		if (pick(60) == 0)
			end_server(pick(3) != 0);
		break;
	case 11:
	case 12:
		for (uint32_t i = pick(6); i > 0 && store_turn(); i--)
			;
		break;
	default:
		if (c != NULL && c->queued > 0 && !c->is_stalled)
			take_one(c, true);
		break;
	}
}

/* Everybody comes back with a client that works, and everything comes to rest. */
static void settle(void)
{
	fake_disk_full = false;
	for (size_t i = 0; i < clients; i++)
		if (client[i].is_here)
			vanish(&client[i]);
	fake_clock(IM_DELIVERY_WAIT_MS + IM_ROW_RETRY_MS);
	store_all();
	for (account_id who = 1; who <= PEOPLE; who++)
		arrive(who);
	for (bool more = true; more;) {
		more = store_turn();
		for (size_t i = 0; i < clients; i++)
			while (client[i].is_here && client[i].queued > 0) {
				take_one(&client[i], false);
				more = true;
			}
	}
}

static void round_of(uint64_t seed)
{
	fake_seed = seed;
	texts = clients = fake_ops = 0;
	memset(text, 0, sizeof(text));
	memset(client, 0, CLIENTS * sizeof(*client));
	assert_int_equal(db_exec(fake_db, "DELETE FROM offline_message; DELETE FROM record"), E_OK);
	fake_boot(hooks);
	for (int i = 0; i < 6000; i++)
		step();
	settle();
	for (size_t i = 0; i < texts; i++) {
		if (text[i].code >= 200 && text[i].code < 300 && !text[i].is_taken)
			print_error("seed %llu: text %zu answered %d is lost\n",
				    (unsigned long long)seed, i, text[i].code);
		assert_true(text[i].code < 200 || text[i].code >= 300 || text[i].is_taken);
	}
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
	for (size_t i = 0; i < clients; i++)
		if (client[i].is_here)
			vanish(&client[i]);
	immcu_free(&fake_m);
}

static void test_random_walk(void **state)
{
	size_t accepted = 0, repeated = 0;

	(void)state;
	client = xcalloc(CLIENTS, sizeof(*client));
	fake_open();
	for (uint64_t seed = 1; seed <= 12; seed++) {
		round_of(seed);
		for (size_t i = 0; i < texts; i++) {
			accepted += text[i].code / 100 == 2;
			repeated += text[i].may_repeat;
		}
	}
	print_message("%zu texts accepted, %zu in the window of a repetition\n", accepted,
		      repeated);
	assert_true(accepted > 1000); /* the walk did walk */
	fake_close();
	free(client);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
