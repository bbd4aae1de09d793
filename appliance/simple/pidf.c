#include "simple/pidf.h"

#include "base/limits.h"
#include "base/mem.h"
#include "codec/date.h"
#include "codec/xml.h"
#include "codec/xmlw.h"

#define NS_PIDF "urn:ietf:params:xml:ns:pidf"
#define NS_DM "urn:ietf:params:xml:ns:pidf:data-model"
#define NS_RPID "urn:ietf:params:xml:ns:pidf:rpid"
#define NS_LINPHONE "http://www.linphone.org/xsds/pidfonline.xsd"

/* --- what we say --- */

/* One availability on the wire: basic status and activity, and the same for Linphone. */
struct shown {
	bool open, linphone_open, idle;
	const char *activity, *linphone_activity; /* NULL: none */
};

static const struct shown shown[] = {
	[AVAIL_NONE] = { false, false, false, NULL, NULL },
	[AVAIL_AVAILABLE] = { true, true, false, NULL, NULL },
	[AVAIL_IDLE] = { true, true, true, NULL, "rpid:away" },
	[AVAIL_BUSY] = { true, true, false, "rpid:busy", "rpid:busy" },
	[AVAIL_BUSY_IDLE] = { true, true, true, "rpid:busy", "rpid:busy" },
	[AVAIL_DND] = { true, false, false, "rpid:busy", "rpid:away" },
	[AVAIL_BRB] = { true, true, false, "rpid:away", "rpid:away" },
	[AVAIL_AWAY] = { true, true, false, "rpid:away", "rpid:away" },
	[AVAIL_OFFLINE] = { false, false, false, NULL, NULL },
};

/* The finer word goes before the coarse one: clients that know only busy and away find theirs too. */
static const char *fine_activity(enum activity a)
{
	switch (a) {
	case ACTIVITY_ON_THE_PHONE:
		return "rpid:on-the-phone";
	case ACTIVITY_IN_A_CONFERENCE:
	case ACTIVITY_IN_A_MEETING:
		return "rpid:meeting";
	case ACTIVITY_PRESENTING:
		return "rpid:presentation";
	case ACTIVITY_OUT_OF_OFFICE:
		return "rpid:vacation";
	case ACTIVITY_NONE:
	case ACTIVITY_URGENT_ONLY:
	case ACTIVITY_OFF_WORK:
		break;
	}
	return NULL;
}

static void add_status(struct xmlw *w, bool open, bool linphone_online)
{
	xmlw_start(w, "status");
	xmlw_elemz(w, "basic", open ? "open" : "closed");
	if (linphone_online) {
		xmlw_start(w, "pidfonline:online");
		xmlw_end(w);
	}
	xmlw_end(w);
}

static void add_empty(struct xmlw *w, const char *name)
{
	if (name == NULL)
		return;
	xmlw_start(w, name);
	xmlw_end(w);
}

/* Words for what PIDF cannot say, where the person has written none. */
static struct str note_of(const struct presence_state *s)
{
	if (s->note.len > 0)
		return s->note;
	if (s->avail == AVAIL_DND)
		return STR("Do not disturb");
	if (s->avail == AVAIL_BRB)
		return STR("Be right back");
	return STR_NULL;
}

static void add_person(struct xmlw *w, const char *fine, const char *coarse, bool is_idle)
{
	if (fine == NULL && coarse == NULL && !is_idle)
		return;
	xmlw_start(w, "dm:person");
	xmlw_attrz(w, "xmlns:dm", NS_DM);
	xmlw_attrz(w, "xmlns:rpid", NS_RPID);
	xmlw_attrz(w, "id", "person");
	if (fine != NULL || coarse != NULL) {
		xmlw_start(w, "rpid:activities");
		add_empty(w, fine);
		add_empty(w, coarse);
		xmlw_end(w);
	}
	if (is_idle)
		xmlw_elemz(w, "rpid:user-input", "idle");
	xmlw_end(w);
}

/* Every octet goes to every watcher: what says nothing is left out. */
void pidf_encode(enum pidf_flavour flavour, struct str entity, const struct presence_state *s,
		 struct buf *out)
{
	const struct shown *v = &shown[s->avail];
	bool is_linphone = flavour == PIDF_LINPHONE;
	struct str note = note_of(s);
	char since[DATE_ISO_CAP];
	struct xmlw w;

	xmlw_init(&w, out);
	xmlw_decl(&w);
	xmlw_start(&w, "presence");
	xmlw_attrz(&w, "xmlns", NS_PIDF);
	if (is_linphone)
		xmlw_attrz(&w, "xmlns:pidfonline", NS_LINPHONE);
	xmlw_attr(&w, "entity", entity);
	xmlw_start(&w, "tuple");
	xmlw_attrz(&w, "id", "t");
	/* Where its online element stands Linphone shows "online" and looks at nothing else. */
	add_status(&w, is_linphone ? v->linphone_open : v->open,
		   is_linphone && s->avail == AVAIL_AVAILABLE);
	xmlw_elem(&w, "contact", entity);
	if (note.len > 0)
		xmlw_elem(&w, "note", note);
	if (s->since_ms != 0) {
		date_iso_encode(s->since_ms, since);
		xmlw_elemz(&w, "timestamp", since);
	}
	xmlw_end(&w);
	add_person(&w, fine_activity(s->activity), is_linphone ? v->linphone_activity : v->activity,
		   v->idle);
	xmlw_end_all(&w);
}

/* --- what they say --- */

struct heard {
	const char *name; /* of an RPID activity (RFC 4480 3.2) */
	enum avail avail;
	enum activity activity;
};

/* The first one of the document counts.  What is not here says nothing of reachability. */
static const struct heard heard[] = {
	{ "appointment", AVAIL_BUSY, ACTIVITY_IN_A_MEETING },
	{ "away", AVAIL_AWAY, ACTIVITY_NONE },
	{ "breakfast", AVAIL_AWAY, ACTIVITY_NONE },
	{ "busy", AVAIL_BUSY, ACTIVITY_NONE },
	{ "dinner", AVAIL_AWAY, ACTIVITY_NONE },
	{ "dnd", AVAIL_DND, ACTIVITY_NONE },
	{ "do-not-disturb", AVAIL_DND, ACTIVITY_NONE },
	{ "holiday", AVAIL_AWAY, ACTIVITY_OUT_OF_OFFICE },
	{ "in-transit", AVAIL_AWAY, ACTIVITY_NONE },
	{ "lunch", AVAIL_AWAY, ACTIVITY_NONE },
	{ "meal", AVAIL_AWAY, ACTIVITY_NONE },
	{ "meeting", AVAIL_BUSY, ACTIVITY_IN_A_MEETING },
	{ "on-the-phone", AVAIL_BUSY, ACTIVITY_ON_THE_PHONE },
	{ "performance", AVAIL_BUSY, ACTIVITY_PRESENTING },
	{ "permanent-absence", AVAIL_AWAY, ACTIVITY_OFF_WORK },
	{ "presentation", AVAIL_BUSY, ACTIVITY_PRESENTING },
	{ "shopping", AVAIL_AWAY, ACTIVITY_NONE },
	{ "sleeping", AVAIL_AWAY, ACTIVITY_NONE },
	{ "steering", AVAIL_BUSY, ACTIVITY_NONE },
	{ "travel", AVAIL_AWAY, ACTIVITY_NONE },
	{ "vacation", AVAIL_AWAY, ACTIVITY_OUT_OF_OFFICE },
	{ "working", AVAIL_BUSY, ACTIVITY_NONE },
	{ "worship", AVAIL_AWAY, ACTIVITY_NONE },
};

static const struct heard *find_heard(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(heard); i++)
		if (str_ieqz(name, heard[i].name))
			return &heard[i];
	return NULL;
}

/* Activities stand in the person, or (older clients) in a tuple's status. */
static const struct heard *find_activity(const struct xml_node *root)
{
	const struct xml_node *all = xml_find(root, NULL, "activities");

	if (all == NULL)
		return NULL;
	for (const struct xml_node *n = all->child; n != NULL; n = n->next) {
		const struct heard *h = find_heard(n->name);

		if (h != NULL)
			return h;
	}
	return NULL;
}

static bool has_open_tuple(const struct xml_node *root)
{
	for (const struct xml_node *t = xml_child(root, NULL, "tuple"); t != NULL;
	     t = xml_next(t, NULL, "tuple"))
		if (str_ieqz(xml_child_text(xml_child(t, NULL, "status"), NULL, "basic"), "open"))
			return true;
	return false;
}

/* The person's note, else a tuple's, else the document's. */
static struct str find_note(const struct xml_node *root)
{
	struct str note = xml_child_text(xml_child(root, NULL, "person"), NULL, "note");

	for (const struct xml_node *t = xml_child(root, NULL, "tuple"); note.len == 0 && t != NULL;
	     t = xml_next(t, NULL, "tuple"))
		note = xml_child_text(t, NULL, "note");
	return note.len > 0 ? note : xml_child_text(root, NULL, "note");
}

/* As much of it as a note may hold, whole characters. */
static struct str cut(struct str s)
{
	size_t at = 0, n;

	while (at < s.len && (n = str_utf8_len(str_sub(s, at, s.len))) > 0 &&
	       at + n <= PRESENCE_NOTE_MAX)
		at += n;
	return str_sub(s, 0, at);
}

enum err pidf_decode(enum pidf_flavour flavour, struct str body, struct pidf *out)
{
	const struct heard *h;
	struct xml_doc d;
	enum err e = xml_decode(body, &d);
	bool is_linphone;

	if (e != E_OK)
		return e;
	if (!xml_is(d.root, NS_PIDF, "presence")) {
		xml_fini(&d);
		return E_BAD;
	}
	h = find_activity(d.root);
	is_linphone = flavour == PIDF_LINPHONE || xml_find(d.root, NS_LINPHONE, "online") != NULL;
	*out = (struct pidf){ .avail = AVAIL_AVAILABLE };
	if (has_open_tuple(d.root)) {
		if (h != NULL) {
			out->avail = h->avail;
			out->activity = h->activity;
		}
	} else {
		/* Closed and nothing else is offline; Linphone's do-not-disturb is closed with an activity. */
		out->avail = h != NULL && is_linphone ? AVAIL_DND : AVAIL_OFFLINE;
	}
	out->note = str_dup(cut(find_note(d.root)));
	xml_fini(&d);
	return E_OK;
}

void pidf_fini(struct pidf *p)
{
	str_free(&p->note);
}
