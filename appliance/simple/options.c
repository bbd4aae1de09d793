/* OPTIONS (RFC 3261 11): what the server can do.  Free of sign-in, so it tells nothing about people:
 * every user of the domain gets the same answer. */
#include "simple/simple_int.h"

void simple_on_options(struct sip_txn *t, void *arg)
{
	struct simple *s = arg;
	struct sip_adapter self = simple_adapter(s);
	struct buf lines;

	if (!sip_stack_is_ours(s->cfg.stack, &sip_txn_msg(t)->ruri_uri) &&
	    sip_txn_msg(t)->ruri_uri.user.p != NULL) {
		sip_reply_code(s->cfg.stack, sip_txn_id(t), 404);
		return;
	}
	buf_init(&lines, SIP_HEAD_MAX);
	sip_allow_line(s->cfg.stack, &self, &lines);
	buf_addz(
		&lines,
		"Accept: */*\r\nAccept-Encoding: deflate, gzip, identity\r\nAccept-Language: *\r\n");
	buf_addz(&lines, "Supported: ");
	for (const char *const *tag = simple_supported; *tag != NULL; tag++) {
		if (tag != simple_supported)
			buf_addz(&lines, ", ");
		buf_addz(&lines, *tag);
	}
	buf_addz(&lines, "\r\n");
	sip_reply(s->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}
