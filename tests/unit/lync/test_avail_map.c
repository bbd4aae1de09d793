#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lync/avail_map.h"

/* Both ends of every class, and what is shown of it. */
static const struct {
	uint32_t from, to, shown;
	enum avail avail;
} rows[] = {
	{ 3000, 4499, 3500, AVAIL_AVAILABLE }, { 4500, 5999, 5000, AVAIL_IDLE },
	{ 6000, 7499, 6500, AVAIL_BUSY },      { 7500, 8999, 7500, AVAIL_BUSY_IDLE },
	{ 9000, 11999, 9500, AVAIL_DND },      { 12000, 14999, 12500, AVAIL_BRB },
	{ 15000, 17999, 15500, AVAIL_AWAY },   { 18000, 4294967295u, 18500, AVAIL_OFFLINE },
};

static void every_row_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(avail_of_number(rows[i].from), rows[i].avail);
		assert_int_equal(avail_of_number(rows[i].to), rows[i].avail);
		assert_int_equal(number_of_avail(rows[i].avail, ACTIVITY_NONE), rows[i].shown);
		assert_int_equal(avail_of_number(rows[i].shown), rows[i].avail);
	}
	assert_int_equal(avail_of_number(2999), AVAIL_NONE);
	assert_int_equal(avail_of_number(0), AVAIL_NONE);
	assert_int_equal(number_of_avail(AVAIL_NONE, ACTIVITY_NONE),
			 18500); /* under 3000 shows as an error */
}

static void every_token_both_ways(void **state)
{
	static const struct {
		const char *token;
		enum activity activity;
	} tokens[] = {
		{ "on-the-phone", ACTIVITY_ON_THE_PHONE },
		{ "in-a-conference", ACTIVITY_IN_A_CONFERENCE },
		{ "in-a-meeting", ACTIVITY_IN_A_MEETING },
		{ "in-presentation", ACTIVITY_PRESENTING },
		{ "urgent-interruptions-only", ACTIVITY_URGENT_ONLY },
		{ "out-of-office", ACTIVITY_OUT_OF_OFFICE },
		{ "off-work", ACTIVITY_OFF_WORK },
	};
	uint32_t min, max;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		assert_int_equal(activity_of_token(str_of(tokens[i].token)), tokens[i].activity);
		assert_true(str_eqz(token_of_activity(tokens[i].activity, &min, &max),
				    tokens[i].token));
		assert_true(min < max);
	}
	assert_int_equal(activity_of_token(STR("In-A-Meeting")), ACTIVITY_NONE);
	assert_int_equal(activity_of_token(STR("")), ACTIVITY_NONE);
	assert_null(token_of_activity(ACTIVITY_NONE, &min, &max).p);
}

/* What the team sees of do-not-disturb is a number of its own. */
static void urgent_only(void **state)
{
	(void)state;
	assert_int_equal(number_of_avail(AVAIL_BUSY, ACTIVITY_URGENT_ONLY), 6900);
	assert_int_equal(avail_of_number(6900), AVAIL_BUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_both_ways),
		cmocka_unit_test(every_token_both_ways),
		cmocka_unit_test(urgent_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
