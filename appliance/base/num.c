#include "base/num.h"

enum err num_u64(struct str s, uint64_t lo, uint64_t hi, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return E_BAD;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(s.p[i] - '0');

		if (s.p[i] < '0' || s.p[i] > '9')
			return E_BAD;
		if (v > (UINT64_MAX - digit) / 10)
			return E_BAD;
		v = v * 10 + digit;
	}
	if (v < lo || v > hi)
		return E_BAD;
	*out = v;
	return E_OK;
}

enum err num_u32(struct str s, uint32_t lo, uint32_t hi, uint32_t *out)
{
	uint64_t v;
	enum err e = num_u64(s, lo, hi, &v);

	if (e == E_OK)
		*out = (uint32_t)v;
	return e;
}

enum err num_hex_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0 || s.len > 16)
		return E_BAD;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned)(c - 'A') + 10;
		else
			return E_BAD;
		v = v << 4 | digit;
	}
	*out = v;
	return E_OK;
}

bool num_mul_size(size_t a, size_t b, size_t *out)
{
	return !__builtin_mul_overflow(a, b, out);
}
