/* Any bytes as an offer of a file: in a body of each kind, and embedded in an INVITE's header. */
#include <stddef.h>
#include <stdint.h>

#include "lync/file_offer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { "text/x-msmsgsinvite",
					     "application/ms-filetransfer+xml",
					     "multipart/mixed;boundary=b" };
	const struct filter_policy p = { .files = FILTER_BLOCK, .extensions = STR("exe bat") };
	struct str s = str_n(data, size);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		(void)file_offer_in_body(&p, str_of(types[i]), s);
	(void)file_offer_in_text_format(&p, s);
	(void)file_offer_cookie(s);
	return 0;
}
