/* The end of a registration that the client did not ask for ([MS-SIPREGE] 3.2.5.5).
 *
 * The notice makes a client stop for good and show the reason, so it is sent only
 * where coming back would be wrong; else the connection is closed and the client
 * comes back by itself. */
#include "lync/sub.h"
#include "lync/user.h"

static void send_notice(struct lync *l, struct lync_conn *lc, const struct endpoint *e,
			const char *event, const char *diagnostics)
{
	struct buf lines, body;
	struct sip_out o;

	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&body, 128);
	buf_addf(&lines,
		 "Event: registration-notify\r\nsubscription-state: terminated;expires=0\r\n"
		 "ms-diagnostics-public: %s\r\n",
		 diagnostics);
	buf_addf(&body, "deregistered;event=%s", event);
	o = (struct sip_out){
		.conn = e->conn,
		.method = STR("NOTIFY"),
		.uri = e->contact,
		.from = lc->reg_from,
		.to = lc->reg_to,
		.call_id = lc->reg_call_id,
		.cseq = ++lc->reg_cseq,
		.extra_headers = buf_str(&lines),
		.content_type = STR("text/registration-event"),
		.body = buf_str(&body),
	};
	if (sip_request_send_once(l->cfg.stack, &o) != E_OK)
		log_debug("lync", "conn=%llu is gone before its notice",
			  (unsigned long long)e->conn);
	buf_fini(&body);
	buf_fini(&lines);
}

void lync_on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	struct lync *l = arg;
	struct sip_conn *c = sip_conn_get(l->cfg.stack, e->conn);
	struct lync_conn *lc;

	if (e->dialect != DIALECT_LYNC)
		return;
	lync_user_endpoint_gone(l, e);
	if (c == NULL || (lc = lync_conn_of(c)) == NULL)
		return;
	lync_subs_end(l, lc);
	switch (why) {
	case END_REMOVED:     /* it has signed out */
	case END_CONN_CLOSED: /* there is nobody to tell */
		return;
	case END_BY_ADMIN:
		send_notice(l, lc, e, "unregistered",
			    "4140;reason=\"Signed out by the administrator\"");
		break;
	case END_YIELDED: /* [MS-SIPREGE] 3.2.5.5: coming back would push out the next one */
		send_notice(l, lc, e, "unregistered",
			    "4140;reason=\"You have signed in at too many places\"");
		break;
	case END_ACCOUNT:
		send_notice(l, lc, e, "rejected",
			    "4141;reason=\"User disabled or password changed\"");
		break;
	case END_EXPIRED:
	case END_REPLACED:
		break;
	}
	sip_conn_drop_account(l->cfg.stack, c, (uint64_t)e->account);
	sip_conn_close(l->cfg.stack, c->id, true);
}
