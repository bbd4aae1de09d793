/* fake_net.h: a stack without a network, for unit, wire and fuzz tests.
 *
 * One struct fake holds a stack, what it sent per connection, and a policy like
 * the server's own: OPTIONS is free, REGISTER always wants credentials, anything
 * else passes on a signed-in connection if From is alice. */
#ifndef TESTS_FAKE_NET_H
#define TESTS_FAKE_NET_H

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/mem.h"
#include "sip/stack.h"

enum { FAKE_CONNS = 12, FAKE_ALICE = 7 };

struct fake {
	struct heap heap;
	struct sip_stack *stack;
	struct buf sent[FAKE_CONNS]; /* by connection id; 0 unused */
	bool closed[FAKE_CONNS], refuse_send;
	unsigned handled, authenticated;
	uint64_t last_txn;
	bool hold; /* handlers leave the answer to the test */
};

static inline enum err fake_send(void *arg, conn_id id, struct str bytes)
{
	struct fake *f = arg;

	if (f->refuse_send || id >= FAKE_CONNS)
		return E_GONE;
	buf_add(&f->sent[id], bytes);
	return E_OK;
}

static inline void fake_close(void *arg, conn_id id, bool after_flush)
{
	struct fake *f = arg;

	(void)after_flush;
	f->closed[id] = true;
}

static inline enum sip_auth_result fake_authenticate(void *arg, struct sip_txn *t)
{
	struct fake *f = arg;
	const struct sip_msg *m = sip_txn_msg(t);

	f->authenticated++;
	if (m->method_id == SIP_METHOD_REGISTER ||
	    !sip_conn_has_account(sip_txn_conn(t), FAKE_ALICE)) {
		sip_reply_code(f->stack, sip_txn_id(t), 401);
		return SIP_AUTH_ANSWERED;
	}
	if (!uri_unescaped_is(m->from.u.user, STR("alice")) ||
	    !str_ieqz(m->from.u.host, "porchlight.test")) {
		sip_reply_code(f->stack, sip_txn_id(t), 403);
		return SIP_AUTH_ANSWERED;
	}
	sip_txn_set_account(t, FAKE_ALICE);
	return SIP_AUTH_OK;
}

static inline void fake_handle(struct sip_txn *t, void *arg)
{
	struct fake *f = arg;
	const struct sip_msg *m = sip_txn_msg(t);

	f->handled++;
	f->last_txn = sip_txn_id(t);
	if (!f->hold)
		sip_reply_code(f->stack, sip_txn_id(t),
			       m->method_id == SIP_METHOD_MESSAGE ? 202 : 200);
}

static const struct sip_verb fake_verbs[] = {
	{ "REGISTER", fake_handle, SIP_AUTH_REQUIRED, 0, 2 },
	{ "MESSAGE", fake_handle, SIP_AUTH_REQUIRED, IM_BODY_MAX, 1 },
	{ "OPTIONS", fake_handle, SIP_AUTH_NONE, 4096, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

/* A stack that no adapter answers for yet. */
static inline void fake_init_bare(struct fake *f)
{
	struct sip_stack_cfg cfg = {
		.heap = &f->heap,
		.send = fake_send,
		.close = fake_close,
		.arg = f,
		.domain = STR("porchlight.test"),
		.host = STR("im.porchlight.test"),
		.port = 5061,
	};

	log_to_stderr(false);
	memset(f, 0, sizeof(*f));
	clk_set_ms(1000000, 1700000000000);
	heap_init(&f->heap);
	for (size_t i = 0; i < FAKE_CONNS; i++)
		buf_init(&f->sent[i], 16u << 20);
	f->stack = sip_stack_new(&cfg);
}

static inline void fake_init_verbs(struct fake *f, const struct sip_verb *verbs)
{
	static const char *const supported[] = { "path", "outbound", "gruu", NULL };
	struct sip_adapter adapter = {
		.name = "fake",
		.authenticate = fake_authenticate,
		.verbs = verbs,
		.supported = supported,
		.arg = f,
	};

	fake_init_bare(f);
	sip_stack_add_adapter(f->stack, &adapter);
}

static inline void fake_init(struct fake *f)
{
	fake_init_verbs(f, fake_verbs);
}

static inline void fake_fini(struct fake *f)
{
	sip_stack_free(&f->stack);
	for (size_t i = 0; i < FAKE_CONNS; i++)
		buf_fini(&f->sent[i]);
	heap_fini(&f->heap);
	clk_unset();
}

static inline void fake_open(struct fake *f, conn_id id)
{
	struct conn_info info = { .tls_version = "", .cipher = "", .since_ms = clk_ms() };

	if (addr_decode(STR("192.0.2.77:40001"), &info.peer) != E_OK ||
	    addr_decode(STR("192.0.2.1:5061"), &info.local) != E_OK)
		abort();
	sip_on_open(f->stack, id, &info);
}

static inline void fake_sign_in(struct fake *f, conn_id id)
{
	if (sip_conn_add_account(f->stack, sip_conn_get(f->stack, id), FAKE_ALICE) != E_OK)
		abort();
}

static inline void fake_advance(struct fake *f, int64_t ms)
{
	clk_set_ms(clk_ms() + ms, clk_wall_ms() + ms);
	(void)heap_run(&f->heap, clk_ms(), 100000);
}

/* As the hub does it: what is not consumed is offered again with more behind it. */
struct fake_feed {
	struct buf kept;
	ssize_t last;
};

static inline bool fake_feed(struct fake *f, conn_id id, struct fake_feed *feed, struct str bytes,
			     size_t step)
{
	buf_init(&feed->kept, 16u << 20);
	for (size_t at = 0; at < bytes.len; at += step) {
		buf_add(&feed->kept, str_sub(bytes, at, at + step));
		feed->last = sip_on_bytes(f->stack, id, buf_str(&feed->kept));
		if (feed->last < 0)
			break;
		buf_consume(&feed->kept, (size_t)feed->last);
	}
	buf_fini(&feed->kept);
	return feed->last >= 0 && !f->closed[id];
}

#endif
