/* Signs what goes out to a signed-in client: it ignores silently whatever is not. */
#include <stdio.h>

#include "lync/lync_int.h"

/* A 401 says that the client's keys do not count; it looks at no signature then (and a genuine one
 * that has dropped its keys would drop a signed answer with them). */
static bool goes_unsigned(const struct sip_finishing *f)
{
	return f->status == 401;
}

void lync_finish(void *arg, const struct sip_finishing *f, struct buf *out)
{
	struct lync_conn *c = arg;
	struct lync *l = c->lync;
	const struct sa_names names = { LYNC_REALM, sip_stack_host(l->cfg.stack) };
	char status[12] = "", cseq[12];
	struct sign_head head = { .method = f->method, .call_id = f->call_id };

	if (!c->has_sa || goes_unsigned(f))
		return;
	if (f->status != 0)
		(void)snprintf(status, sizeof(status), "%d", f->status);
	(void)snprintf(cseq, sizeof(cseq), "%u", f->cseq);
	sign_head_read(&head, f->from, f->to, f->headers);
	head.status = str_of(status);
	head.cseq = str_of(cseq);
	head.method = f->method;
	head.call_id = f->call_id;
	if (sa_sign(&c->sa, &names, &head, out) != E_OK)
		log_warn("lync", "conn=%llu a message goes out unsigned: its head is over a cap",
			 (unsigned long long)c->id);
	l->stats.signed_out++;
}
