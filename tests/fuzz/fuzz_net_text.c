/* fuzz_net_text.c: the texts net/ takes from outside: a connection's first bytes, and addresses. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "net/addr.h"
#include "net/door_classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* More bytes never change a decision. */
static void classify(struct str s)
{
	enum door_kind whole = door_classify(s);

	for (size_t n = 0; n < s.len && n < 1100; n++) {
		enum door_kind part = door_classify(str_sub(s, 0, n));

		assert(part == DOOR_UNDECIDED || part == whole);
	}
	assert(s.len < 1024 || whole != DOOR_UNDECIDED);
}

/* What is accepted prints as something that is accepted as the same. */
static void address(struct str s)
{
	struct addr a, b;
	char text[ADDR_PRINT_MAX];

	if (addr_decode(s, &a) != E_OK)
		return;
	assert(addr_decode(str_of(addr_print(&a, text)), &b) == E_OK);
	assert(addr_eq(&a, &b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	classify(str_n(data, size));
	address(str_n(data, size));
	return 0;
}
