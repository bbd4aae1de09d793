#include "sip/stack.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/rand.h"

#include "sip/quirks.h"
#include "sip/stack_int.h"

enum { PING_COST = 1 };

struct sip_stack *sip_stack_new(const struct sip_stack_cfg *cfg)
{
	struct sip_stack *s = xcalloc(1, sizeof(*s));

	s->cfg = *cfg;
	map_init(&s->flows);
	map_init(&s->txns);
	map_init(&s->txns_by_key);
	map_init(&s->ctxns);
	buf_init(&s->out, SIP_OUT_MAX);
	buf_init(&s->key, SIP_HEAD_MAX);
	buf_init(&s->via, SIP_HEAD_MAX);
	s->next_id = 1;
	s->tag_seed = rand_u64();
	rand_bytes(s->self.secret.key, sizeof(s->self.secret.key));
	sip_stack_set_names(s, cfg->domain, cfg->host, cfg->port);
	return s;
}

void sip_stack_set_names(struct sip_stack *s, struct str domain, struct str host, uint16_t port)
{
	struct str new_domain = str_dup(domain), new_host = str_dup(host);

	str_free(&s->self.domain);
	str_free(&s->self.host);
	s->self.domain = new_domain;
	s->self.host = new_host;
	s->self.port = port;
}

void sip_stack_add_adapter(struct sip_stack *s, const struct sip_adapter *a)
{
	assert(s->adapter_count < SIP_ADAPTERS_MAX);
	s->adapters[s->adapter_count++] = *a;
}

void sip_stack_set_common_verbs(struct sip_stack *s, const struct sip_verb *verbs, void *arg)
{
	s->common_verbs = verbs;
	s->common_arg = arg;
}

struct sip_flow *sip_flow_get(struct sip_stack *s, conn_id id)
{
	struct map_node *n = map_get_id(&s->flows, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct sip_flow, node);
}

static void flow_free(struct sip_stack *s, struct sip_flow *f)
{
	map_del(&s->flows, &f->node);
	s->stats.connections--;
	sip_txns_end(f);
	sip_ctxns_end(s, f);
	if (f->conn.adapter != NULL && f->conn.adapter->on_close != NULL)
		f->conn.adapter->on_close(f->conn.adapter->arg, &f->conn);
	str_free(&f->conn.user_agent);
	free(f);
}

void sip_stack_free(struct sip_stack **sp)
{
	struct sip_stack *s = *sp;
	struct map_iter it;
	struct map_node *n;

	*sp = NULL;
	if (s == NULL)
		return;
	while ((n = map_first(&s->flows, &it)) != NULL)
		flow_free(s, CONTAINER_OF(n, struct sip_flow, node));
	sip_ctxns_fini(s);
	map_fini(&s->flows);
	map_fini(&s->txns);
	map_fini(&s->txns_by_key);
	buf_fini(&s->out);
	buf_fini(&s->key);
	buf_fini(&s->via);
	str_free(&s->self.domain);
	str_free(&s->self.host);
	mem_wipe(&s->self.secret, sizeof(s->self.secret));
	free(s);
}

void sip_on_open(struct sip_stack *s, conn_id id, const struct conn_info *info)
{
	struct sip_flow *f = xcalloc(1, sizeof(*f));

	assert(sip_flow_get(s, id) == NULL); /* ids are never reused */
	f->conn.id = id;
	f->conn.info = *info;
	list_init(&f->waiting);
	list_init(&f->done);
	list_init(&f->clients);
	sip_frame_init(&f->frame);
	f->budget_milli = SIP_FLOOD_BURST_UNAUTH * 1000LL;
	f->budget_at_ms = clk_ms();
	map_put_id(&s->flows, &f->node, id);
	s->stats.connections++;
}

void sip_on_close(struct sip_stack *s, conn_id id)
{
	struct sip_flow *f = sip_flow_get(s, id);

	if (f != NULL)
		flow_free(s, f);
}

enum err sip_flow_send(struct sip_stack *s, struct sip_flow *f, struct str bytes)
{
	return s->cfg.send(s->cfg.arg, f->conn.id, bytes);
}

void sip_flow_close(struct sip_stack *s, struct sip_flow *f, bool after_flush)
{
	if (f->closing)
		return;
	f->closing = true;
	s->cfg.close(s->cfg.arg, f->conn.id, after_flush);
}

void sip_conn_close(struct sip_stack *s, conn_id id, bool after_flush)
{
	struct sip_flow *f = sip_flow_get(s, id);

	if (f != NULL)
		sip_flow_close(s, f, after_flush);
}

bool sip_flow_spend(struct sip_flow *f, unsigned cost)
{
	bool known = sip_flow_is_known(f);
	int64_t burst = (known ? SIP_FLOOD_BURST : SIP_FLOOD_BURST_UNAUTH) * 1000LL;
	/* = thousandths per millisecond */
	int64_t per_s = known ? SIP_FLOOD_PER_S : SIP_FLOOD_PER_S_UNAUTH;
	int64_t now = clk_ms(), passed = now - f->budget_at_ms;

	f->budget_at_ms = now;
	f->budget_milli += (passed > burst / per_s ? burst / per_s : passed) * per_s;
	if (f->budget_milli > burst)
		f->budget_milli = burst;
	if (f->budget_milli < cost * 1000LL)
		return false;
	f->budget_milli -= cost * 1000LL;
	return true;
}

static void on_broken(struct sip_stack *s, struct sip_flow *f, const struct sip_framed *framed)
{
	struct sip_msg *m = NULL;

	s->stats.framing_errors++;
	if (framed->head_len > 0 &&
	    sip_msg_decode(framed->msg, framed->head_len, framed->lines, &m) != E_OK)
		m = NULL;
	sip_refuse_bad(s, f, m, framed->fault);
	sip_msg_unref(&m);
}

static void on_message(struct sip_stack *s, struct sip_flow *f, const struct sip_framed *framed)
{
	struct sip_msg *m;
	enum err e = sip_msg_decode(framed->msg, framed->head_len, framed->lines, &m);

	if (e != E_OK) {
		sip_refuse_bad(s, f, NULL, (struct sip_fault){ 400, "Bad Start Line" });
		return;
	}
	sip_dispatch(s, f, m);
	sip_msg_unref(&m);
}

ssize_t sip_on_bytes(struct sip_stack *s, conn_id id, struct str bytes)
{
	struct sip_flow *f = sip_flow_get(s, id);
	struct sip_framed framed;
	size_t done = 0;

	if (f == NULL)
		return E_GONE;
	while (!f->closing) {
		size_t max = sip_flow_is_known(f) ? SIP_HEAD_MAX + SIP_BODY_MAX
						  : SIP_MSG_MAX_UNAUTH;

		switch (sip_frame_next(&f->frame, str_sub(bytes, done, bytes.len), max, &framed)) {
		case SIP_FRAME_MORE:
			return (ssize_t)done;
		case SIP_FRAME_SKIP:
			break;
		case SIP_FRAME_PING:
			s->stats.pings++;
			if (sip_flow_spend(f, PING_COST))
				(void)sip_flow_send(s, f, STR("\r\n"));
			break;
		case SIP_FRAME_MSG:
			on_message(s, f, &framed);
			break;
		case SIP_FRAME_BAD:
			on_broken(s, f, &framed);
			/* the hub closes for our E_BAD, after the answer has gone out */
			f->closing = true;
			return E_BAD;
		}
		done += framed.consumed;
	}
	return (ssize_t)bytes.len;
}

struct sip_conn *sip_conn_get(struct sip_stack *s, conn_id id)
{
	struct sip_flow *f = sip_flow_get(s, id);

	return f == NULL ? NULL : &f->conn;
}

bool sip_conn_has_account(const struct sip_conn *c, uint64_t account)
{
	for (size_t i = 0; i < c->account_count; i++)
		if (c->accounts[i] == account)
			return true;
	return false;
}

enum err sip_conn_add_account(struct sip_stack *s, struct sip_conn *c, uint64_t account)
{
	if (sip_conn_has_account(c, account))
		return E_OK;
	if (c->account_count == SIP_ACCOUNTS_PER_CONN)
		return E_FULL;
	c->accounts[c->account_count++] = account;
	if (c->account_count == 1) {
		struct sip_flow *f = CONTAINER_OF(c, struct sip_flow, conn);

		f->budget_milli = SIP_FLOOD_BURST * 1000LL;
		if (s->cfg.on_authenticated != NULL)
			s->cfg.on_authenticated(s->cfg.arg, c->id);
	}
	return E_OK;
}

void sip_conn_drop_account(struct sip_stack *s, struct sip_conn *c, uint64_t account)
{
	(void)s;
	for (size_t i = 0; i < c->account_count; i++)
		if (c->accounts[i] == account) {
			c->accounts[i] = c->accounts[--c->account_count];
			return;
		}
}

void sip_stack_drop_account(struct sip_stack *s, uint64_t account)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&s->flows, &it); n != NULL;
	     n = map_next(&s->flows, &it)) {
		struct sip_flow *f = CONTAINER_OF(n, struct sip_flow, node);

		if (!sip_conn_has_account(&f->conn, account))
			continue;
		sip_conn_drop_account(s, &f->conn, account);
		if (f->conn.account_count == 0)
			sip_flow_close(s, f, true);
	}
}

struct str sip_stack_domain(const struct sip_stack *s)
{
	return s->self.domain;
}

struct str sip_stack_host(const struct sip_stack *s)
{
	return s->self.host;
}

uint16_t sip_stack_port(const struct sip_stack *s)
{
	return s->self.port;
}

bool sip_stack_is_ours(const struct sip_stack *s, const struct uri *u)
{
	return uri_is_sip(u) && sip_self_has_host(&s->self, u->host);
}

const struct sip_secret *sip_stack_secret(const struct sip_stack *s)
{
	return &s->self.secret;
}

/* The address that peer connected to; NULL: the connection is gone. */
static const struct addr *local_of(const struct sip_stack *s, conn_id id)
{
	struct map_node *n = map_get_id(&s->flows, id);

	return n == NULL ? NULL : &CONTAINER_OF(n, struct sip_flow, node)->conn.info.local;
}

void sip_stack_record_route(const struct sip_stack *s, conn_id id, struct buf *out)
{
	sip_route_record(&s->self, id, local_of(s, id), out);
}

void sip_stack_host_port(const struct sip_stack *s, conn_id id, struct buf *out)
{
	sip_self_host_port(&s->self, local_of(s, id), out);
}

void sip_stats_get(const struct sip_stack *s, struct sip_stats *out)
{
	*out = s->stats;
}
