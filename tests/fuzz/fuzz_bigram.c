#include <assert.h>

#include "db/bigram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf b;
	size_t quotes = 0;

	buf_init(&b, 16 * size + 16);
	bigram_index(str_n(data, size), &b);
	assert(buf_err(&b) == E_OK && str_is_utf8(buf_str(&b)));
	buf_reset(&b);
	bigram_query(str_n(data, size), &b);
	assert(buf_err(&b) == E_OK && str_is_utf8(buf_str(&b)));
	for (size_t i = 0; i < b.len; i++)
		quotes += b.p[i] == '"';
	assert(quotes % 2 == 0);
	buf_fini(&b);
	return 0;
}
