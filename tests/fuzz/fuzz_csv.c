#include "webadmin/api/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str field[CSV_FIELDS_MAX];
	struct arena a;
	struct csv c;
	size_t n;

	arena_init(&a, 1 << 20);
	csv_init(&c, str_n(data, size));
	while (csv_next(&c, &a, field, &n) == E_OK)
		;
	arena_fini(&a);
	return 0;
}
