/* fuzz_sip_msg.c: framing and decoding.  However the bytes are cut, the same messages come out; what is
 * decoded stays inside its bytes and can be answered when it says so. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/addr.h"
#include "sip/build.h"
#include "sip/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(const struct sip_msg *m, struct str view)
{
	return view.p == NULL || view.len == 0 ||
	       (view.p >= m->bytes.p && view.p + view.len <= m->bytes.p + m->bytes.len);
}

static void answer(const struct sip_msg *m)
{
	struct addr peer;
	struct buf b;
	struct str s;

	if (!sip_msg_is_answerable(m))
		return;
	if (addr_decode(STR("192.0.2.1:5061"), &peer) != E_OK)
		return;
	buf_init(&b, SIP_OUT_MAX);
	sip_build_response(
		&b, m, &(struct sip_response){ .code = 400, .to_tag = STR("t"), .peer = &peer });
	s = buf_str(&b);
	assert(buf_err(&b) != E_OK || str_ends(s, STR("\r\n\r\n")));
	/* Nothing of the request may end our head early. */
	assert(buf_err(&b) != E_OK || str_search(s, STR("\r\n\r\n")) == s.len - 4);
	buf_fini(&b);
}

static void look(struct sip_msg *m)
{
	const enum sip_hdr_id lists[] = { SIP_HDR_CONTACT, SIP_HDR_ROUTE, SIP_HDR_RECORD_ROUTE,
					  SIP_HDR_PATH };
	const struct str views[] = {
		m->method,   m->ruri, m->call_id,  m->from.text,    m->to.text,
		m->from.tag, m->body, m->via.text, m->content_type, m->content_encoding,
		m->reason
	};
	struct sip_addr_list list;

	for (size_t i = 0; i < ARRAY_LEN(views); i++)
		assert(is_inside(m, views[i]) || (!sip_msg_is_request(m) && i == 0));
	for (size_t i = 0; i < m->hdr_count; i++)
		assert(is_inside(m, m->hdr[i].name) && is_inside(m, m->hdr[i].value));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (sip_msg_addrs(m, lists[i], &list) == E_OK)
			assert(list.len <= SIP_LISTED_MAX);
	for (size_t i = 0; i < m->contact.len; i++)
		(void)sip_contact_expires_s(m, &m->contact.v[i], 600);
	(void)sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("outbound"));
	if (m->fault.code != 0)
		assert(m->fault.reason != NULL);
	if (m->fault.code == 0 || sip_msg_is_request(m))
		answer(m);
}

/* Feeds step bytes at a time; appends what came out: a letter per event, and each message's length. */
static void feed(struct str in, size_t step, struct buf *trace, bool decode)
{
	struct sip_framed framed;
	struct sip_frame f;
	size_t at = 0, end = step < in.len ? step : in.len;

	sip_frame_init(&f);
	for (;;) {
		enum sip_frame_kind kind = sip_frame_next(&f, str_sub(in, at, end),
							  SIP_HEAD_MAX + SIP_BODY_MAX, &framed);
		struct sip_msg *m;

		if (kind == SIP_FRAME_MORE) {
			if (end == in.len)
				return;
			end = end + step < in.len ? end + step : in.len;
			continue;
		}
		buf_addf(trace, "%d:%d ", (int)kind, kind == SIP_FRAME_BAD ? framed.fault.code : 0);
		if (kind == SIP_FRAME_BAD)
			return;
		if (kind == SIP_FRAME_MSG) {
			buf_add_u64(trace, framed.msg.len);
			assert(framed.msg.len == framed.consumed &&
			       framed.head_len <= framed.msg.len);
			if (decode &&
			    sip_msg_decode(framed.msg, framed.head_len, framed.lines, &m) == E_OK) {
				look(m);
				sip_msg_unref(&m);
			}
		}
		assert(framed.consumed > 0);
		at += framed.consumed;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf whole, pieces;

	buf_init(&whole, 1u << 20);
	buf_init(&pieces, 1u << 20);
	feed(str_n(data, size), size == 0 ? 1 : size, &whole, true);
	feed(str_n(data, size), 1, &pieces, false);
	assert(str_eq(buf_str(&whole), buf_str(&pieces)));
	buf_fini(&whole);
	buf_fini(&pieces);
	return 0;
}
