#include "http/target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_target t;
	struct arena a;

	arena_init(&a, 64 * 1024);
	if (http_target_decode(&t, &a, str_n(data, size)) == E_OK)
		(void)http_target_param(&t, STR("limit"));
	arena_fini(&a);
	return 0;
}
