#include "simple/kind.h"

#include "codec/cpim.h"
#include "codec/inflate.h"
#include "codec/mime.h"

static enum im_kind of_type(struct str content_type)
{
	if (mime_is(content_type, "application/im-iscomposing+xml"))
		return IM_TYPING;
	if (mime_is(content_type, "message/imdn+xml"))
		return IM_RECEIPT;
	return IM_TEXT;
}

/* The body as it was before its encoding; false: in an encoding we do not know, or damaged. */
static bool plain(struct str encoding, struct str body, struct buf *scratch, struct str *out)
{
	enum inflate_kind kind;

	if (encoding.len == 0 || str_ieqz(encoding, "identity")) {
		*out = body;
		return true;
	}
	if (str_ieqz(encoding, "deflate"))
		kind = INFLATE_DEFLATE;
	else if (str_ieqz(encoding, "gzip"))
		kind = INFLATE_GZIP;
	else
		return false;
	if (inflate_decode(kind, body, scratch) != E_OK)
		return false;
	*out = buf_str(scratch);
	return true;
}

void simple_kind_of(struct str content_type, struct str content_encoding, struct str body, struct buf *scratch,
		    struct simple_kind *out)
{
	struct cpim_msg cpim;
	struct str inner;

	*out = (struct simple_kind){ .kind = of_type(content_type) };
	if (!mime_is(content_type, "message/cpim") || !plain(content_encoding, body, scratch, &inner) ||
	    cpim_decode(inner, &cpim) != E_OK)
		return;
	out->kind = of_type(cpim.content_type);
	out->message_id = cpim.message_id;
}
