#include "simple/simple.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"

#include "simple/focus.h"
#include "simple/simple_int.h"
#include "simple/watching.h"

const char *const simple_supported[] = {
	"gruu", "outbound", "recipient-list-subscribe", "eventlist", "recipient-list-invite", NULL
};

static const struct sip_verb verbs[] = {
	{ "REGISTER", simple_on_register, SIP_AUTH_REQUIRED, SIP_MSG_MAX_UNAUTH, 2 },
	{ "MESSAGE", simple_on_message, SIP_AUTH_REQUIRED, IM_BODY_MAX, 1 },
	{ "PUBLISH", simple_on_publish, SIP_AUTH_REQUIRED, PRESENCE_BODY_MAX, 2 },
	{ "SUBSCRIBE", simple_on_subscribe, SIP_AUTH_REQUIRED, PRESENCE_BODY_MAX, 2 },
	{ "INVITE", focus_on_invite, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 4 },
	{ "ACK", focus_on_ack, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ "BYE", focus_on_bye, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ "REFER", focus_on_refer, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 2 },
	{ "OPTIONS", simple_on_options, SIP_AUTH_NONE, SIP_MSG_MAX_UNAUTH, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

/* Whoever registers and is nobody else's client. */
static bool claims(void *arg, const struct sip_conn *c, const struct sip_msg *m)
{
	(void)arg;
	(void)c;
	return m->method_id == SIP_METHOD_REGISTER;
}

static void on_close(void *arg, struct sip_conn *c)
{
	struct simple *s = arg;

	watching_conn_closed(s->watching, c->id);
}

struct sip_adapter simple_adapter(struct simple *s)
{
	return (struct sip_adapter){
		.name = "simple",
		.claims = claims,
		.authenticate = simple_authenticate,
		.on_close = on_close,
		.verbs = verbs,
		.supported = simple_supported,
		.arg = s,
	};
}

static void on_sign_in(void *arg, const struct endpoint *e)
{
	struct simple *s = arg;
	const struct account *a = directory_get(s->cfg.directory, e->account);
	const struct sip_conn *c = sip_conn_get(s->cfg.stack, e->conn);
	char peer[ADDR_PRINT_MAX];

	if (e->dialect != DIALECT_SIMPLE || a == NULL || c == NULL)
		return;
	log_info("simple", "conn=%llu peer=%s account=%.*s endpoint=%llu signed in, client=%.*s",
		 (unsigned long long)e->conn, addr_print(&c->info.peer, peer), STR_ARG(a->name),
		 (unsigned long long)e->id, LOG_PEER(e->user_agent));
}

/* A session the administrator ended is over, not only forgotten: the client must show who it is again. */
static void on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	struct simple *s = arg;
	struct sip_conn *c;

	if (e->dialect != DIALECT_SIMPLE)
		return;
	watching_endpoint_gone(s->watching, e);
	log_info("simple", "conn=%llu endpoint=%llu signed out: %s", (unsigned long long)e->conn,
		 (unsigned long long)e->id, registrar_end_name(why));
	c = sip_conn_get(s->cfg.stack, e->conn);
	if (c == NULL || (why != END_BY_ADMIN && why != END_ACCOUNT && why != END_REPLACED &&
			  why != END_YIELDED))
		return;
	sip_conn_drop_account(s->cfg.stack, c, (uint64_t)e->account);
	if (c->account_count == 0)
		sip_conn_close(s->cfg.stack, c->id, true);
}

struct simple *simple_new(const struct simple_cfg *cfg)
{
	struct simple *s = xcalloc(1, sizeof(*s));

	s->cfg = *cfg;
	s->digest = sip_digest_new();
	s->offers = sip_offers_new();
	s->seed = rand_u64();
	buf_init(&s->scratch, SIP_HEAD_MAX);
	s->watching = watching_new(s);
	s->focus = focus_new(s);
	registrar_listen(cfg->registrar, &(struct registrar_hooks){
						 .on_sign_in = on_sign_in,
						 .on_sign_out = on_sign_out,
						 .arg = s,
					 });
	immcu_set_dialect(cfg->immcu, DIALECT_SIMPLE,
			  &(struct im_dialect){ .send = simple_deliver, .arg = s });
	return s;
}

void simple_free(struct simple **sp)
{
	struct simple *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	focus_free(&s->focus);
	watching_free(&s->watching);
	sip_digest_free(&s->digest);
	sip_offers_free(&s->offers);
	buf_fini(&s->scratch);
	free(s);
}

void simple_stats_get(const struct simple *s, struct simple_stats *out)
{
	*out = s->stats;
}
