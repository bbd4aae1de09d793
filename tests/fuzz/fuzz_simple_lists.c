/* fuzz_simple_lists.c: lists of people, as clients put them on the server, watch them and start a group with them. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "simple/focus.h"
#include "simple/resource_lists.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_entry(void *arg, struct str uri)
{
	size_t *count = arg;

	assert(str_is_utf8(uri));
	(*count)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct resource_lists lists;
	struct str text = str_n(data, size);
	struct buf sdp;
	size_t count = 0;

	if (resource_lists_decode(text, STR("Sales"), ROSTER_CONTACTS_DEFAULT, &lists) == E_OK) {
		assert(lists.count >= 1 && lists.count <= ROSTER_OPS_MAX &&
		       lists.ops[0].kind == ROSTER_CLEAR);
		for (size_t i = 1; i < lists.count; i++)
			assert(!str_eqz(lists.ops[i].name, "Sales") ||
			       lists.ops[i].kind != ROSTER_ADD_GROUP);
		resource_lists_fini(&lists);
	}
	(void)!focus_list_decode(text, count_entry, &count);
	buf_init(&sdp, SIP_BODY_MAX);
	focus_sdp_decline(text, &sdp);
	buf_fini(&sdp);
	return 0;
}
