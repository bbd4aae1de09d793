/* quirks.h: what known clients need, by User-Agent, and what unknown ones have shown.
 *
 * A guess by User-Agent never weakens anything: MD5 is offered to all anyway. */
#ifndef SIP_QUIRKS_H
#define SIP_QUIRKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "sip/digest.h"

enum sip_quirk {
	SIP_QUIRK_MD5_ONLY = 1 << 0, /* gives up when a SHA-256 challenge is among the offers */
	SIP_QUIRK_SHA256 = 1 << 1,   /* known to cope with the pair: never demoted */
};

unsigned sip_quirks_of(struct str user_agent);

/* Clients that met the pair and came back without credentials get MD5 alone next time. */
struct sip_offers; /* opaque */
struct sip_offers *sip_offers_new(void);
void sip_offers_free(struct sip_offers **op);

/* who: a keyed hash of source, account asked for and User-Agent.  A first challenge is due:
 * which one?  Remembers that it was given. */
enum sip_digest_offer sip_offers_choose(struct sip_offers *o, uint64_t who, unsigned quirks,
					int64_t now_ms);
/* credentials came: the offer was understood */
void sip_offers_answered(struct sip_offers *o, uint64_t who);
uint64_t sip_offers_who(const struct sip_offers *o, uint64_t source, struct str account,
			struct str user_agent);

#endif
