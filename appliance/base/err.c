#include "base/err.h"

const char *err_str(enum err e)
{
	switch (e) {
	case E_OK:
		return "ok";
	case E_MORE:
		return "more bytes needed";
	case E_BAD:
		return "malformed";
	case E_TOOBIG:
		return "too big";
	case E_FULL:
		return "full";
	case E_NOMEM:
		return "out of memory";
	case E_NOTFOUND:
		return "not found";
	case E_EXISTS:
		return "exists already";
	case E_DENIED:
		return "not allowed";
	case E_AUTH:
		return "wrong credentials";
	case E_STALE:
		return "stale";
	case E_GONE:
		return "gone";
	case E_AGAIN:
		return "busy";
	case E_IO:
		return "i/o error";
	case E_UNSUPPORTED:
		return "not supported";
	case E_CLOSED:
		return "closed";
	case E_TIMEOUT:
		return "timed out";
	case E_CORRUPT:
		return "corrupt";
	case E_INTERNAL:
		return "internal error";
	}
	return "unknown error";
}
