/* fuzz_im_filter.c: texts and file names that try to get past the organisation's rules. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "immcu/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct filter_policy p = { .links = FILTER_BLOCK,
				   .files = FILTER_BLOCK,
				   .extensions = STR("exe bat") };
	struct str text = str_n(data, size), rest;
	enum filter_action none, some;
	struct buf notice, longer;

	buf_init(&notice, 2 * IM_DISCLAIMER_MAX);
	buf_init(&longer, 1 << 20);
	none = filter_text(&p, text, &notice);
	p.link_hosts = STR("example.org intra");
	some = filter_text(&p, text, &notice);
	assert(notice.len == 0);
	assert(some == FILTER_ALLOW || none == FILTER_BLOCK); /* allowing hosts forbids nothing */
	p.links = FILTER_WARN;
	assert(filter_text(&p, text, &notice) ==
	       (some == FILTER_BLOCK ? FILTER_WARN : FILTER_ALLOW));
	assert((notice.len > 0) == (some == FILTER_BLOCK));
	/* A bad link is found wherever it stands. */
	buf_add(&longer, text);
	buf_addz(&longer, " http://evil.example ");
	p.links = FILTER_BLOCK;
	assert(filter_text(&p, buf_str(&longer), &notice) == FILTER_BLOCK);
	buf_reset(&longer);
	rest = text;
	buf_add(&longer, str_cut(&rest, '\0'));
	buf_addz(&longer, ".EXE");
	assert(filter_file(&p, buf_str(&longer)) == FILTER_BLOCK);
	buf_fini(&notice);
	buf_fini(&longer);
	return 0;
}
