/* Events are enough: a copy of each list that is kept only by what listeners hear, as a client keeps it, stays equal
 * to the list through random changes of lists and departments, and both to what is on the disk. */
#include "tests/unit/directory/world.h"

#include "directory/roster.h"

enum { OWNERS = 3, PEOPLE = 6, UNITS = 2, STEPS = 150, CONTACTS = 16 };

/* What a client holds. */
struct copy {
	account_id owner;
	uint64_t version;
	struct {
		char uri[40], name[16];
		uint64_t groups;
	} contact[CONTACTS];
	size_t n_contacts;
	char group[65][16]; /* by id; "" if there is none, "-" if it has no name */
};

struct bench {
	struct world *w;
	uint64_t rng;
	account_id person[PEOPLE];
	department_id unit[UNITS];
	struct copy copy[OWNERS];
	size_t events;
};

static unsigned pick(struct bench *b, unsigned n)
{
	b->rng = b->rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(b->rng >> 33) % n;
}

/* --- the copy --- */

static void copy_text(char *to, size_t cap, struct str s)
{
	snprintf(to, cap, "%.*s", STR_ARG(s));
}

static void drop_contact(struct copy *c, struct str uri)
{
	for (size_t i = 0; i < c->n_contacts; i++)
		if (str_eqz(uri, c->contact[i].uri))
			c->contact[i] = c->contact[--c->n_contacts];
}

static bool take_contact(const struct roster_contact *r, void *arg)
{
	struct copy *c = arg;
	size_t i;

	drop_contact(c, r->uri);
	i = c->n_contacts++;
	assert_true(i < CONTACTS);
	copy_text(c->contact[i].uri, sizeof(c->contact[i].uri), r->uri);
	copy_text(c->contact[i].name, sizeof(c->contact[i].name), r->name);
	c->contact[i].groups = r->groups;
	return true;
}

static bool take_group(const struct roster_group *g, void *arg)
{
	struct copy *c = arg;

	copy_text(c->group[g->id], sizeof(c->group[0]), g->name.len > 0 ? g->name : STR("-"));
	return true;
}

static void take_all(const struct directory *d, struct copy *c)
{
	c->n_contacts = 0;
	memset(c->group, 0, sizeof(c->group));
	roster_each_group(d, c->owner, take_group, c);
	roster_each_contact(d, c->owner, take_contact, c);
}

/* Later events of the same change may have undone it already: what is not there any more is dropped. */
static void on_event_of_roster(void *arg, const struct roster_event *e)
{
	struct bench *b = arg;
	struct roster_contact contact;
	struct roster_group group;
	struct copy *c = NULL;

	for (size_t i = 0; i < OWNERS; i++)
		if (b->copy[i].owner == e->owner)
			c = &b->copy[i];
	if (c == NULL)
		return;
	b->events++;
	assert_int_equal(e->version, c->version + 1);
	c->version = e->version;
	switch (e->kind) {
	case ROSTER_GROUP_ADDED:
	case ROSTER_GROUP_CHANGED:
	case ROSTER_GROUP_REMOVED:
		c->group[e->group][0] = '\0';
		if (roster_get_group(b->w->d, c->owner, e->group, &group))
			take_group(&group, c);
		return;
	case ROSTER_CONTACT_ADDED:
	case ROSTER_CONTACT_CHANGED:
	case ROSTER_CONTACT_REMOVED:
		drop_contact(c, e->uri);
		if (roster_get_contact(b->w->d, c->owner, e->uri, &contact))
			take_contact(&contact, c);
		return;
	case ROSTER_RESET:
		take_all(b->w->d, c);
		return;
	}
}

static void assert_same(const struct copy *a, const struct copy *b)
{
	assert_int_equal(a->version, b->version);
	for (size_t i = 0; i < ARRAY_LEN(a->group); i++)
		assert_string_equal(a->group[i], b->group[i]);
	assert_int_equal(a->n_contacts, b->n_contacts);
	for (size_t i = 0; i < a->n_contacts; i++) {
		size_t k = 0;

		while (k < b->n_contacts && strcmp(a->contact[i].uri, b->contact[k].uri) != 0)
			k++;
		assert_true(k < b->n_contacts);
		assert_string_equal(a->contact[i].name, b->contact[k].name);
		assert_int_equal(a->contact[i].groups, b->contact[k].groups);
	}
}

static void compare(struct bench *b)
{
	for (size_t i = 0; i < OWNERS; i++) {
		struct copy *now = calloc(1, sizeof(*now));

		now->owner = b->copy[i].owner;
		now->version = roster_version(b->w->d, now->owner);
		take_all(b->w->d, now);
		assert_same(&b->copy[i], now);
		free(now);
	}
}

/* --- random changes --- */

static const char *const uris[] = { "sip:p0@example.com",
				    "sip:p1@example.com",
				    "sip:p2@example.com",
				    "sip:p3@example.com",
				    "sip:p4@example.com",
				    "sip:eve@example.org",
				    "tel:+491" };
static const char *const names[] = { "One", "Two", "Three", "Four" };

static struct roster_op random_op(struct bench *b)
{
	struct roster_op op = { .kind = (enum roster_op_kind)pick(b, ROSTER_CLEAR + 1) };

	if (op.kind == ROSTER_CLEAR && pick(b, 4) > 0)
		op.kind = ROSTER_PUT_CONTACT;
	op.group = op.kind == ROSTER_ADD_GROUP ? 0 : 1 + pick(b, 4);
	op.position = pick(b, 4);
	op.uri = str_of(uris[pick(b, ARRAY_LEN(uris))]);
	op.name = str_of(names[pick(b, ARRAY_LEN(names))]);
	op.groups = pick(b, 8);
	return op;
}

static void step(struct bench *b)
{
	struct answer a[3] = { 0 };
	struct roster_op op[3];
	size_t n = 1 + pick(b, 3);

	if (pick(b, 5) == 0) { /* somebody moves, while the owner changes the list */
		department_id to = pick(b, 3) == 0 ? 0 : b->unit[pick(b, UNITS)];

		directory_change(b->w->d,
				 &(struct account_change){ .id = b->person[pick(b, PEOPLE)],
							   .department = &to },
				 on_answer, &a[0]);
	} else {
		a[0].is_there = true;
	}
	for (size_t i = 0; i < 3; i++)
		op[i] = random_op(b);
	roster_change(b->w->d, b->copy[pick(b, OWNERS)].owner, ROSTER_ANY_VERSION, op, n, on_answer,
		      &a[1]);
	roster_change(b->w->d, b->copy[pick(b, OWNERS)].owner, ROSTER_ANY_VERSION, &op[2], 1,
		      on_answer, &a[2]);
	for (size_t i = 0; i < 3; i++)
		await(b->w, &a[i]);
}

static void settle(struct world *w)
{
	struct answer a = { 0 };

	directory_allow_nt(w->d, true, on_answer, &a);
	await(w, &a);
}

static void test_random_changes(void **state)
{
	struct world *w = *state;
	struct bench *b = calloc(1, sizeof(*b));
	char name[8];

	b->w = w;
	b->rng = 42;
	b->unit[0] = add_department(w, "Sales");
	b->unit[1] = add_department(w, "Plant");
	for (size_t i = 0; i < PEOPLE; i++) {
		snprintf(name, sizeof(name), "p%zu", i);
		b->person[i] = add_account(w, name);
	}
	for (size_t i = 0; i < OWNERS; i++) {
		directory_signed_in(w->d, b->person[i]);
		b->copy[i].owner = b->person[i];
		b->copy[i].version = 1;
		take_all(w->d, &b->copy[i]);
	}
	roster_listen(w->d, on_event_of_roster, b);
	for (int i = 0; i < STEPS; i++) {
		step(b);
		if (i % 10 == 0) {
			settle(w);
			compare(b);
		}
	}
	settle(w);
	compare(b);
	assert_true(b->events > STEPS);
	world_restart(w);
	compare(b);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { WORLD_TEST(test_random_changes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
