/* utf16.h: UTF-8 to UTF-16LE and back (RFC 2781), as NTLM tokens carry their names. */
#ifndef CODEC_UTF16_H
#define CODEC_UTF16_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Appends.  E_BAD: not well-formed UTF-8; else the buf's error. */
MUST_USE enum err utf16le_encode(struct buf *b, struct str utf8);
/* Appends.  E_BAD: odd length or an unpaired surrogate; else the buf's error. */
MUST_USE enum err utf16le_decode(struct buf *b, struct str utf16);

#endif
