/* date.h: the two date forms on the wire: RFC 1123 in GMT (SIP, HTTP) and RFC 3339 (XML, CPIM, JSON).
 *
 * Times are Unix time, UTC, years 1 to 9999. */
#ifndef CODEC_DATE_H
#define CODEC_DATE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { DATE_SIP_CAP = 30, DATE_ISO_CAP = 25 }; /* with the NUL */

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
void date_sip_encode(int64_t unix_s, char out[DATE_SIP_CAP]);
/* GMT only, weekday must fit */
MUST_USE enum err date_sip_decode(struct str s, int64_t *unix_s_out);

/* "1994-11-06T08:49:37.000Z" */
void date_iso_encode(int64_t unix_ms, char out[DATE_ISO_CAP]);
/* RFC 3339: fractions are cut to milliseconds, offsets applied; no offset is E_BAD. */
MUST_USE enum err date_iso_decode(struct str s, int64_t *unix_ms_out);

#endif
