/* sim_domain.h: what the standards dialect asks the domain rooms for beside what sim.h plays: a contact list that
 * tests write by hand, and a world without groups.  Every function of immcu/group.h is here, so that the real IMMCU
 * is never linked beside the one sim.h plays. */
#ifndef TESTS_SIM_DOMAIN_H
#define TESTS_SIM_DOMAIN_H

#include "base/mem.h"
#include "directory/roster.h"
#include "immcu/group.h"

enum { SIM_CONTACTS = 8 };

static struct {
	struct roster_contact contact[SIM_CONTACTS];
	account_id owner[SIM_CONTACTS];
	size_t count;
	uint64_t version;
	roster_event_fn *listener;
	void *listener_arg;
} sim_roster;

static inline void sim_roster_put(account_id owner, const char *uri, account_id who)
{
	struct roster_event e = { .kind = ROSTER_CONTACT_ADDED,
				  .owner = owner,
				  .uri = str_of(uri) };

	sim_roster.owner[sim_roster.count] = owner;
	sim_roster.contact[sim_roster.count++] = (struct roster_contact){ .uri = str_of(uri),
									  .groups = group_bit(
										  GROUP_DEFAULT),
									  .is_subscribed = true,
									  .account = who };
	e.version = ++sim_roster.version;
	if (sim_roster.listener != NULL)
		sim_roster.listener(sim_roster.listener_arg, &e);
}

uint64_t roster_version(const struct directory *d, account_id owner)
{
	(void)d, (void)owner;
	return sim_roster.version + 1;
}

void roster_each_contact(const struct directory *d, account_id owner, roster_contact_fn *fn,
			 void *arg)
{
	(void)d;
	for (size_t i = 0; i < sim_roster.count; i++)
		if (sim_roster.owner[i] == owner && !fn(&sim_roster.contact[i], arg))
			return;
}

void roster_each_group(const struct directory *d, account_id owner, roster_group_fn *fn, void *arg)
{
	(void)d, (void)owner;
	(void)fn(&(struct roster_group){ .id = GROUP_DEFAULT }, arg);
}

bool roster_get_group(const struct directory *d, account_id owner, roster_group_id id,
		      struct roster_group *out)
{
	(void)d, (void)owner, (void)id, (void)out;
	return false;
}

size_t roster_contacts_max(const struct directory *d)
{
	(void)d;
	return SIM_CONTACTS;
}

void roster_change(struct directory *d, account_id owner, uint64_t version,
		   const struct roster_op *ops, size_t count, directory_done_fn *done, void *arg)
{
	(void)d, (void)owner, (void)version, (void)ops, (void)count;
	done(arg, E_IO, 0);
}

void roster_listen(struct directory *d, roster_event_fn *fn, void *arg)
{
	(void)d;
	sim_roster.listener = fn;
	sim_roster.listener_arg = arg;
}

/* --- no groups --- */

enum err group_create(struct immcu *m, const struct group_new *n, group_done_fn *done, void *arg,
		      group_id *out)
{
	(void)m, (void)n, (void)done, (void)arg, (void)out;
	return E_FULL;
}

enum err group_adopt_pair(struct immcu *m, group_id id, account_id a, account_id b)
{
	(void)m, (void)id, (void)a, (void)b;
	return E_NOTFOUND;
}

const struct group_info *group_get(const struct immcu *m, group_id id)
{
	(void)m, (void)id;
	return NULL;
}

const struct group_info *group_find(const struct immcu *m, struct str name)
{
	(void)m, (void)name;
	return NULL;
}

const struct group_info *group_find_conf(const struct immcu *m, account_id organizer,
					 struct str conf_id)
{
	(void)m, (void)organizer, (void)conf_id;
	return NULL;
}

void group_each(const struct immcu *m, group_each_fn *fn, void *arg)
{
	(void)m, (void)fn, (void)arg;
}

void group_each_member(const struct immcu *m, group_id id, group_member_fn *fn, void *arg)
{
	(void)m, (void)id, (void)fn, (void)arg;
}

bool group_get_member(const struct immcu *m, group_id id, account_id who, struct group_member *out)
{
	(void)m, (void)id, (void)who, (void)out;
	return false;
}

void group_each_leg(const struct immcu *m, group_id id, account_id who, group_leg_fn *fn, void *arg)
{
	(void)m, (void)id, (void)who, (void)fn, (void)arg;
}

const struct group_leg *group_leg_get(const struct immcu *m, group_leg_id id)
{
	(void)m, (void)id;
	return NULL;
}

const struct group_leg *group_leg_find(const struct immcu *m, group_id id, endpoint_id endpoint)
{
	(void)m, (void)id, (void)endpoint;
	return NULL;
}

enum err group_join(struct immcu *m, group_id id, account_id who, bool is_sticky)
{
	(void)m, (void)id, (void)who, (void)is_sticky;
	return E_NOTFOUND;
}

enum err group_add(struct immcu *m, group_id id, account_id by, account_id who,
		   enum group_role role)
{
	(void)m, (void)id, (void)by, (void)who, (void)role;
	return E_NOTFOUND;
}

enum err group_remove(struct immcu *m, group_id id, account_id by, account_id who)
{
	(void)m, (void)id, (void)by, (void)who;
	return E_NOTFOUND;
}

enum err group_set_role(struct immcu *m, group_id id, account_id by, account_id who,
			enum group_role role)
{
	(void)m, (void)id, (void)by, (void)who, (void)role;
	return E_NOTFOUND;
}

enum err group_set_lock(struct immcu *m, group_id id, account_id by, bool is_locked)
{
	(void)m, (void)id, (void)by, (void)is_locked;
	return E_NOTFOUND;
}

enum err group_set_access(struct immcu *m, group_id id, account_id by, enum group_access access)
{
	(void)m, (void)id, (void)by, (void)access;
	return E_NOTFOUND;
}

enum err group_set_subject(struct immcu *m, group_id id, account_id by, struct str subject)
{
	(void)m, (void)id, (void)by, (void)subject;
	return E_NOTFOUND;
}

enum err group_end(struct immcu *m, group_id id, account_id by)
{
	(void)m, (void)id, (void)by;
	return E_NOTFOUND;
}

enum err group_leg_open(struct immcu *m, group_id id, const struct group_leg_new *n,
			group_leg_id *out)
{
	(void)m, (void)id, (void)n, (void)out;
	return E_NOTFOUND;
}

void group_leg_set_state(struct immcu *m, group_leg_id leg, enum group_leg_state state)
{
	(void)m, (void)leg, (void)state;
}

void group_leg_close(struct immcu *m, group_leg_id leg, enum group_leg_end why)
{
	(void)m, (void)leg, (void)why;
}

void group_submit(struct immcu *m, group_id id, group_leg_id leg, const struct im_text *t,
		  uint64_t token, im_answer_fn *answer, void *arg)
{
	(void)m, (void)id, (void)leg, (void)t;
	answer(arg, token, 404, 0);
}

void group_on_answer(struct immcu *m, group_leg_id leg, uint64_t seq, int code)
{
	(void)m, (void)leg, (void)seq, (void)code;
}

void group_set_dialect(struct immcu *m, enum dialect which, const struct group_dialect *d)
{
	(void)m, (void)which, (void)d;
}

enum err group_events_since(const struct immcu *m, group_id id, uint64_t after, group_event_fn *fn,
			    void *arg)
{
	(void)m, (void)id, (void)after, (void)fn, (void)arg;
	return E_STALE;
}

void group_stats_get(const struct immcu *m, struct group_stats *out)
{
	(void)m;
	*out = (struct group_stats){ 0 };
}

#endif
