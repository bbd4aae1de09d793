/* What clients publish, as far as the server reads it: states and notes. */
#include "base/mem.h"
#include "lync/facet_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const char *name;
		uint32_t container;
	} as[] = { { "state", 2 }, { "state", 3 }, { "note", 200 }, { "device", 2 } };

	for (size_t i = 0; i < ARRAY_LEN(as); i++) {
		struct category c = { .name = str_of(as[i].name),
				      .container = as[i].container,
				      .xml = str_n(data, size) };
		struct facet f;
		struct buf note;

		buf_init(&note, 4096);
		if (facet_of_category(&c, &note, &f) && (f.note.len > 2000 || !str_is_utf8(f.note)))
			__builtin_trap();
		buf_reset(&note);
		facet_state_type(c.xml, &note);
		buf_fini(&note);
	}
	return 0;
}
