/* Endpoints: one case per rule of RFC 3261 10.3 and RFC 5626 that the table keeps. */
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

struct bench {
	struct heap heap;
	struct registrar *r;
	char events[500]; /* "+1 -1:expired " */
	uint32_t cseq;
};

static void on_sign_in(void *arg, const struct endpoint *e)
{
	struct bench *b = arg;
	size_t n = strlen(b->events);

	assert_ptr_equal(registrar_get(b->r, e->id), e);
	snprintf(b->events + n, sizeof(b->events) - n, "+%d ", (int)e->id);
}

static void on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	struct bench *b = arg;
	size_t n = strlen(b->events);

	assert_null(registrar_get(b->r, e->id)); /* gone already, and yet readable */
	assert_true(e->contact.len > 0);
	snprintf(b->events + n, sizeof(b->events) - n, "-%d:%s ", (int)e->id,
		 registrar_end_name(why));
}

static int bench_new(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	clk_set_ms(1000, 5000);
	heap_init(&b->heap);
	b->r = registrar_new(&b->heap);
	registrar_listen(b->r, &(struct registrar_hooks){ on_sign_in, on_sign_out, b });
	*state = b;
	return 0;
}

static int bench_end(void **state)
{
	struct bench *b = *state;

	registrar_free(&b->r);
	registrar_free(&b->r);
	assert_int_equal(heap_next_ms(&b->heap), INT64_MAX);
	heap_fini(&b->heap);
	clk_unset();
	free(b);
	return 0;
}

static void assert_events(struct bench *b, const char *want)
{
	assert_string_equal(b->events, want);
	b->events[0] = '\0';
}

static struct binding plain(const char *contact)
{
	return (struct binding){ .contact = str_of(contact), .expires_s = 600 };
}

static struct binding outbound(const char *contact, const char *instance, uint32_t reg_id)
{
	return (struct binding){ .contact = str_of(contact),
				 .instance = str_of(instance),
				 .reg_id = reg_id,
				 .expires_s = 600 };
}

/* Call-ID "call", the next CSeq. */
static enum err put(struct bench *b, account_id account, conn_id conn,
		    const struct binding *binding, size_t count)
{
	struct registration reg = { .account = account,
				    .conn = conn,
				    .call_id = STR("call"),
				    .user_agent = STR("test"),
				    .cseq = ++b->cseq,
				    .binding = binding,
				    .count = count };

	return registrar_put(b->r, &reg);
}

static enum err put_one(struct bench *b, account_id account, conn_id conn, struct binding binding)
{
	return put(b, account, conn, &binding, 1);
}

static void test_adding_and_refreshing(void **state)
{
	struct bench *b = *state;
	struct binding x = { .contact = STR("sip:a@host"),
			     .params = STR(";q=0.5"),
			     .q_milli = 500,
			     .expires_s = 600 };
	const struct endpoint *e;

	assert_int_equal(put_one(b, 7, 70, x), E_OK);
	e = registrar_get(b->r, 1);
	assert_int_equal(e->account, 7);
	assert_int_equal(e->conn, 70);
	assert_int_equal(e->q_milli, 500);
	assert_true(str_eqz(e->params, ";q=0.5"));
	assert_int_equal(e->expires_ms, 601000);
	assert_int_equal(e->since_ms, 5000);
	clk_set_ms(2000, 6000);
	assert_int_equal(put_one(b, 7, 70, x), E_OK);
	e = registrar_get(b->r, 1);
	assert_int_equal(e->expires_ms, 602000);
	assert_int_equal(e->since_ms, 5000);
	assert_events(b, "+1 "); /* a refresh is no sign-in */
}

static void test_expiry(void **state)
{
	struct bench *b = *state;

	put_one(b, 7, 70, plain("sip:a@host"));
	heap_run(&b->heap, 600999, 10);
	assert_non_null(registrar_get(b->r, 1));
	heap_run(&b->heap, 601000, 10);
	assert_null(registrar_get(b->r, 1));
	assert_events(b, "+1 -1:expired ");
}

static void test_who_is_the_same_client(void **state)
{
	struct bench *b = *state;

	put_one(b, 7, 70, outbound("sip:a@one", "<urn:1>", 1));
	put_one(b, 7, 70, outbound("sip:a@two", "<urn:1>", 1)); /* its address has changed */
	assert_true(str_eqz(registrar_get(b->r, 1)->contact, "sip:a@two"));
	put_one(b, 7, 70, outbound("sip:a@two", "<urn:1>", 2)); /* a second flow of it */
	put_one(b, 7, 70, outbound("sip:a@two", "<urn:2>", 1));
	put_one(b, 7, 70, plain("sip:a@two")); /* without an instance it is another */
	put_one(b, 8, 70, outbound("sip:a@two", "<urn:1>", 1));
	assert_events(b, "+1 +2 +3 +4 +5 ");
	assert_int_equal(registrar_find_instance(b->r, 7, STR("<urn:2>"))->id, 3);
	assert_null(registrar_find_instance(b->r, 8, STR("<urn:2>")));
	assert_null(registrar_find_instance(b->r, 7, STR("")));
	assert_int_equal(registrar_find_conn(b->r, 8, 70)->id, 5);
	assert_null(registrar_find_conn(b->r, 8, 71));
}

static void test_another_connection_replaces(void **state)
{
	struct bench *b = *state;
	struct registrar_stats s;

	put_one(b, 7, 70, plain("sip:a@host"));
	put_one(b, 7, 71, plain("sip:a@host"));
	assert_events(b, "+1 -1:replaced +2 ");
	registrar_conn_closed(b->r, 70); /* the old one's end takes nothing with it */
	assert_non_null(registrar_get(b->r, 2));
	registrar_conn_closed(b->r, 71);
	assert_events(b, "-2:connection-closed ");
	registrar_stats_get(b->r, &s);
	assert_int_equal(s.endpoints, 0);
	assert_int_equal(s.accounts, 0);
	assert_int_equal(s.sign_ins, 2);
	assert_int_equal(s.sign_outs, 2);
	assert_int_equal(s.refreshes, 0);
}

static void test_stale_cseq(void **state)
{
	struct bench *b = *state;
	struct binding x = plain("sip:a@host");
	struct registration reg = { .account = 7,
				    .conn = 70,
				    .call_id = STR("other"),
				    .cseq = 1,
				    .binding = &x,
				    .count = 1 };

	put_one(b, 7, 70, x);
	put_one(b, 7, 70, x);
	b->cseq--; /* the same again */
	assert_int_equal(put_one(b, 7, 70, x), E_STALE);
	assert_int_equal(registrar_clear(b->r, 7, STR("call"), 2), E_STALE);
	assert_int_equal(registrar_put(b->r, &reg), E_OK); /* another Call-ID counts anew */
	assert_int_equal(registrar_clear(b->r, 7, STR("call"), 2), E_OK);
	assert_events(b, "+1 -1:removed ");
	assert_int_equal(registrar_clear(b->r, 7, STR("call"), 2), E_OK); /* nobody there */
}

static void test_all_or_none(void **state)
{
	struct bench *b = *state;
	struct binding two[2] = { plain("sip:new@host"), plain("sip:old@host") };
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT + 1];
	char contact[32];

	put_one(b, 7, 70, plain("sip:old@host"));
	b->cseq = 0; /* the second is stale, so the first is not taken either */
	assert_int_equal(put(b, 7, 70, two, 2), E_STALE);
	assert_int_equal(registrar_of_account(b->r, 7, ids, ARRAY_LEN(ids)), 1);
	b->cseq = 10;
	for (int i = 1; i < ENDPOINTS_PER_ACCOUNT; i++) {
		snprintf(contact, sizeof(contact), "sip:%d@host", i);
		assert_int_equal(put_one(b, 7, 70, plain(contact)), E_OK);
	}
	assert_int_equal(put(b, 7, 70, two, 2), E_FULL); /* all there is shares its connection */
	assert_int_equal(registrar_of_account(b->r, 7, ids, ARRAY_LEN(ids)), ENDPOINTS_PER_ACCOUNT);
	assert_int_equal(ids[0], ENDPOINTS_PER_ACCOUNT); /* the newest first */
	assert_int_equal(registrar_of_account(b->r, 7, ids, 3), 3);
	two[1].expires_s = 0; /* one goes, one comes: that fits */
	assert_int_equal(put(b, 7, 70, two, 2), E_OK);
	assert_int_equal(registrar_of_account(b->r, 7, ids, ARRAY_LEN(ids)), ENDPOINTS_PER_ACCOUNT);
}

static void test_ending_by_name(void **state)
{
	struct bench *b = *state;

	put_one(b, 7, 70, plain("sip:a@host"));
	put_one(b, 7, 71, plain("sip:b@host"));
	put_one(b, 8, 71, plain("sip:c@host"));
	put_one(b, 7, 71,
		(struct binding){
			.contact = STR("sip:nobody@host") }); /* removing what is not there */
	assert_events(b, "+1 +2 +3 ");
	assert_int_equal(registrar_end_endpoint(b->r, 2, END_BY_ADMIN), E_OK);
	assert_int_equal(registrar_end_endpoint(b->r, 2, END_BY_ADMIN), E_NOTFOUND);
	registrar_end_account(b->r, 7, END_ACCOUNT);
	assert_events(b, "-2:ended-by-admin -1:account-changed ");
	assert_non_null(registrar_get(b->r, 3));
}

/* A listener that ends others of the same connection while it closes. */
static void end_sibling(void *arg, const struct endpoint *e, enum registrar_end why)
{
	(void)why;
	registrar_end_account(*(struct registrar **)arg, e->account == 7 ? 8 : 7, END_ACCOUNT);
}

static void test_a_listener_ends_others(void **state)
{
	struct bench *b = *state;

	put_one(b, 7, 70, plain("sip:a@host"));
	put_one(b, 8, 70, plain("sip:b@host"));
	put_one(b, 7, 70, plain("sip:c@host"));
	registrar_listen(b->r,
			 &(struct registrar_hooks){ .on_sign_out = end_sibling, .arg = &b->r });
	registrar_conn_closed(b->r, 70);
	for (endpoint_id id = 1; id <= 3; id++)
		assert_null(registrar_get(b->r, id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_adding_and_refreshing, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_expiry, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_who_is_the_same_client, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_another_connection_replaces, bench_new,
						bench_end),
		cmocka_unit_test_setup_teardown(test_stale_cseq, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_all_or_none, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_ending_by_name, bench_new, bench_end),
		cmocka_unit_test_setup_teardown(test_a_listener_ends_others, bench_new, bench_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
