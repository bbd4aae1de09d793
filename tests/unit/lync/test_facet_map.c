#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lync/facet_map.h"

#define STATE(type, inside)                                                                     \
	"<state xmlns=\"http://schemas.microsoft.com/2006/09/sip/state\" "                      \
	"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"" type "\">" inside \
	"</state>"

static bool read(const char *name, uint32_t container, enum category_expire expire, const char *xml,
		 struct facet *f, struct buf *note)
{
	struct category c = {
		.name = str_of(name),
		.instance = 7,
		.container = container,
		.expire = expire,
		.endpoint = 42,
		.published_ms = 1000,
		.xml = str_of(xml),
	};

	buf_init(note, 4096);
	return facet_of_category(&c, note, f);
}

static void what_counts(void **state)
{
	static const struct {
		uint32_t container;
		enum category_expire expire;
		const char *xml;
		enum facet_kind kind;
		enum avail avail;
		enum activity activity;
		uint64_t endpoint;
		enum facet_audience audience;
	} cases[] = {
		{ 2, EXPIRE_ENDPOINT,
		  STATE("machineState", "<availability>3500</availability><endpointLocation/>"),
		  FACET_MACHINE, AVAIL_AVAILABLE, ACTIVITY_NONE, 42, FACET_FOR_ALL },
		{ 3, EXPIRE_ENDPOINT, STATE("machineState", "<availability>5000</availability>"),
		  FACET_MACHINE, AVAIL_IDLE, ACTIVITY_NONE, 42, FACET_FOR_TEAM },
		{ 2, EXPIRE_STATIC, STATE("userState", "<availability>9500</availability>"),
		  FACET_USER, AVAIL_DND, ACTIVITY_NONE, 0, FACET_FOR_ALL },
		{ 3, EXPIRE_TIME,
		  STATE("userState",
			"<availability>6900</availability><activity token=\"urgent-interruptions-only\" "
			"minAvailability=\"6900\" maxAvailability=\"8999\"/>"),
		  FACET_USER, AVAIL_BUSY, ACTIVITY_URGENT_ONLY, 0, FACET_FOR_TEAM },
		{ 2, EXPIRE_ENDPOINT,
		  STATE("calendarState",
			"<availability>6500</availability><activity token=\"in-a-meeting\"/>"),
		  FACET_CALENDAR, AVAIL_BUSY, ACTIVITY_IN_A_MEETING, 42, FACET_FOR_ALL },
		{ 2, EXPIRE_ENDPOINT, STATE("xs:phoneState", "<availability>6500</availability>"),
		  FACET_PHONE, AVAIL_BUSY, ACTIVITY_NONE, 42, FACET_FOR_ALL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facet f;
		struct buf note;

		assert_true(read("state", cases[i].container, cases[i].expire, cases[i].xml, &f,
				 &note));
		assert_int_equal(f.kind, cases[i].kind);
		assert_int_equal(f.avail, cases[i].avail);
		assert_int_equal(f.activity, cases[i].activity);
		assert_int_equal(f.endpoint, cases[i].endpoint);
		assert_int_equal(f.audience, cases[i].audience);
		assert_int_equal(f.published_ms, 1000);
		assert_int_not_equal(f.source, FACET_SOURCE_SIGN_IN);
		buf_fini(&note);
	}
}

static void what_counts_for_nothing(void **state)
{
	static const struct {
		const char *name;
		uint32_t container;
		const char *xml;
	} cases[] = {
		{ "state", 2, STATE("userState", "") }, /* "reset status" */
		{ "state", 2, STATE("userState", "<availability>2000</availability>") },
		{ "state", 2, STATE("userState", "<availability>-1</availability>") },
		{ "state", 2, STATE("userState", "<availability>many</availability>") },
		{ "state", 2, STATE("otherState", "<availability>3500</availability>") },
		{ "state", 2, "<state><availability>3500</availability></state>" },
		{ "state", 2, "<state" },
		{ "state", 2, "" },
		{ "state", 200, STATE("machineState", "<availability>3500</availability>") },
		{ "device", 2, "<device/>" },
		{ "note", 200, "<note><body type=\"personal\"></body></note>" },
		{ "note", 200, "<note/>" },
		{ "note", 300, "<note><body type=\"personal\">I am here</body></note>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct facet f;
		struct buf note;

		assert_false(read(cases[i].name, cases[i].container, EXPIRE_STATIC, cases[i].xml,
				  &f, &note));
		buf_fini(&note);
	}
}

static void a_note(void **state)
{
	struct facet f;
	struct buf note;

	(void)state;
	assert_true(read(
		"note", 200, EXPIRE_STATIC,
		"<note xmlns=\"http://schemas.microsoft.com/2006/09/sip/note\"><body type=\"personal\" uri=\"\">"
		"In R&#233;union &amp; gone</body></note>",
		&f, &note));
	assert_int_equal(f.kind, FACET_NOTE);
	assert_int_equal(f.endpoint, 0);
	assert_true(str_eqz(f.note, "In R\xc3\xa9union & gone"));
	buf_fini(&note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_counts),
		cmocka_unit_test(what_counts_for_nothing),
		cmocka_unit_test(a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
