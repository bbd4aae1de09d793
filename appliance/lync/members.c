/* Who may see how much (setContainerMembers), and who has been seen adding one (setSubscribers): [MS-PRES] 3.6.
 *
 * A person stands in one container at most; the containers 100 to 400 and 32000 are the
 * domain's access levels.  Classes of people keep the container they begin in. */
#include "base/mem.h"
#include "directory/subscribers.h"

#include "lync/decode.h"
#include "lync/levels.h"
#include "lync/packages.h"
#include "lync/self.h"
#include "lync/service.h"

struct change {
	const struct account *member;
	uint32_t container;
	bool is_add;
};

struct changes {
	struct change v[LYNC_MEMBER_CHANGES_MAX];
	size_t count;
	unsigned which; /* containers named, as bits of lync_containers */
};

static int index_of(uint32_t container)
{
	for (int i = 0; i < LYNC_CONTAINERS; i++)
		if (lync_containers[i] == container)
			return i;
	return -1;
}

static const struct account *account_of_value(struct lync *l, struct str value)
{
	const struct account *a = NULL;
	struct buf text;
	struct uri u;

	buf_init(&text, URI_MAX);
	if (decode_member_uri(value, &text, &u) == E_OK)
		a = lync_account_of(l, &u);
	buf_fini(&text);
	return a;
}

static enum err read_container(struct lync *l, const struct lync_user *u, const struct xml_node *n,
			       struct changes *cs)
{
	struct container_change container;
	struct member_change member;
	int i;

	if (decode_container(n, &container) != E_OK)
		return E_BAD;
	i = index_of(container.id);
	if (i < 0)
		return E_OK; /* a container of the client's own: nobody is in it */
	/* An older version is no reason to refuse: pidgin-sipe asks twice before it hears of the first change
	 * and drops a refusal silently, and what is asked says by itself what is to be. */
	if (container.version > u->container_version[i])
		return E_STALE;
	cs->which |= 1u << i;
	for (const struct xml_node *m = decode_member(&container, NULL, &member); m != NULL;
	     m = decode_member(&container, m, &member)) {
		struct change c = { account_of_value(l, member.who), container.id, member.is_add };

		if (c.member == NULL)
			continue; /* nobody here: there is nothing to hide from him */
		if (cs->count == LYNC_MEMBER_CHANGES_MAX)
			return E_TOOBIG;
		cs->v[cs->count++] = c;
	}
	return E_OK;
}

static void carry_out(struct lync *l, struct lync_user *u, const struct changes *cs)
{
	enum access_level level;

	/* Removals first: a move is one of each, in any order. */
	for (size_t i = 0; i < cs->count; i++)
		if (!cs->v[i].is_add && levels_of_container(cs->v[i].container, &level) &&
		    presence_access_of(l->cfg.presence, u->account, cs->v[i].member->id) == level)
			levels_clear(l, u->account, cs->v[i].member->id);
	for (size_t i = 0; i < cs->count; i++)
		if (cs->v[i].is_add && levels_of_container(cs->v[i].container, &level))
			levels_set(l, u->account, cs->v[i].member->id, level);
	for (size_t i = 0; i < LYNC_CONTAINERS; i++)
		if (cs->which & 1u << i)
			u->container_version[i]++;
}

void lync_on_members(struct lync *l, struct sip_txn *t, const struct xml_node *root)
{
	struct lync_user *u = lync_user_of(l, (account_id)sip_txn_account(t));
	struct changes cs = { .count = 0 };
	enum err err = E_OK;

	for (const struct xml_node *n = xml_child(root, NULL, "container");
	     n != NULL && err == E_OK; n = xml_next(n, NULL, "container"))
		err = read_container(l, u, n, &cs);
	switch (err) {
	case E_OK:
		break;
	case E_STALE:
		lync_refuse(l, t, 409, 2045, "The container has changed meanwhile");
		lync_self_containers_changed(u, ~0u); /* here is what it is now */
		return;
	case E_TOOBIG:
		lync_refuse(l, t, 413, 2006, "Too many members at once");
		return;
	default:
		lync_refuse(l, t, 400, 4000, "A container has no id or version");
		return;
	}
	carry_out(l, u, &cs);
	sip_reply_code(l->cfg.stack, sip_txn_id(t), 200);
	lync_self_containers_changed(u, cs.which);
}

/* --- who has added one --- */

static void on_kept(void *arg, enum err err, int64_t id)
{
	(void)arg, (void)id;
	if (err != E_OK && err != E_NOTFOUND && err != E_FULL)
		log_warn("lync", "who added whom could not be kept: %s", err_str(err));
}

void lync_watched_by(struct lync *l, account_id owner, account_id watcher)
{
	if (owner != watcher)
		subscriber_add(l->cfg.directory, owner, watcher, on_kept, l);
}

/* One entry per request, and to acknowledge is all there is; who is not waiting is fine too. */
void lync_on_subscriber(struct lync *l, struct sip_txn *t, const struct xml_node *root)
{
	const struct account *a = account_of_value(
		l, xml_attr(xml_child(root, NULL, "subscriber"), "user"));

	if (a != NULL)
		subscriber_acknowledge(l->cfg.directory, (account_id)sip_txn_account(t), a->id,
				       on_kept, l);
	sip_reply_code(l->cfg.stack, sip_txn_id(t), 200);
}
