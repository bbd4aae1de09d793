#include "presence/facet.h"

#include <assert.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

#define ITEM(n) LIST_ITEM(n, struct facet, node)

void facets_init(struct facets *fs)
{
	list_init(&fs->list);
	fs->count = 0;
}

/* The one place that frees. */
static void drop(struct facets *fs, struct facet *f)
{
	list_del(&f->node);
	str_free(&f->note);
	free(f);
	fs->count--;
}

void facets_fini(struct facets *fs)
{
	LIST_EACH (&fs->list, n)
		drop(fs, ITEM(n));
}

static struct facet *find(struct facets *fs, const struct facet *key)
{
	LIST_EACH (&fs->list, n) {
		struct facet *f = ITEM(n);

		if (f->endpoint == key->endpoint && f->source == key->source &&
		    f->kind == key->kind && f->audience == key->audience)
			return f;
	}
	return NULL;
}

enum err facets_put(struct facets *fs, const struct facet *in)
{
	struct facet *f = find(fs, in);

	if (f != NULL) {
		drop(fs, f); /* the new one goes to the end: newest last */
	} else if (fs->count >= PRESENCE_FACETS_MAX) {
		return E_FULL;
	}
	f = xcalloc(1, sizeof(*f));
	*f = *in;
	f->node = (struct list){ NULL, NULL };
	f->note = in->note.len == 0 ? STR_NULL : str_dup(in->note);
	list_push_back(&fs->list, &f->node);
	fs->count++;
	return E_OK;
}

size_t facets_drop(struct facets *fs, uint64_t endpoint, uint64_t source)
{
	size_t before = fs->count;

	LIST_EACH (&fs->list, n)
		if (ITEM(n)->endpoint == endpoint && ITEM(n)->source == source)
			drop(fs, ITEM(n));
	return before - fs->count;
}

size_t facets_drop_endpoint(struct facets *fs, uint64_t endpoint)
{
	size_t before = fs->count;

	assert(endpoint != 0); /* 0 is the user, whose facets outlive endpoints */
	LIST_EACH (&fs->list, n)
		if (ITEM(n)->endpoint == endpoint)
			drop(fs, ITEM(n));
	return before - fs->count;
}

size_t facets_expire(struct facets *fs, int64_t now_ms)
{
	size_t before = fs->count;

	LIST_EACH (&fs->list, n)
		if (ITEM(n)->expires_ms <= now_ms)
			drop(fs, ITEM(n));
	return before - fs->count;
}

int64_t facets_next_expiry(const struct facets *fs)
{
	int64_t at = INT64_MAX;

	LIST_EACH (&fs->list, n)
		if (ITEM(n)->expires_ms < at)
			at = ITEM(n)->expires_ms;
	return at;
}

/* What the facets say, gathered for the rule. */
struct inputs {
	const struct facet *user;    /* the newest manual choice */
	const struct facet *machine; /* the most active device, newest of equals */
	const struct facet *event;   /* the busiest of calls and calendar, newest of equals */
	const struct facet *note;    /* the newest that is not empty */
	bool has_phone;
};

static bool is_sign_in(const struct facet *f)
{
	return f->kind == FACET_MACHINE && f->endpoint != 0 && f->source == FACET_SOURCE_SIGN_IN;
}

/* A facet meant for the team counts for the team only, and then instead of the one for all from
 * the same publication.  What an endpoint published replaces what its sign-in implied. */
static bool is_shadowed(const struct facets *fs, const struct facet *f,
			enum facet_audience audience)
{
	if (audience == FACET_FOR_ALL && f->audience == FACET_FOR_TEAM)
		return true;
	if (audience == FACET_FOR_ALL && !is_sign_in(f))
		return false;
	LIST_EACH (&fs->list, n) {
		const struct facet *t = ITEM(n);

		if (t == f || t->kind != f->kind || t->endpoint != f->endpoint)
			continue;
		if (is_sign_in(f))
			return true;
		if (f->audience == FACET_FOR_ALL && t->audience == FACET_FOR_TEAM &&
		    t->source == f->source)
			return true;
	}
	return false;
}

static void gather_one(struct inputs *in, const struct facet *f)
{
	if (f->note.len > 0)
		in->note = f; /* newest last */
	switch (f->kind) {
	case FACET_USER:
		if (f->avail != AVAIL_NONE)
			in->user = f;
		break;
	case FACET_MACHINE:
		if (f->avail != AVAIL_NONE &&
		    (in->machine == NULL || f->avail <= in->machine->avail))
			in->machine = f;
		break;
	case FACET_PHONE:
		in->has_phone = true;
		/* fall through */
	case FACET_CALENDAR:
		if (f->avail >= AVAIL_BUSY && f->avail <= AVAIL_DND &&
		    (in->event == NULL || f->avail >= in->event->avail))
			in->event = f;
		break;
	case FACET_NOTE:
		break;
	}
}

/* Step 4: the most active device weakens what is left. */
static enum avail weaken(enum avail base, enum avail device, bool on_phone)
{
	bool is_away = device >= AVAIL_BRB;

	if (base == AVAIL_AVAILABLE && device != AVAIL_AVAILABLE)
		return is_away ? AVAIL_AWAY : AVAIL_IDLE;
	if (base == AVAIL_BUSY && is_away && !on_phone)
		return AVAIL_BUSY_IDLE;
	return base;
}

void presence_aggregate(const struct facets *fs, enum facet_audience audience,
			struct presence_state *out)
{
	struct inputs in = { 0 };
	enum avail base = AVAIL_AVAILABLE;

	LIST_EACH (&fs->list, n)
		if (!is_shadowed(fs, ITEM(n), audience))
			gather_one(&in, ITEM(n));

	*out = (struct presence_state){ .avail = AVAIL_OFFLINE };
	if (in.note != NULL)
		out->note = in.note->note;
	if (in.machine == NULL || in.machine->avail == AVAIL_OFFLINE)
		return;
	if (in.user != NULL && (in.user->avail >= AVAIL_DND)) {
		out->avail = in.user->avail;
		out->activity = in.user->activity;
		return;
	}
	if (in.event != NULL && in.user != NULL && in.user->avail == AVAIL_AVAILABLE &&
	    in.user->published_ms >= in.event->published_ms)
		in.event = NULL;
	if (in.user != NULL &&
	    (in.user->avail == AVAIL_BUSY || in.user->avail == AVAIL_BUSY_IDLE)) {
		base = AVAIL_BUSY;
		out->activity = in.user->activity;
	}
	if (in.event != NULL && in.event->avail >= base) {
		base = in.event->avail;
		out->activity = in.event->activity;
	}
	out->avail = weaken(base, in.machine->avail, in.has_phone);
	if (out->avail != base)
		out->idle_since_ms = in.machine->published_ms;
}
