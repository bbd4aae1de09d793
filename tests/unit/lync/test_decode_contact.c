#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lync/decode.h"

static enum err decode(const char *text, bool *known_out)
{
	struct roster_op op = { .uri = STR("") };
	struct xml_doc doc;
	enum err err = E_OK;

	assert_int_equal(xml_decode(str_of(text), &doc), E_OK);
	*known_out = decode_contact_op(doc.root, &op, &err);
	xml_fini(&doc);
	return err;
}

/* What goes into other documents as it is must be one by itself. */
static void an_extension_stands_alone(void **state)
{
	bool known;

	(void)state;
	assert_int_equal(
		decode("<setContact xmlns:m='u'><contactExtension><m:x/></contactExtension></setContact>",
		       &known),
		E_BAD);
	assert_true(known);
	assert_int_equal(
		decode("<setContact><contactExtension><m:x xmlns:m='u'/></contactExtension></setContact>",
		       &known),
		E_OK);
	assert_int_equal(decode("<setContact/>", &known), E_OK);
}

static void a_group_is_named(void **state)
{
	bool known;

	(void)state;
	assert_int_equal(decode("<deleteGroup/>", &known), E_NOTFOUND);
	assert_int_equal(decode("<modifyGroup><groupID>x</groupID></modifyGroup>", &known),
			 E_NOTFOUND);
	assert_int_equal(decode("<deleteGroup><groupID>2</groupID></deleteGroup>", &known), E_OK);
	(void)decode("<dance/>", &known);
	assert_false(known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_extension_stands_alone),
		cmocka_unit_test(a_group_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
