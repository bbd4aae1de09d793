/* The aggregation rule, one row per documented outcome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "presence/facet.h"

static struct facet facet(uint64_t endpoint, enum facet_kind kind, enum avail avail, int64_t at)
{
	return (struct facet){ .endpoint = endpoint,
			       .source = 1,
			       .kind = kind,
			       .avail = avail,
			       .published_ms = at,
			       .expires_ms = INT64_MAX };
}

static void put(struct facets *fs, struct facet f)
{
	assert_int_equal(facets_put(fs, &f), E_OK);
}

struct row {
	const char *what;
	struct {
		uint64_t endpoint;
		enum facet_kind kind;
		enum avail avail;
	} in[4]; /* published one after the other */
	enum avail want;
};

static const struct row rows[] = {
	{ "nothing published", { { 0 } }, AVAIL_OFFLINE },
	{ "an active device", { { 1, FACET_MACHINE, AVAIL_AVAILABLE } }, AVAIL_AVAILABLE },
	{ "an inactive device", { { 1, FACET_MACHINE, AVAIL_IDLE } }, AVAIL_IDLE },
	{ "an away device", { { 1, FACET_MACHINE, AVAIL_AWAY } }, AVAIL_AWAY },
	{ "the most active of two devices",
	  { { 1, FACET_MACHINE, AVAIL_AWAY }, { 2, FACET_MACHINE, AVAIL_AVAILABLE } },
	  AVAIL_AVAILABLE },
	{ "busy by hand",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE }, { 0, FACET_USER, AVAIL_BUSY } },
	  AVAIL_BUSY },
	{ "busy by hand on a device left alone",
	  { { 1, FACET_MACHINE, AVAIL_AWAY }, { 0, FACET_USER, AVAIL_BUSY } },
	  AVAIL_BUSY_IDLE },
	{ "busy by hand, inactive for a short time",
	  { { 1, FACET_MACHINE, AVAIL_IDLE }, { 0, FACET_USER, AVAIL_BUSY } },
	  AVAIL_BUSY },
	{ "do not disturb is not weakened by idleness",
	  { { 1, FACET_MACHINE, AVAIL_AWAY }, { 0, FACET_USER, AVAIL_DND } },
	  AVAIL_DND },
	{ "appear offline",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE }, { 0, FACET_USER, AVAIL_OFFLINE } },
	  AVAIL_OFFLINE },
	{ "away by hand at an active device",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE }, { 0, FACET_USER, AVAIL_AWAY } },
	  AVAIL_AWAY },
	{ "a choice without any device is offline",
	  { { 0, FACET_USER, AVAIL_BUSY } },
	  AVAIL_OFFLINE },
	{ "a call makes busy",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE }, { 1, FACET_PHONE, AVAIL_BUSY } },
	  AVAIL_BUSY },
	{ "a call at an away device stays busy",
	  { { 1, FACET_MACHINE, AVAIL_AWAY }, { 1, FACET_PHONE, AVAIL_BUSY } },
	  AVAIL_BUSY },
	{ "a meeting at an away device",
	  { { 1, FACET_MACHINE, AVAIL_AWAY }, { 0, FACET_CALENDAR, AVAIL_BUSY } },
	  AVAIL_BUSY_IDLE },
	{ "available said after the meeting began",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE },
	    { 0, FACET_CALENDAR, AVAIL_BUSY },
	    { 0, FACET_USER, AVAIL_AVAILABLE } },
	  AVAIL_AVAILABLE },
	{ "available said before the meeting began",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE },
	    { 0, FACET_USER, AVAIL_AVAILABLE },
	    { 0, FACET_CALENDAR, AVAIL_BUSY } },
	  AVAIL_BUSY },
	{ "the newest choice of two endpoints",
	  { { 1, FACET_MACHINE, AVAIL_AVAILABLE },
	    { 1, FACET_USER, AVAIL_DND },
	    { 2, FACET_USER, AVAIL_BUSY } },
	  AVAIL_BUSY },
	{ "a device that asks to appear offline does not hide another",
	  { { 1, FACET_MACHINE, AVAIL_OFFLINE }, { 2, FACET_MACHINE, AVAIL_AVAILABLE } },
	  AVAIL_AVAILABLE },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct presence_state out;
		struct facets fs;

		facets_init(&fs);
		for (size_t k = 0; k < ARRAY_LEN(rows[i].in) && rows[i].in[k].avail != AVAIL_NONE;
		     k++)
			put(&fs, facet(rows[i].in[k].endpoint, rows[i].in[k].kind,
				       rows[i].in[k].avail, (int64_t)k + 1));
		presence_aggregate(&fs, FACET_FOR_ALL, &out);
		if (out.avail != rows[i].want)
			fail_msg("%s: %s", rows[i].what, avail_name(out.avail));
		facets_fini(&fs);
	}
}

static void test_sign_in_counts_until_the_endpoint_publishes(void **state)
{
	struct facet implied = facet(1, FACET_MACHINE, AVAIL_AVAILABLE, 1);
	struct presence_state out;
	struct facets fs;

	(void)state;
	facets_init(&fs);
	implied.source = FACET_SOURCE_SIGN_IN;
	put(&fs, implied);
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_int_equal(out.avail, AVAIL_AVAILABLE);
	put(&fs, facet(1, FACET_MACHINE, AVAIL_AWAY, 2));
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_int_equal(out.avail, AVAIL_AWAY);
	assert_int_equal(facets_drop(&fs, 1, 1), 1);
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_int_equal(out.avail, AVAIL_AVAILABLE);
	assert_int_equal(facets_drop_endpoint(&fs, 1), 1);
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_int_equal(out.avail, AVAIL_OFFLINE);
	facets_fini(&fs);
}

static void test_the_team_sees_its_own_version(void **state)
{
	struct facet dnd = facet(0, FACET_USER, AVAIL_DND, 2),
		     team = facet(0, FACET_USER, AVAIL_BUSY, 2);
	struct presence_state out;
	struct facets fs;

	(void)state;
	facets_init(&fs);
	put(&fs, facet(1, FACET_MACHINE, AVAIL_AVAILABLE, 1));
	put(&fs, dnd);
	team.audience = FACET_FOR_TEAM;
	team.activity = ACTIVITY_URGENT_ONLY;
	put(&fs, team);
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_int_equal(out.avail, AVAIL_DND);
	presence_aggregate(&fs, FACET_FOR_TEAM, &out);
	assert_int_equal(out.avail, AVAIL_BUSY);
	assert_int_equal(out.activity, ACTIVITY_URGENT_ONLY);
	facets_fini(&fs);
}

static void test_the_newest_note_is_shown_even_offline(void **state)
{
	struct facet a = facet(1, FACET_NOTE, AVAIL_NONE, 1),
		     b = facet(2, FACET_NOTE, AVAIL_NONE, 2);
	struct presence_state out;
	struct facets fs;

	(void)state;
	facets_init(&fs);
	a.note = STR("one");
	b.note = STR("회의 중");
	put(&fs, a);
	put(&fs, b);
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_true(str_eqz(out.note, "회의 중"));
	assert_int_equal(out.avail, AVAIL_OFFLINE);
	put(&fs, a); /* said again: now the newest */
	presence_aggregate(&fs, FACET_FOR_ALL, &out);
	assert_true(str_eqz(out.note, "one"));
	facets_fini(&fs);
}

static void test_expiry_and_cap(void **state)
{
	struct facet f = facet(1, FACET_MACHINE, AVAIL_AVAILABLE, 1);
	struct facets fs;

	(void)state;
	facets_init(&fs);
	f.expires_ms = 2000;
	put(&fs, f);
	assert_int_equal(facets_next_expiry(&fs), 2000);
	assert_int_equal(facets_expire(&fs, 1999), 0);
	assert_int_equal(facets_expire(&fs, 2000), 1);
	assert_int_equal(facets_next_expiry(&fs), INT64_MAX);
	for (uint64_t i = 0; i < PRESENCE_FACETS_MAX; i++)
		put(&fs, facet(i + 1, FACET_MACHINE, AVAIL_AVAILABLE, 1));
	f.endpoint = PRESENCE_FACETS_MAX + 1;
	assert_int_equal(facets_put(&fs, &f), E_FULL);
	f.endpoint = 1;
	assert_int_equal(facets_put(&fs, &f), E_OK); /* replacing is no growth */
	facets_fini(&fs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_sign_in_counts_until_the_endpoint_publishes),
		cmocka_unit_test(test_the_team_sees_its_own_version),
		cmocka_unit_test(test_the_newest_note_is_shown_even_offline),
		cmocka_unit_test(test_expiry_and_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
