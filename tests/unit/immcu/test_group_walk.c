/* Random joins, leaves, texts, disconnections, restarts and crashes against a model: every member sees exactly
 * what he should, in one order for all. */
#include "fake_im.h"

#include "immcu/group.h"

enum { TEXTS = 3000, LEGS = 4000, FLIGHT = 32 };

/* By number: who said it from where. */
static struct {
	account_id from;
	bool is_lost; /* the disk refused, or the power went before it was there */
	bool is_answered;
} said[TEXTS];

static struct member {
	bool is_in;
	uint64_t first; /* the first text he must see */
	uint64_t floor; /* texts up to it are his, and acknowledged: they do not come again */
	bool got[TEXTS];
	bool has_gap; /* a crash may have taken what was not yet on disk of his place */
} member[PEOPLE + 1];

static struct model_leg {
	group_leg_id id;
	account_id who;
	endpoint_id endpoint;
	bool is_open;
	uint64_t last;	/* the last number it was given */
	uint64_t floor; /* his, acknowledged, before this leg opened */
	uint64_t flight[FLIGHT];
	size_t n;
} * leg;
static size_t legs;

static group_id group;
static uint64_t said_max;

static struct model_leg *leg_find(group_leg_id id)
{
	for (size_t i = legs; i > 0; i--)
		if (leg[i - 1].id == id && leg[i - 1].is_open)
			return &leg[i - 1];
	return NULL;
}

static void on_render(void *arg, unsigned shape, const struct group_text *t, struct buf *out)
{
	(void)arg;
	(void)shape;
	buf_add(out, t->t.body);
}

static bool is_full;

static enum err on_send(void *arg, const struct group_leg *l, const struct group_text *t,
			struct str rendering)
{
	struct model_leg *x = leg_find(l->id);
	struct member *p = &member[l->account];
	size_t n = number_of(rendering);

	(void)arg;
	if (is_full && pick(4) == 0)
		return E_FULL;
	assert_non_null(x);
	assert_int_equal(n, t->seq); /* the same number for all */
	assert_true(t->seq > x->last);
	assert_true(p->is_in);
	assert_true(t->seq >= p->first || p->has_gap);
	assert_true(t->seq > x->floor || p->has_gap);
	assert_true(!t->is_replayed || said[n].from != l->account);
	/* Nothing in between was for him, but what he came too late for. */
	for (uint64_t s = x->last + 1; s < t->seq; s++)
		assert_true(x->last == 0 || said[s].is_lost || said[s].from == l->account ||
			    s + GROUP_HISTORY_TEXTS <= said_max);
	x->last = t->seq;
	assert_true(x->n < FLIGHT);
	x->flight[x->n++] = t->seq;
	return E_OK;
}

static void on_leg_end(void *arg, const struct group_leg *l, enum group_leg_end why)
{
	struct model_leg *x = leg_find(l->id);

	(void)arg;
	(void)why;
	if (x != NULL)
		x->is_open = false;
}

static void hooks(struct immcu *m)
{
	const struct group_dialect d = { .render = on_render,
					 .send = on_send,
					 .on_leg_end = on_leg_end };

	group_set_dialect(m, DIALECT_SIMPLE, &d);
	group_set_dialect(m, DIALECT_LYNC, &d);
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	(void)arg;
	(void)retry_after_s;
	said[token].is_answered = code / 100 == 2;
	if (code / 100 != 2)
		said[token].is_lost = true;
}

static void submit(account_id who, struct model_leg *l)
{
	char body[24];
	uint64_t seq = group_get(fake_m, group)->last_seq + 1;

	if (seq >= TEXTS || !member[who].is_in)
		return;
	snprintf(body, sizeof(body), "%llu.", (unsigned long long)seq);
	said[seq].from = who;
	said[seq].is_lost = said[seq].is_answered = false;
	said_max = seq;
	group_submit(fake_m, group, l == NULL ? 0 : l->id,
		     &(struct im_text){ .from = who,
					.from_endpoint = l == NULL ? 0 : l->endpoint,
					.dialect = DIALECT_SIMPLE,
					.content_type = STR("text/plain"),
					.body = str_of(body),
					.sent_ms = clk_wall_ms() },
		     seq, on_answer, NULL);
	if (group_get(fake_m, group)->last_seq < seq)
		said_max = seq - 1; /* flood: it was refused without a number */
}

static void open_leg(account_id who)
{
	struct group_leg_new n = { .account = who, .state = GROUP_LEG_OPEN, .window = 1 + pick(4) };
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	struct model_leg *x = &leg[legs];

	if (legs == LEGS || !member[who].is_in ||
	    registrar_of_account(fake_registrar, who, ids, ENDPOINTS_PER_ACCOUNT) >= 3)
		return;
	memset(x, 0, sizeof(*x));
	n.endpoint = sign_in(who, pick(2) ? DIALECT_SIMPLE : DIALECT_LYNC);
	x->who = who;
	x->endpoint = n.endpoint;
	x->is_open = true;
	x->floor = member[who].floor;
	legs++;
	assert_int_equal(group_leg_open(fake_m, group, &n, &x->id), E_OK);
}

/* The oldest in flight is taken; what is acknowledged without a gap is his. */
static void take_one(struct model_leg *x)
{
	struct member *p = &member[x->who];
	uint64_t seq = x->flight[0];

	memmove(x->flight, x->flight + 1, --x->n * sizeof(x->flight[0]));
	p->got[seq] = true;
	if (seq > p->floor)
		p->floor = seq;
	group_on_answer(fake_m, x->id, seq, pick(20) == 0 ? 415 : 200);
}

static struct model_leg *some_leg(void)
{
	struct model_leg *x = legs == 0 ? NULL
					: &leg[legs - 1 - pick((uint32_t)(legs < 24 ? legs : 24))];

	return x != NULL && x->is_open ? x : NULL;
}

static void leave(account_id who)
{
	if (!member[who].is_in || who == 1)
		return;
	member[who].is_in = false;
	assert_int_equal(group_remove(fake_m, group, who, who), E_OK);
}

static void join(account_id who)
{
	if (member[who].is_in)
		return;
	member[who] = (struct member){ .is_in = true,
				       .first = group_get(fake_m, group)->last_seq + 1 };
	member[who].floor = member[who].first - 1;
	assert_int_equal(group_join(fake_m, group, who, true), E_OK);
}

static void restart(bool is_crash)
{
	if (is_crash) {
		store_crash(pick((uint32_t)fake_ops + 1));
	} else {
		immcu_stop(fake_m);
		store_all();
	}
	for (size_t i = 0; i < legs; i++)
		leg[i].is_open = false;
	immcu_free(&fake_m);
	fake_boot(hooks);
	assert_non_null(group_get(fake_m, group));
	/* Numbers whose texts never got to the disk are given anew; who was in last is as the disk knows. */
	for (uint64_t s = group_get(fake_m, group)->last_seq + 1; s <= said_max && is_crash; s++) {
		assert_false(said[s].is_answered);
		for (account_id who = 1; who <= PEOPLE; who++) {
			member[who].got[s] = false;
			if (member[who].floor >= s)
				member[who].floor = s - 1;
		}
	}
	said_max = group_get(fake_m, group)->last_seq;
	for (account_id who = 1; who <= PEOPLE && is_crash; who++) {
		struct group_member p;

		member[who].has_gap = true;
		if (member[who].is_in && !group_get_member(fake_m, group, who, &p)) {
			member[who].is_in = false;
		} else if (!member[who].is_in && group_get_member(fake_m, group, who, &p)) {
			member[who].is_in = true;
		}
		if (member[who].first > said_max + 1)
			member[who].first = said_max + 1;
	}
}

static void step(void)
{
	account_id who = (account_id)pick(PEOPLE) + 1;
	struct model_leg *x = some_leg();

	switch (pick(18)) {
	case 0:
	case 1:
	case 2:
		if (x != NULL)
			submit(x->who, x);
		break;
	case 3:
		submit(who, NULL);
		break;
	case 4:
		if (pick(12) == 0)
			leave(who);
		break;
	case 5:
		join(who);
		break;
	case 6:
	case 7:
		open_leg(who);
		break;
	case 8:
		if (x != NULL && pick(3) == 0)
			sign_out(x->endpoint);
		break;
	case 9:
		if (x != NULL && x->n > 0 && pick(4) == 0)
			group_on_answer(fake_m, x->id, x->flight[0], pick(2) ? 408 : 481);
		break;
	case 10:
		fake_clock((int64_t)pick(2000));
		break;
	case 11:
		if (pick(80) == 0)
			restart(pick(6) == 0);
		break;
	case 12:
		for (uint32_t i = pick(6); i > 0 && store_turn(); i--)
			;
		break;
	case 13:
		is_full = pick(8) == 0;
		break;
	default:
		if (x != NULL && x->n > 0)
			take_one(x);
		break;
	}
}

/* Everybody comes back with a client that takes everything. */
static void settle(void)
{
	is_full = false;
	store_all();
	for (account_id who = 1; who <= PEOPLE; who++) {
		endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
		size_t n = registrar_of_account(fake_registrar, who, ids, ENDPOINTS_PER_ACCOUNT);

		for (size_t i = 0; i < n; i++)
			sign_out(ids[i]);
		join(who);
		open_leg(who);
	}
	for (bool more = true; more;) {
		more = false;
		fake_clock(1);
		for (size_t i = 0; i < legs; i++)
			while (leg[i].is_open && leg[i].n > 0) {
				take_one(&leg[i]);
				more = true;
			}
	}
}

static size_t round_of(uint64_t seed)
{
	const struct group_new n = { .kind = GROUP_ADHOC, .access = GROUP_OPEN, .organizer = 1 };
	size_t seen = 0;

	fake_seed = seed;
	fake_ops = legs = 0;
	said_max = 0;
	is_full = false;
	memset(said, 0, sizeof(said));
	memset(member, 0, sizeof(member));
	assert_int_equal(db_exec(fake_db, "DELETE FROM chat_group; DELETE FROM record"), E_OK);
	fake_boot(hooks);
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &group), E_OK);
	assert_int_equal(group_join(fake_m, group, 1, true),
			 E_OK); /* stays, with a client or without */
	member[1].is_in = true;
	member[1].first = 1;
	store_all();
	for (int i = 0; i < 6000; i++)
		step();
	settle();
	for (account_id who = 1; who <= PEOPLE; who++)
		for (uint64_t s = member[who].first; s <= said_max; s++) {
			bool kept = s + GROUP_HISTORY_TEXTS > said_max + 1;
			/* What was never answered may be gone with a crash. */
			bool must = kept && !said[s].is_lost && said[s].from != who &&
				    (said[s].is_answered || !member[who].has_gap);

			seen += member[who].got[s];
			if (!member[who].got[s] && must)
				print_error("seed %llu: text %llu did not reach %lld\n",
					    (unsigned long long)seed, (unsigned long long)s,
					    (long long)who);
			assert_true(member[who].got[s] || !must);
		}
	store_all();
	immcu_free(&fake_m);
	return seen;
}

static void test_random_walk(void **state)
{
	size_t seen = 0;

	(void)state;
	leg = xcalloc(LEGS, sizeof(*leg));
	fake_open();
	for (uint64_t seed = 1; seed <= 15; seed++)
		seen += round_of(seed);
	print_message("%zu texts seen\n", seen);
	assert_true(seen > 3000);
	fake_close();
	free(leg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
