/* lex.h: the smallest pieces of the SIP grammar (RFC 3261 25.1) over borrowed bytes.
 *
 * A struct sip_lex walks a header value whose folds are already blanks.  Each
 * reader leaves the cursor where it was when it answers false. */
#ifndef SIP_LEX_H
#define SIP_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct sip_lex {
	const char *p, *end;
};

static inline struct sip_lex sip_lex_of(struct str s)
{
	const char *p = s.p == NULL ? "" : s.p; /* no arithmetic on NULL (C11 6.5.6) */

	return (struct sip_lex){ p, p + s.len };
}

static inline bool sip_lex_is_end(const struct sip_lex *l)
{
	return l->p == l->end;
}

bool sip_is_token_char(unsigned char c);
bool sip_is_token(struct str s); /* one or more token characters */
bool sip_is_clean(struct str s); /* no control character but HTAB: may be written into a header */

void sip_lex_blank(struct sip_lex *l);	      /* skips SP and HTAB */
bool sip_lex_char(struct sip_lex *l, char c); /* c itself */
bool sip_lex_sep(struct sip_lex *l, char c);  /* c with blanks around it */
bool sip_lex_token(struct sip_lex *l, struct str *out);
/* out with its quotes; escapes untouched */
bool sip_lex_quoted(struct sip_lex *l, struct str *out);
bool sip_lex_digits(struct sip_lex *l, struct str *out);
struct str sip_lex_rest(const struct sip_lex *l);

/* One ";name[=value]" with blanks allowed around ';' and '=': true when one was read, false
 * at the end or at a comma; *bad is set when neither.  The value may be a token, a host
 * (brackets, colons) or a quoted string (given with its quotes). */
bool sip_lex_param(struct sip_lex *l, struct str *name, struct str *value, bool *bad);

/* Walks ";name=value" text, ASCII case of names ignored.  Found without a value: p != NULL, len 0. */
struct str sip_param_get(struct str params, struct str name);
bool sip_param_has(struct str params, struct str name);

struct str sip_unquoted(struct str s); /* without surrounding quotes, if any; escapes untouched */

/* Appends s as a quoted string, escaping '"' and '\' (RFC 3261 25.1); control characters are left out. */
struct buf;
void sip_quote(struct buf *b, struct str s);

#endif
