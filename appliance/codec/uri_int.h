/* uri_int.h: what the three files of the URI codec share. */
#ifndef CODEC_URI_INT_H
#define CODEC_URI_INT_H

#include "base/str.h"

static inline int uri_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The octet of the %HH that s begins with, or -1. */
static inline int uri_escape_at(struct str s)
{
	int hi, lo;

	if (s.len < 3 || s.p[0] != '%')
		return -1;
	hi = uri_hex_value(s.p[1]);
	lo = uri_hex_value(s.p[2]);
	return hi < 0 || lo < 0 ? -1 : hi * 16 + lo;
}

#endif
