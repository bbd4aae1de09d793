#include "lync/text_format.h"

#include "codec/base64.h"

enum err text_format_body(struct str value, struct buf *out)
{
	static const struct str key = { "ms-body=", 8 };
	size_t at = 0;

	while (at + key.len <= value.len && !str_istarts(str_sub(value, at, value.len), key))
		at++;
	if (at + key.len > value.len)
		return E_NOTFOUND;
	return base64_decode_folded(str_trim(str_sub(value, at + key.len, value.len)), out);
}
