/* err.h: what a fallible function answers.
 *
 * 0 is success, everything else negative, so that a stream decoder can return
 * a byte count or an error in one int.  Results come through _out parameters,
 * which stay untouched on failure. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_USE __attribute__((warn_unused_result))

enum err {
	E_OK = 0,
	E_MORE = -1,	 /* a stream decoder needs more bytes */
	E_BAD = -2,	 /* malformed input */
	E_TOOBIG = -3,	 /* over a cap of limits.h */
	E_FULL = -4,	 /* a table or queue is at its cap */
	E_NOMEM = -5,	 /* peer-sized memory could not be had */
	E_NOTFOUND = -6, /* no such thing */
	E_EXISTS = -7,	 /* already there */
	E_DENIED = -8,	 /* not allowed */
	E_AUTH = -9,	 /* wrong or missing credentials */
	E_STALE = -10,	 /* was valid once: nonce, version, etag */
	E_GONE = -11,	 /* the id named something that has ended */
	E_AGAIN = -12,	 /* would block, busy: try later */
	E_IO = -13,	 /* the environment failed: disk, socket; errno tells */
	E_UNSUPPORTED = -14,
	E_CLOSED = -15, /* the peer closed */
	E_TIMEOUT = -16,
	E_CORRUPT = -17, /* a file is damaged */
	E_INTERNAL = -18,
};

/* A short lower-case phrase for logs. */
const char *err_str(enum err e);

#endif
