#include "sip/frame.h"

#include <string.h>

#include "base/limits.h"
#include "base/num.h"

void sip_frame_init(struct sip_frame *f)
{
	*f = (struct sip_frame){ 0 };
}

static enum sip_frame_kind broken(struct sip_frame *f, struct str in, size_t head_len, int code,
				  const char *reason, struct sip_framed *out)
{
	*out = (struct sip_framed){
		.consumed = in.len,
		.msg = str_sub(in, 0, head_len),
		.head_len = head_len,
		.lines = f->loose ? SIP_LINES_LOOSE : SIP_LINES_STRICT,
		.fault = { code, reason },
	};
	return SIP_FRAME_BAD;
}

/* Between messages: CRLF CRLF is a ping, a CRLF alone nothing (RFC 5626 4.4.1, RFC 3261 7.5).
 * false: a message begins. */
static bool between(struct sip_frame *f, struct str in, struct sip_framed *out,
		    enum sip_frame_kind *kind)
{
	if (in.p[0] != '\r' || (in.len > 1 && in.p[1] != '\n'))
		return false;
	if (in.len == 1) {
		*kind = SIP_FRAME_MORE;
		return true;
	}
	out->consumed = 2;
	*kind = f->after_crlf ? SIP_FRAME_PING : SIP_FRAME_SKIP;
	f->after_crlf = !f->after_crlf;
	return true;
}

/* Looks for the empty line from where the last call stopped.  true: *head_len is set.  A bare CR or
 * LF marks the head as loose, and a line end of any shape then counts. */
static bool find_head_end(struct sip_frame *f, struct str in, size_t *head_len)
{
	size_t i = f->scanned;

	while (i < in.len) {
		const char *lf = memchr(in.p + i, '\n', in.len - i);
		size_t at = lf == NULL ? in.len : (size_t)(lf - in.p);
		const char *cr = memchr(in.p + i, '\r', at - i);

		/* The only CR of a line is the one before its LF; one at the very end may still get it. */
		if (cr != NULL && (size_t)(cr - in.p) + 1 != at)
			f->loose = true;
		if (lf == NULL) {
			f->scanned = in.p[in.len - 1] == '\r' ? in.len - 1 : in.len;
			return false;
		}
		if (at == 0 || in.p[at - 1] != '\r')
			f->loose = true;
		i = at + 1;
		f->scanned = i;
		if (f->loose) {
			size_t k = i;

			while (k < in.len && in.p[k] == '\r')
				k++;
			if (k == in.len) { /* not known yet: this line end is looked at again */
				f->scanned = at;
				return false;
			}
			if (in.p[k] == '\n') {
				*head_len = k + 1;
				return true;
			}
		} else if (at >= 3 && in.p[at - 2] == '\n') {
			*head_len = i;
			return true;
		}
	}
	return false;
}

static struct str header_line(struct str head, size_t *at)
{
	size_t lf = str_find(head, '\n', *at), end = lf;
	struct str line;

	if (lf > *at && head.p[lf - 1] == '\r')
		end--;
	line = str_sub(head, *at, end);
	*at = lf + 1;
	return line;
}

static bool is_content_length(struct str line, struct str *value)
{
	size_t colon;
	struct str name;

	if (line.len == 0 || ((line.p[0] | 0x20) != 'c' && (line.p[0] | 0x20) != 'l'))
		return false;
	colon = str_find(line, ':', 0);
	/* A name with a blank before its colon is refused by the decoder, but it still counts here:
	 * whoever is behind us might read it as a length. */
	name = str_trim(str_sub(line, 0, colon));
	if (colon == line.len || !(str_ieq(name, STR("Content-Length")) || str_ieq(name, STR("l"))))
		return false;
	*value = str_trim(str_sub(line, colon + 1, line.len));
	return true;
}

static bool is_fold(struct str head, size_t at)
{
	return at < head.len && (head.p[at] == ' ' || head.p[at] == '\t');
}

/* The one Content-Length of a head; NULL or why not. */
static const char *content_length(struct str head, uint64_t *out)
{
	size_t at = 0;
	bool found = false;

	while (at < head.len) {
		struct str line = header_line(head, &at), value;

		if (!is_content_length(line, &value))
			continue;
		if (found)
			return "Duplicate Content-Length";
		found = true;
		while (is_fold(head, at)) { /* the number may stand on a folded line */
			struct str more = str_trim(header_line(head, &at));

			if (value.len > 0 && more.len > 0)
				return "Bad Content-Length";
			value = more.len > 0 ? more : value;
		}
		if (num_u64(value, 0, UINT32_MAX, out) != E_OK)
			return "Bad Content-Length";
	}
	return found ? NULL : "Missing Content-Length";
}

static enum sip_frame_kind with_head(struct sip_frame *f, struct str in, size_t msg_max,
				     struct sip_framed *out)
{
	uint64_t length;
	const char *why;

	if (f->loose)
		return broken(f, in, f->head_len, 400, "Bad Line End", out);
	if (f->total == 0) {
		why = content_length(str_sub(in, 0, f->head_len), &length);
		if (why != NULL)
			return broken(f, in, f->head_len, 400, why, out);
		if (length > SIP_BODY_MAX || length + f->head_len > msg_max)
			return broken(f, in, f->head_len, 413, "Request Entity Too Large", out);
		f->total = f->head_len + (size_t)length;
	}
	if (in.len < f->total) {
		*out = (struct sip_framed){ 0 };
		return SIP_FRAME_MORE;
	}
	*out = (struct sip_framed){
		.consumed = f->total,
		.msg = str_sub(in, 0, f->total),
		.head_len = f->head_len,
		.lines = SIP_LINES_STRICT,
	};
	sip_frame_init(f);
	return SIP_FRAME_MSG;
}

/* A head over its cap: what stands in whole lines is enough for most answers. */
static enum sip_frame_kind head_too_long(struct sip_frame *f, struct str in, size_t head_max,
					 struct sip_framed *out)
{
	const char *lf = memrchr(in.p, '\n', head_max);

	return broken(f, in, lf == NULL ? 0 : (size_t)(lf + 1 - in.p), 513, "Message Too Large",
		      out);
}

enum sip_frame_kind sip_frame_next(struct sip_frame *f, struct str in, size_t msg_max,
				   struct sip_framed *out)
{
	size_t head_max = msg_max < SIP_HEAD_MAX ? msg_max : SIP_HEAD_MAX;
	enum sip_frame_kind kind;

	if (f->head_len == 0) {
		*out = (struct sip_framed){ 0 };
		if (in.len == 0)
			return SIP_FRAME_MORE;
		if (f->scanned == 0 && between(f, in, out, &kind))
			return kind;
		f->after_crlf = false;
		if (!find_head_end(f, str_sub(in, 0, head_max), &f->head_len))
			return in.len > head_max ? head_too_long(f, in, head_max, out)
						 : SIP_FRAME_MORE;
	}
	return with_head(f, in, msg_max, out);
}
