#include "lync/avail_map.h"

#include "base/mem.h"

enum { URGENT_ONLY = 6900 };

static const struct {
	uint32_t from, shown;
	enum avail avail;
} numbers[] = {
	/* Highest first: the first whose lower bound is reached counts. */
	{ 18000, 18500, AVAIL_OFFLINE }, { 15000, 15500, AVAIL_AWAY },
	{ 12000, 12500, AVAIL_BRB },	 { 9000, 9500, AVAIL_DND },
	{ 7500, 7500, AVAIL_BUSY_IDLE }, { 6000, 6500, AVAIL_BUSY },
	{ 4500, 5000, AVAIL_IDLE },	 { 3000, 3500, AVAIL_AVAILABLE },
};

static const struct {
	const char *token;
	enum activity activity;
	uint32_t min, max;
} tokens[] = {
	{ "on-the-phone", ACTIVITY_ON_THE_PHONE, 6500, 8999 },
	{ "in-a-conference", ACTIVITY_IN_A_CONFERENCE, 6500, 8999 },
	{ "in-a-meeting", ACTIVITY_IN_A_MEETING, 6500, 8999 },
	{ "in-presentation", ACTIVITY_PRESENTING, 9000, 11999 },
	{ "urgent-interruptions-only", ACTIVITY_URGENT_ONLY, 6900, 8999 },
	{ "out-of-office", ACTIVITY_OUT_OF_OFFICE, 12000, 17999 },
	{ "off-work", ACTIVITY_OFF_WORK, 15000, 17999 },
};

enum avail avail_of_number(uint32_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (number >= numbers[i].from)
			return numbers[i].avail;
	return AVAIL_NONE;
}

uint32_t number_of_avail(enum avail a, enum activity activity)
{
	if (a == AVAIL_BUSY && activity == ACTIVITY_URGENT_ONLY)
		return URGENT_ONLY;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].avail == a)
			return numbers[i].shown;
	return numbers[0]
		.shown; /* nothing is known: offline, for a number under 3000 shows as an error */
}

enum activity activity_of_token(struct str token)
{
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++)
		if (str_eqz(token, tokens[i].token))
			return tokens[i].activity;
	return ACTIVITY_NONE;
}

struct str token_of_activity(enum activity a, uint32_t *min_out, uint32_t *max_out)
{
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		if (tokens[i].activity != a)
			continue;
		*min_out = tokens[i].min;
		*max_out = tokens[i].max;
		return str_of(tokens[i].token);
	}
	return STR_NULL;
}
