/* Presence documents: every state there and back, what real clients send, what hostile ones do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codec/xml.h"
#include "simple/pidf.h"

#define NS_RPID "urn:ietf:params:xml:ns:pidf:rpid"

/* What a watcher reads out of the document: basic, the activities in order, Linphone's online. */
static void read_back(struct str body, char out[128])
{
	const struct xml_node *status, *all;
	struct xml_doc d;
	size_t n = 0;

	assert_int_equal(xml_decode(body, &d), E_OK);
	assert_true(xml_is(d.root, "urn:ietf:params:xml:ns:pidf", "presence"));
	assert_true(str_eqz(xml_attr(d.root, "entity"), "sip:a&b@h"));
	status = xml_child(xml_child(d.root, NULL, "tuple"), NULL, "status");
	n += (size_t)snprintf(out + n, 128 - n, "%.*s",
			      STR_ARG(xml_child_text(status, NULL, "basic")));
	if (xml_child(status, "http://www.linphone.org/xsds/pidfonline.xsd", "online") != NULL)
		n += (size_t)snprintf(out + n, 128 - n, "+online");
	all = xml_find(d.root, NS_RPID, "activities");
	for (const struct xml_node *a = all == NULL ? NULL : all->child; a != NULL; a = a->next)
		n += (size_t)snprintf(out + n, 128 - n, " %.*s", STR_ARG(a->name));
	if (xml_find(d.root, NS_RPID, "user-input") != NULL)
		n += (size_t)snprintf(out + n, 128 - n, " idle");
	xml_fini(&d);
}

static void test_states(void **state)
{
	static const struct {
		enum avail avail;
		enum activity activity;
		const char *standard, *linphone;
	} table[] = {
		{ AVAIL_NONE, ACTIVITY_NONE, "closed", "closed" },
		{ AVAIL_AVAILABLE, ACTIVITY_NONE, "open", "open+online" },
		{ AVAIL_IDLE, ACTIVITY_NONE, "open idle", "open away idle" },
		{ AVAIL_BUSY, ACTIVITY_NONE, "open busy", "open busy" },
		{ AVAIL_BUSY, ACTIVITY_ON_THE_PHONE, "open on-the-phone busy",
		  "open on-the-phone busy" },
		{ AVAIL_BUSY, ACTIVITY_IN_A_MEETING, "open meeting busy", "open meeting busy" },
		{ AVAIL_BUSY_IDLE, ACTIVITY_NONE, "open busy idle", "open busy idle" },
		{ AVAIL_DND, ACTIVITY_NONE, "open busy", "closed away" },
		{ AVAIL_DND, ACTIVITY_PRESENTING, "open presentation busy",
		  "closed presentation away" },
		{ AVAIL_BRB, ACTIVITY_NONE, "open away", "open away" },
		{ AVAIL_AWAY, ACTIVITY_NONE, "open away", "open away" },
		{ AVAIL_AWAY, ACTIVITY_OUT_OF_OFFICE, "open vacation away", "open vacation away" },
		{ AVAIL_OFFLINE, ACTIVITY_NONE, "closed", "closed" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct presence_state s = { .avail = table[i].avail,
					    .activity = table[i].activity,
					    .note = STR("a < b & \"c\"") };

		for (int flavour = 0; flavour < PIDF_FLAVOURS; flavour++) {
			char got[128];
			struct buf b;

			buf_init(&b, PRESENCE_RENDERING_MAX);
			pidf_encode((enum pidf_flavour)flavour, STR("sip:a&b@h"), &s, &b);
			assert_int_equal(buf_err(&b), E_OK);
			read_back(buf_str(&b), got);
			assert_string_equal(got, flavour == PIDF_LINPHONE ? table[i].linphone
									  : table[i].standard);
			buf_fini(&b);
		}
	}
}

/* What we render is read by ourselves as what it was, as far as the words go. */
static void test_round_trip(void **state)
{
	static const struct {
		enum avail said, heard[PIDF_FLAVOURS];
	} table[] = {
		{ AVAIL_AVAILABLE, { AVAIL_AVAILABLE, AVAIL_AVAILABLE } },
		{ AVAIL_BUSY, { AVAIL_BUSY, AVAIL_BUSY } },
		{ AVAIL_DND, { AVAIL_BUSY, AVAIL_DND } },
		{ AVAIL_AWAY, { AVAIL_AWAY, AVAIL_AWAY } },
		{ AVAIL_OFFLINE, { AVAIL_OFFLINE, AVAIL_OFFLINE } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		for (int flavour = 0; flavour < PIDF_FLAVOURS; flavour++) {
			struct presence_state s = { .avail = table[i].said,
						    .note = STR("점심 & 회의") };
			struct pidf p;
			struct buf b;

			buf_init(&b, PRESENCE_RENDERING_MAX);
			pidf_encode((enum pidf_flavour)flavour, STR("sip:a@h"), &s, &b);
			assert_int_equal(pidf_decode((enum pidf_flavour)flavour, buf_str(&b), &p),
					 E_OK);
			assert_int_equal(p.avail, table[i].heard[flavour]);
			assert_true(str_eqz(p.note, "점심 & 회의"));
			pidf_fini(&p);
			buf_fini(&b);
		}
}

#define HEAD                                                                                        \
	"<?xml version=\"1.0\"?><presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:r=\"" NS_RPID \
	"\" xmlns:p=\"urn:ietf:params:xml:ns:pidf:data-model\" xmlns:o=\"http://www.linphone.org/xsds/pidfonline.xsd\" entity=\"sip:a@h\">"
#define OPEN "<tuple id=\"t\"><status><basic>open</basic></status></tuple>"
#define CLOSED "<tuple id=\"t\"><status><basic>closed</basic></status></tuple>"

static void test_heard(void **state)
{
	static const struct {
		const char *body;
		enum avail avail;
		enum activity activity;
		const char *note;
	} table[] = {
		{ HEAD OPEN "</presence>", AVAIL_AVAILABLE, ACTIVITY_NONE, "" },
		{ HEAD CLOSED "</presence>", AVAIL_OFFLINE, ACTIVITY_NONE, "" },
		{ HEAD "</presence>", AVAIL_OFFLINE, ACTIVITY_NONE, "" },
		/* one open tuple is enough */
		{ HEAD CLOSED OPEN "</presence>", AVAIL_AVAILABLE, ACTIVITY_NONE, "" },
		/* baresip 1.0.0: person with empty or filled activities */
		{ HEAD OPEN "<p:person id=\"p\"><r:activities/></p:person></presence>",
		  AVAIL_AVAILABLE, ACTIVITY_NONE, "" },
		{ HEAD OPEN
		  "<p:person id=\"p\"><r:activities><r:busy/></r:activities></p:person></presence>",
		  AVAIL_BUSY, ACTIVITY_NONE, "" },
		/* Linphone: do not disturb is closed with an activity, the note stands in the tuple */
		{ HEAD
		  "<tuple id=\"t\"><status><basic>closed</basic><o:online/></status><note>no</note></tuple>"
		  "<p:person id=\"p\"><r:activities><r:away/></r:activities></p:person></presence>",
		  AVAIL_DND, ACTIVITY_NONE, "no" },
		{ HEAD CLOSED
		  "<p:person id=\"p\"><r:activities><r:away/></r:activities></p:person></presence>",
		  AVAIL_OFFLINE, ACTIVITY_NONE, "" },
		{ HEAD OPEN
		  "<p:person id=\"p\"><r:activities><r:unknown/><r:on-the-phone/><r:away/></r:activities>"
		  "<p:note>  mine  </p:note></p:person><note>other</note></presence>",
		  AVAIL_BUSY, ACTIVITY_ON_THE_PHONE, "mine" },
		{ HEAD OPEN "<note xml:lang=\"ko\">&lt;&#54620;&gt;</note></presence>",
		  AVAIL_AVAILABLE, ACTIVITY_NONE, "<한>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct pidf p;

		assert_int_equal(pidf_decode(PIDF_STANDARD, str_of(table[i].body), &p), E_OK);
		assert_int_equal(p.avail, table[i].avail);
		assert_int_equal(p.activity, table[i].activity);
		assert_true(str_eqz(p.note, table[i].note));
		pidf_fini(&p);
	}
}

/* liblinphone 5.1.65 publishes do-not-disturb so: without its online element, which tells it from others' "away". */
static void test_linphone_heard(void **state)
{
	static const struct {
		const char *body;
		enum avail avail;
	} table[] = {
		{ HEAD CLOSED
		  "<p:person id=\"p\"><r:activities><r:away/></r:activities></p:person></presence>",
		  AVAIL_DND },
		{ HEAD CLOSED "</presence>", AVAIL_OFFLINE },
		{ HEAD OPEN
		  "<p:person id=\"p\"><r:activities><r:away/></r:activities></p:person></presence>",
		  AVAIL_AWAY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct pidf p;

		assert_int_equal(pidf_decode(PIDF_LINPHONE, str_of(table[i].body), &p), E_OK);
		assert_int_equal(p.avail, table[i].avail);
		pidf_fini(&p);
	}
}

static void test_hostile(void **state)
{
	static const struct {
		const char *body;
		enum err e;
	} table[] = {
		{ "", E_BAD },
		{ "<presence/>", E_BAD }, /* of no namespace */
		{ "<html xmlns=\"urn:ietf:params:xml:ns:pidf\"/>", E_BAD },
		{ HEAD OPEN, E_BAD },
		{ HEAD OPEN "</presence><more/>", E_BAD },
		{ HEAD "&undefined;</presence>", E_BAD },
		{ "<!DOCTYPE presence [<!ENTITY a \"aaaa\">]><presence xmlns=\"urn:ietf:params:xml:ns:pidf\">&a;</presence>",
		  E_UNSUPPORTED },
		{ "<!DOCTYPE presence SYSTEM \"file:///etc/passwd\"><presence xmlns=\"urn:ietf:params:xml:ns:pidf\"/>",
		  E_UNSUPPORTED },
		{ "\xff\xfe<\0p\0", E_BAD },
	};
	struct buf deep;
	struct pidf p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assert_int_equal(pidf_decode(PIDF_STANDARD, str_of(table[i].body), &p), table[i].e);
	buf_init(&deep, 1u << 20);
	buf_addz(&deep, HEAD);
	for (int i = 0; i < XML_DEPTH_MAX + 1; i++)
		buf_addz(&deep, "<tuple>");
	assert_int_equal(pidf_decode(PIDF_STANDARD, buf_str(&deep), &p), E_TOOBIG);
	buf_reset(&deep);
	buf_addz(&deep, HEAD "<tuple");
	for (int i = 0; i <= XML_ATTRS_MAX; i++)
		buf_addf(&deep, " a%d=\"x\"", i);
	buf_addz(&deep, "/></presence>");
	assert_int_equal(pidf_decode(PIDF_STANDARD, buf_str(&deep), &p), E_TOOBIG);
	buf_fini(&deep);
}

/* A note is cut between characters. */
static void test_long_note(void **state)
{
	struct pidf p;
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	buf_addz(&b, HEAD OPEN "<note>");
	for (int i = 0; i < PRESENCE_NOTE_MAX; i++)
		buf_addz(&b, "가");
	buf_addz(&b, "</note></presence>");
	assert_int_equal(pidf_decode(PIDF_STANDARD, buf_str(&b), &p), E_OK);
	assert_int_equal(p.note.len, PRESENCE_NOTE_MAX / 3 * 3);
	assert_true(str_is_utf8(p.note));
	pidf_fini(&p);
	pidf_fini(&p);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),	cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_heard),	cmocka_unit_test(test_linphone_heard),
		cmocka_unit_test(test_hostile), cmocka_unit_test(test_long_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
