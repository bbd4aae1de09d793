/* fuzz_simple_bodies.c: what standards clients put into bodies: presence documents and wrapped texts.  The first
 * byte chooses.  What is understood of a document can be said again, and is then understood as itself. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "codec/xml.h"
#include "simple/kind.h"
#include "simple/pidf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say_again(const struct pidf *p)
{
	struct presence_state s = { .avail = p->avail, .activity = p->activity, .note = p->note };

	for (int flavour = 0; flavour < PIDF_FLAVOURS; flavour++) {
		struct pidf back;
		struct buf b;

		buf_init(&b, PRESENCE_RENDERING_MAX);
		pidf_encode((enum pidf_flavour)flavour, STR("sip:a@h"), &s, &b);
		assert(buf_err(&b) == E_OK); /* PRESENCE_RENDERING_MAX holds any note */
		assert(pidf_decode((enum pidf_flavour)flavour, buf_str(&b), &back) == E_OK);
		assert((back.avail == AVAIL_OFFLINE) == (p->avail == AVAIL_OFFLINE));
		assert(p->note.len == 0 || str_eq(back.note, p->note));
		pidf_fini(&back);
		buf_fini(&b);
	}
}

static void presence(enum pidf_flavour heard, struct str body)
{
	struct pidf p;

	if (pidf_decode(heard, body, &p) != E_OK)
		return;
	assert(p.note.len <= PRESENCE_NOTE_MAX && str_is_utf8(p.note));
	assert(p.avail == AVAIL_AVAILABLE || p.avail == AVAIL_BUSY || p.avail == AVAIL_DND ||
	       p.avail == AVAIL_AWAY || p.avail == AVAIL_OFFLINE);
	say_again(&p);
	pidf_fini(&p);
}

static void kind(struct str body, struct str encoding)
{
	static const char *const types[] = { "message/cpim", "text/html", "message/imdn+xml",
					     "multipart/mixed;boundary=b",
					     "application/vnd.gsma.rcs-ft-http+xml" };
	struct simple_kind k;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		simple_kind_of(str_of(types[i]), encoding, body, &k);
		assert(k.kind == IM_TEXT || k.kind == IM_TYPING || k.kind == IM_RECEIPT);
		assert(k.plain.len <= IM_BODY_MAX);
		simple_kind_fini(&k);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = size > 0 ? str_n(data + 1, size - 1) : STR_NULL;

	if (size == 0)
		return 0;
	switch (data[0] % 4) {
	case 0:
	case 1:
		presence(data[0] % 2 == 0 ? PIDF_STANDARD : PIDF_LINPHONE, body);
		break;
	case 2:
		kind(body, STR_NULL);
		break;
	default:
		kind(body, (data[0] & 4) != 0 ? STR("deflate") : STR("gzip"));
		break;
	}
	return 0;
}
