/* One client more than an account may have: who makes room, who does not, and who may not come back at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "registrar/registrar.h"

enum { ALICE = 7, BOB = 8 };

struct bench {
	struct heap heap;
	struct registrar *r;
	int64_t now;
	uint32_t cseq;
	char ended[200]; /* "3:gave-its-place " */
};

static void on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	struct bench *b = arg;
	size_t n = strlen(b->ended);

	snprintf(b->ended + n, sizeof(b->ended) - n, "%d:%s ", (int)e->id, registrar_end_name(why));
}

static void wait_ms(struct bench *b, int64_t ms)
{
	b->now += ms;
	clk_set_ms(b->now, b->now);
}

static int bench_new(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	heap_init(&b->heap);
	wait_ms(b, 1000);
	b->r = registrar_new(&b->heap);
	registrar_listen(b->r, &(struct registrar_hooks){ .on_sign_out = on_sign_out, .arg = b });
	*state = b;
	return 0;
}

static int bench_end(void **state)
{
	struct bench *b = *state;

	registrar_free(&b->r);
	assert_int_equal(heap_next_ms(&b->heap), INT64_MAX);
	heap_fini(&b->heap);
	clk_unset();
	free(b);
	return 0;
}

static void assert_ended(struct bench *b, const char *want)
{
	assert_string_equal(b->ended, want);
	b->ended[0] = '\0';
}

/* Each client on a connection of its own. */
static enum err sign_in_with(struct bench *b, account_id account, unsigned client,
			     enum dialect dialect)
{
	char instance[24], contact[24];
	struct binding one;
	struct registration reg = { .account = account,
				    .conn = 100 + client,
				    .dialect = dialect,
				    .call_id = STR("call"),
				    .user_agent = STR("test"),
				    .cseq = ++b->cseq,
				    .binding = &one,
				    .count = 1 };

	snprintf(instance, sizeof(instance), "urn:uuid:%u", client);
	snprintf(contact, sizeof(contact), "sip:%u@host", client);
	one = (struct binding){ .contact = str_of(contact), .expires_s = 7200 };
	if (client % 2 == 0)
		one.instance = str_of(instance);
	wait_ms(b, 1000);
	return registrar_put(b->r, &reg);
}

static enum err sign_in(struct bench *b, account_id account, unsigned client)
{
	return sign_in_with(b, account, client, DIALECT_SIMPLE);
}

/* Clients 1 to 8 are the endpoints 1 to 8. */
static void fill_up(struct bench *b)
{
	for (unsigned i = 1; i <= ENDPOINTS_PER_ACCOUNT; i++)
		assert_int_equal(sign_in(b, ALICE, i), E_OK);
}

static size_t count(const struct bench *b, account_id account)
{
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT + 1];

	return registrar_of_account(b->r, account, ids, ARRAY_LEN(ids));
}

static void test_the_idlest_makes_room(void **state)
{
	struct bench *b = *state;
	struct registrar_stats stats;

	fill_up(b);
	registrar_touch(b->r, 1); /* the oldest writes something */
	assert_int_equal(sign_in(b, ALICE, 2),
			 E_OK); /* a refresh is a client's doing, not its person's */
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_ended(b, "2:gave-its-place ");
	assert_int_equal(sign_in(b, ALICE, 21), E_OK);
	assert_ended(b, "3:gave-its-place ");
	assert_int_equal(count(b, ALICE), ENDPOINTS_PER_ACCOUNT);
	assert_int_equal(sign_in(b, BOB, 30), E_OK); /* another account has its own places */
	registrar_touch(b->r, 0);
	registrar_touch(b->r, 2);
	assert_ended(b, "");
	registrar_stats_get(b->r, &stats);
	assert_int_equal(stats.yielded, 2);
}

static void test_equally_idle_the_oldest_goes(void **state)
{
	struct bench *b = *state;

	fill_up(b);
	for (endpoint_id id = 1; id <= ENDPOINTS_PER_ACCOUNT; id++)
		registrar_touch(b->r, id);
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_ended(b, "1:gave-its-place ");
}

static void test_who_is_in_a_call_stays(void **state)
{
	struct bench *b = *state;

	fill_up(b);
	registrar_hold(b->r, 1);
	registrar_hold(b->r, 1);
	registrar_hold(b->r, 2);
	registrar_release(b->r, 1);
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_ended(b, "3:gave-its-place ");
	wait_ms(b, 1000);
	registrar_release(b->r, 1); /* has just hung up */
	registrar_release(b->r, 2);
	registrar_release(b->r, 3); /* is gone */
	assert_int_equal(sign_in(b, ALICE, 21), E_OK);
	assert_ended(b, "4:gave-its-place ");
	for (endpoint_id id = 1; id <= 10; id++)
		registrar_hold(b->r, id);
	assert_int_equal(sign_in(b, ALICE, 22), E_FULL); /* all of them talk */
	assert_ended(b, "");
}

static void test_refusing(void **state)
{
	struct bench *b = *state;

	registrar_set_full(b->r, FULL_REFUSE);
	fill_up(b);
	assert_int_equal(sign_in(b, ALICE, 20), E_FULL);
	assert_ended(b, "");
	assert_int_equal(count(b, ALICE), ENDPOINTS_PER_ACCOUNT);
	assert_int_equal(sign_in(b, ALICE, 8), E_OK); /* who is there may refresh */
	registrar_set_full(b->r, FULL_REPLACE_IDLE);
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_ended(b, "1:gave-its-place ");
}

static void test_who_made_room_pushes_nobody_out_who_was_there_later(void **state)
{
	struct bench *b = *state;

	fill_up(b);
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_ended(b, "1:gave-its-place ");
	assert_int_equal(sign_in(b, ALICE, 1), E_FULL); /* comes back at once, by itself */
	assert_int_equal(sign_in(b, ALICE, 1), E_FULL);
	assert_int_equal(registrar_end_endpoint(b->r, 5, END_REMOVED), E_OK);
	assert_ended(b, "5:removed ");
	assert_int_equal(sign_in(b, ALICE, 1), E_OK); /* there is room */
	assert_int_equal(sign_in(b, ALICE, 21),
			 E_OK); /* and it is still the one idle for longest */
	assert_ended(b, "10:gave-its-place ");
}

static void test_it_is_forgotten_in_time(void **state)
{
	struct bench *b = *state;

	fill_up(b);
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_int_equal(sign_in(b, ALICE, 1), E_FULL);
	assert_ended(b, "1:gave-its-place ");
	wait_ms(b, REG_YIELDED_MS);
	assert_int_equal(sign_in(b, ALICE, 1), E_OK);
	assert_ended(b, "2:gave-its-place ");
}

/* It was told, so its coming back is its person's wish. */
static void test_a_told_client_may_come_back(void **state)
{
	struct bench *b = *state;

	assert_int_equal(sign_in_with(b, ALICE, 40, DIALECT_LYNC), E_OK);
	for (unsigned i = 2; i <= ENDPOINTS_PER_ACCOUNT; i++)
		assert_int_equal(sign_in(b, ALICE, i), E_OK);
	assert_int_equal(sign_in(b, ALICE, 20), E_OK);
	assert_ended(b, "1:gave-its-place ");
	assert_int_equal(sign_in_with(b, ALICE, 40, DIALECT_LYNC), E_OK);
	assert_ended(b, "2:gave-its-place ");
}

static void test_more_than_there_may_be_is_full(void **state)
{
	struct bench *b = *state;
	struct binding many[ENDPOINTS_PER_ACCOUNT + 1];
	char contact[ENDPOINTS_PER_ACCOUNT + 1][16];
	struct registration reg = { .account = ALICE,
				    .conn = 200,
				    .call_id = STR("many"),
				    .cseq = 1,
				    .binding = many,
				    .count = ARRAY_LEN(many) };

	for (size_t i = 0; i < ARRAY_LEN(many); i++) {
		snprintf(contact[i], sizeof(contact[i]), "sip:m%zu@host", i);
		many[i] = (struct binding){ .contact = str_of(contact[i]), .expires_s = 600 };
	}
	fill_up(b);
	assert_int_equal(registrar_put(b->r, &reg), E_FULL);
	assert_ended(b, ""); /* all or none: nobody went for it */
	reg.count = ENDPOINTS_PER_ACCOUNT;
	assert_int_equal(registrar_put(b->r, &reg), E_OK);
	assert_int_equal(count(b, ALICE), ENDPOINTS_PER_ACCOUNT);
	reg.binding = &many[ENDPOINTS_PER_ACCOUNT];
	reg.count = 1;
	reg.cseq = 2;
	assert_int_equal(registrar_put(b->r, &reg),
			 E_FULL); /* its own connection's endpoints do not go for it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_idlest_makes_room, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_equally_idle_the_oldest_goes, bench_new,
						bench_end),
		cmocka_unit_test_setup_teardown(test_who_is_in_a_call_stays, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_refusing, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(
			test_who_made_room_pushes_nobody_out_who_was_there_later, bench_new,
			bench_end),
		cmocka_unit_test_setup_teardown(test_it_is_forgotten_in_time, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_a_told_client_may_come_back, bench_new,
						bench_end),
		cmocka_unit_test_setup_teardown(test_more_than_there_may_be_is_full, bench_new,
						bench_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
