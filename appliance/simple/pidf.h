/* pidf.h: presence documents: PIDF with RPID (RFC 3863, 4479, 4480).
 *
 * Pure.  What standards clients say is narrower than what the domain knows, and
 * they differ; the tables in pidf.c are the one place where that is decided. */
#ifndef SIMPLE_PIDF_H
#define SIMPLE_PIDF_H

#include "base/buf.h"
#include "base/err.h"
#include "presence/state.h"

/* Linphone says and reads "do not disturb" as closed and away, with or without its own online element
 * (liblinphone 5.1); others take closed for offline. */
enum pidf_flavour { PIDF_STANDARD, PIDF_LINPHONE, PIDF_FLAVOURS };

void pidf_encode(enum pidf_flavour flavour, struct str entity, const struct presence_state *s,
		 struct buf *out);

/* What a client publishes of itself. */
struct pidf {
	enum avail avail; /* AVAILABLE, BUSY, DND, AWAY or OFFLINE */
	enum activity activity;
	struct str note; /* owned: trimmed, at most PRESENCE_NOTE_MAX bytes */
};

/* E_BAD: not a presence document; else as xml_decode.  After success: pidf_fini. */
MUST_USE enum err pidf_decode(enum pidf_flavour flavour, struct str body, struct pidf *out);

void pidf_fini(struct pidf *p);

#endif
