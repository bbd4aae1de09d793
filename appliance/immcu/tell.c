/* tell.c: what the server itself says in a conversation: that it is archived, and why a text was refused.
 *
 * To a receiver it is added to a text (filter.c); to who writes it goes as a text of its own, in the name of
 * whom he writes to, because a client shows it nowhere else. */
#include <stdio.h>

#include "base/clk.h"

#include "immcu/filter_int.h"
#include "immcu/group_int.h"

const struct str tell_archived = { "What is said here is archived.", 30 };
const struct str tell_link_refused = {
	"Your text was not delivered: it contains a link, which is not allowed here.", 75
};

/* Linphone ignores a second text with the same one, or with none. */
static struct str new_id(struct immcu *m, int64_t in, char *out, size_t cap)
{
	int n = snprintf(out, cap, "tell-%llx-%llx-%llx", (unsigned long long)clk_wall_ms(),
			 (unsigned long long)in, (unsigned long long)++m->last_id);

	return str_n(out, n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap - 1);
}

/* --- two --- */

void tell_writer(struct immcu *m, const struct im_text *t, struct str line)
{
	const struct endpoint *e = registrar_get(m->cfg.registrar, t->from_endpoint);
	const struct account *from = directory_get(m->cfg.directory, t->to),
			     *to = directory_get(m->cfg.directory, t->from);
	const struct im_dialect *d = e == NULL ? NULL : &m->dialect[e->dialect];
	char buf[64];
	struct str id;

	if (d == NULL || d->send == NULL || from == NULL || to == NULL)
		return;
	id = new_id(m, m->last_conversation, buf, sizeof(buf));
	d->send(d->arg, 0, e, from, to, /* leg 0: nobody waits for its answer */
		&(struct im_text){ .from = t->to,
				   .to = t->from,
				   .kind = IM_TEXT,
				   .dialect = e->dialect,
				   .content_type = STR("text/plain;charset=UTF-8"),
				   .body = line,
				   .plain = line,
				   .call_id = id,
				   .message_id = id,
				   .sent_ms = clk_wall_ms() });
}

void tell_refused(struct immcu *m, const struct im_text *t)
{
	if (t->dialect != DIALECT_LYNC) /* whose clients show a reason of their own for 606 */
		tell_writer(m, t, tell_link_refused);
}

bool tell_is_archived_news(const struct immcu *m, const struct conversation *c,
			   const struct im_text *t)
{
	const account_id who[] = { t->from, t->to };

	return !c->is_archive_told && archive_applies(m, who, ARRAY_LEN(who)) != ARCHIVE_OFF;
}

/* --- many --- */

void tell_leg(struct gleg *l, struct str line)
{
	struct group_text v = { .group = l->v.group,
				.t = { .kind = IM_TEXT,
				       .dialect = l->v.dialect,
				       .content_type = STR("text/plain;charset=UTF-8"),
				       .body = line,
				       .plain = line,
				       .sent_ms = clk_wall_ms() } };
	char id[64];

	v.t.message_id = new_id(l->member->g->m, l->v.group, id, sizeof(id));

	gl_send_loose(l, &v);
}

void tell_group_archived(struct group *g)
{
	LIST_EACH (&g->members, n)
		LIST_EACH (&LIST_ITEM(n, struct gmember, in_group)->legs, k) {
			struct gleg *l = LIST_ITEM(k, struct gleg, in_member);

			if (l->v.state != GROUP_LEG_OPEN || l->is_archive_told)
				continue;
			l->is_archive_told = true;
			tell_leg(l, tell_archived);
		}
}
