/* The registrar against a model that is a plain array: random REGISTERs, removals, closing connections and passing
 * time, and after each step both hold the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "registrar/registrar.h"

enum { ACCOUNTS = 4, CONNS = 6, CLIENTS = 12, CALLS = 3, STEPS = 3000, SEEDS = 20 };

/* One client of an account: with an instance (even numbers) or only an address. */
struct row {
	account_id account;
	conn_id conn;
	unsigned client, call, cseq;
	int64_t expires_ms;
};

struct model {
	struct row row[ACCOUNTS * ENDPOINTS_PER_ACCOUNT + 1]; /* one comes before another goes */
	size_t n;
	uint64_t sign_ins, refreshes, sign_outs;
};

struct bench {
	uint64_t rng;
	int64_t now;
	struct heap heap;
	struct registrar *r;
	struct model m;
	size_t ins, outs; /* what the hooks said */
	char contact[CLIENTS][32], instance[CLIENTS][32], call[CALLS][16];
};

static unsigned pick(struct bench *b, unsigned n)
{
	b->rng = b->rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(b->rng >> 33) % n;
}

/* --- the model --- */

static struct row *model_find(struct model *m, account_id account, unsigned client)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->row[i].account == account && m->row[i].client == client)
			return &m->row[i];
	return NULL;
}

static void model_drop(struct model *m, struct row *r)
{
	*r = m->row[--m->n];
	m->sign_outs++;
}

static size_t model_count(const struct model *m, account_id account)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->row[i].account == account;
	return n;
}

static enum err model_put(struct model *m, const struct row *want, const unsigned *expires_s,
			  size_t count, int64_t now)
{
	size_t total = model_count(m, want->account);

	for (size_t i = 0; i < count; i++) {
		const struct row *r = model_find(m, want->account, want[i].client);

		if (r != NULL && r->call == want->call && want->cseq <= r->cseq)
			return E_STALE;
		total = total + (r == NULL && expires_s[i] > 0) - (r != NULL && expires_s[i] == 0);
	}
	if (total > ENDPOINTS_PER_ACCOUNT)
		return E_FULL;
	for (size_t i = 0; i < count; i++) {
		struct row *r = model_find(m, want->account, want[i].client);

		if (r != NULL && (expires_s[i] == 0 || r->conn != want->conn)) {
			model_drop(m, r);
			r = NULL;
		} else if (r != NULL) {
			m->refreshes++;
		}
		if (expires_s[i] == 0)
			continue;
		if (r == NULL) {
			r = &m->row[m->n++];
			m->sign_ins++;
		}
		*r = want[i];
		r->expires_ms = now + (int64_t)expires_s[i] * 1000;
	}
	return E_OK;
}

/* --- steps --- */

static void step_put(struct bench *b)
{
	struct binding binding[2] = { { .expires_s = 0 } };
	unsigned expires_s[2];
	struct row want[2];
	struct registration reg;
	size_t count = 1 + pick(b, 2);

	want[0] = (struct row){ .account = 1 + pick(b, ACCOUNTS),
				.conn = 1 + pick(b, CONNS),
				.client = pick(b, CLIENTS),
				.call = pick(b, CALLS),
				.cseq = 1 + pick(b, 50) };
	want[1] = want[0];
	want[1].client = (want[0].client + 1 + pick(b, CLIENTS - 1)) % CLIENTS;
	for (size_t i = 0; i < count; i++) {
		unsigned c = want[i].client;

		expires_s[i] = pick(b, 4) == 0 ? 0 : 60 + pick(b, 300);
		binding[i] = (struct binding){ .contact = str_of(b->contact[c]),
					       .expires_s = expires_s[i] };
		if (c % 2 == 0) {
			binding[i].instance = str_of(b->instance[c]);
			binding[i].reg_id = 1;
			binding[i].contact = str_of(
				b->contact[pick(b, CLIENTS)]); /* an address does not matter then */
		}
	}
	reg = (struct registration){ .account = want[0].account,
				     .conn = want[0].conn,
				     .dialect = (enum dialect)(want[0].conn % DIALECTS),
				     .call_id = str_of(b->call[want[0].call]),
				     .cseq = want[0].cseq,
				     .binding = binding,
				     .count = count };
	assert_int_equal(registrar_put(b->r, &reg),
			 model_put(&b->m, want, expires_s, count, b->now));
}

static void step_clear(struct bench *b)
{
	account_id account = 1 + pick(b, ACCOUNTS);
	unsigned call = pick(b, CALLS), cseq = 1 + pick(b, 60);
	enum err want = E_OK;

	for (size_t i = 0; i < b->m.n; i++)
		if (b->m.row[i].account == account && b->m.row[i].call == call &&
		    cseq <= b->m.row[i].cseq)
			want = E_STALE;
	for (size_t i = b->m.n; want == E_OK && i-- > 0;)
		if (b->m.row[i].account == account)
			model_drop(&b->m, &b->m.row[i]);
	assert_int_equal(registrar_clear(b->r, account, str_of(b->call[call]), cseq), want);
}

static void step_close(struct bench *b)
{
	conn_id conn = 1 + pick(b, CONNS);

	for (size_t i = b->m.n; i-- > 0;)
		if (b->m.row[i].conn == conn)
			model_drop(&b->m, &b->m.row[i]);
	registrar_conn_closed(b->r, conn);
}

static void step_wait(struct bench *b)
{
	b->now += pick(b, 60000);
	clk_set_ms(b->now, b->now);
	for (size_t i = b->m.n; i-- > 0;)
		if (b->m.row[i].expires_ms <= b->now)
			model_drop(&b->m, &b->m.row[i]);
	heap_run(&b->heap, b->now, SIZE_MAX);
}

static void step_end(struct bench *b)
{
	account_id account = 1 + pick(b, ACCOUNTS);

	for (size_t i = b->m.n; i-- > 0;)
		if (b->m.row[i].account == account)
			model_drop(&b->m, &b->m.row[i]);
	registrar_end_account(b->r, account, END_ACCOUNT);
}

/* --- comparing --- */

static bool is_row(const struct bench *b, const struct endpoint *e, const struct row *r)
{
	if (e->account != r->account)
		return false;
	return r->client % 2 == 0
		       ? str_eqz(e->instance, b->instance[r->client])
		       : e->instance.len == 0 && str_eqz(e->contact, b->contact[r->client]);
}

static void compare_one(const struct endpoint *e, void *arg)
{
	struct bench *b = arg;
	const struct row *r = NULL;

	for (size_t i = 0; i < b->m.n; i++)
		if (is_row(b, e, &b->m.row[i]))
			r = &b->m.row[i];
	assert_non_null(r);
	assert_int_equal(e->conn, r->conn);
	assert_int_equal(e->cseq, r->cseq);
	assert_int_equal(e->expires_ms, r->expires_ms);
	assert_true(str_eqz(e->call_id, b->call[r->call]));
	assert_ptr_equal(registrar_get(b->r, e->id), e);
	assert_int_equal(registrar_find_conn(b->r, e->account, e->conn)->conn, e->conn);
	if (e->instance.len > 0)
		assert_ptr_equal(registrar_find_instance(b->r, e->account, e->instance), e);
}

static void compare(struct bench *b)
{
	struct registrar_stats s;
	uint64_t accounts = 0;

	registrar_each(b->r, compare_one, b);
	registrar_stats_get(b->r, &s);
	for (account_id a = 1; a <= ACCOUNTS; a++) {
		endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
		size_t n = registrar_of_account(b->r, a, ids, ENDPOINTS_PER_ACCOUNT);

		assert_int_equal(n, model_count(&b->m, a));
		accounts += n > 0;
		for (size_t i = 1; i < n; i++)
			assert_true(ids[i - 1] > ids[i]); /* the newest first */
	}
	assert_int_equal(s.endpoints, b->m.n);
	assert_int_equal(s.accounts, accounts);
	assert_int_equal(s.by_dialect[DIALECT_SIMPLE] + s.by_dialect[DIALECT_LYNC], b->m.n);
	assert_int_equal(s.sign_ins, b->m.sign_ins);
	assert_int_equal(s.sign_outs, b->m.sign_outs);
	assert_int_equal(s.refreshes, b->m.refreshes);
	assert_int_equal(b->ins, b->m.sign_ins);
	assert_int_equal(b->outs, b->m.sign_outs);
}

static void on_in(void *arg, const struct endpoint *e)
{
	(void)e;
	((struct bench *)arg)->ins++;
}

static void on_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	(void)e;
	(void)why;
	((struct bench *)arg)->outs++;
}

static void run(uint64_t seed)
{
	static void (*const steps[])(struct bench *
				     b) = { step_put, step_put,	  step_put,   step_put,	 step_put,
					    step_put, step_clear, step_close, step_wait, step_end };
	struct bench b = { .rng = seed, .now = 1000 };

	for (unsigned i = 0; i < CLIENTS; i++) {
		snprintf(b.contact[i], sizeof(b.contact[i]), "sip:client%u@host", i);
		snprintf(b.instance[i], sizeof(b.instance[i]), "urn:uuid:%u", i);
	}
	for (unsigned i = 0; i < CALLS; i++)
		snprintf(b.call[i], sizeof(b.call[i]), "call-%u", i);
	clk_set_ms(b.now, b.now);
	heap_init(&b.heap);
	b.r = registrar_new(&b.heap);
	registrar_set_full(b.r, FULL_REFUSE);
	registrar_listen(b.r, &(struct registrar_hooks){ on_in, on_out, &b });
	for (int i = 0; i < STEPS; i++) {
		/* Mostly REGISTERs, so that the accounts fill up. */
		steps[pick(&b, pick(&b, 8) == 0 ? (unsigned)ARRAY_LEN(steps) : 6)](&b);
		compare(&b);
	}
	registrar_free(&b.r);
	assert_int_equal(heap_next_ms(&b.heap), INT64_MAX);
	heap_fini(&b.heap);
	clk_unset();
}

static void test_random_walks(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(seed * 0x9e3779b97f4a7c15u);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random_walks) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
