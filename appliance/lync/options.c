/* OPTIONS: what a client may ask of us. */
#include "lync/lync_int.h"

void lync_on_options(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	struct sip_adapter a = lync_adapter(l);
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	sip_allow_line(l->cfg.stack, &a, &lines);
	sip_reply(l->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}
