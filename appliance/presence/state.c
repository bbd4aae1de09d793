#include "presence/state.h"

#include "base/mem.h"

static const char *const avail_names[] = {
	[AVAIL_NONE] = "none",		 [AVAIL_AVAILABLE] = "available",
	[AVAIL_IDLE] = "idle",		 [AVAIL_BUSY] = "busy",
	[AVAIL_BUSY_IDLE] = "busy-idle", [AVAIL_DND] = "do-not-disturb",
	[AVAIL_BRB] = "be-right-back",	 [AVAIL_AWAY] = "away",
	[AVAIL_OFFLINE] = "offline",
};

static const char *const activity_names[] = {
	[ACTIVITY_NONE] = "",
	[ACTIVITY_ON_THE_PHONE] = "on-the-phone",
	[ACTIVITY_IN_A_CONFERENCE] = "in-a-conference",
	[ACTIVITY_IN_A_MEETING] = "in-a-meeting",
	[ACTIVITY_PRESENTING] = "presenting",
	[ACTIVITY_URGENT_ONLY] = "urgent-interruptions-only",
	[ACTIVITY_OUT_OF_OFFICE] = "out-of-office",
	[ACTIVITY_OFF_WORK] = "off-work",
};

const char *avail_name(enum avail a)
{
	return avail_names[a];
}

const char *activity_name(enum activity a)
{
	return activity_names[a];
}

bool presence_state_same(const struct presence_state *a, const struct presence_state *b)
{
	return a->avail == b->avail && a->activity == b->activity && str_eq(a->note, b->note);
}

void presence_state_copy(struct presence_state *to, const struct presence_state *from)
{
	struct str note = from->note.len == 0 ? STR_NULL : str_dup(from->note);

	str_free(&to->note);
	*to = *from;
	to->note = note;
}

void presence_state_fini(struct presence_state *s)
{
	str_free(&s->note);
}
