#include "sip/quirks.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"

static const struct {
	struct str prefix; /* of User-Agent */
	unsigned quirks;
} table[] = {
	/* libre before 2.0 gives up at the first challenge whose algorithm it does not know,
	 * Debian 12's baresip 1.0.0 among them; NTLM beside Digest does the same. */
	{ { "baresip v0.", 11 }, SIP_QUIRK_MD5_ONLY },
	{ { "baresip v1.", 11 }, SIP_QUIRK_MD5_ONLY },
	{ { "Linphone", 8 }, SIP_QUIRK_SHA256 },
};

unsigned sip_quirks_of(struct str user_agent)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_istarts(user_agent, table[i].prefix))
			return table[i].quirks;
	return 0;
}

enum { WAYS = 4 };

struct offer {
	uint64_t who; /* 0: free */
	int64_t at_ms;
	bool demoted;
};

/* A table of sets of WAYS entries; a full set loses its oldest.  Losing one only means that the
 * client is offered the pair once more. */
struct sip_offers {
	uint64_t seed;
	struct offer v[SIP_OFFERS_MAX];
};

struct sip_offers *sip_offers_new(void)
{
	struct sip_offers *o = xcalloc(1, sizeof(*o));

	o->seed = rand_u64();
	return o;
}

void sip_offers_free(struct sip_offers **op)
{
	free(*op);
	*op = NULL;
}

uint64_t sip_offers_who(const struct sip_offers *o, uint64_t source, struct str account,
			struct str user_agent)
{
	uint64_t who = str_ihash(o->seed ^ source, account) ^
		       str_hash(o->seed + source, user_agent);

	return who == 0 ? 1 : who;
}

static struct offer *set_of(struct sip_offers *o, uint64_t who)
{
	return &o->v[who % (SIP_OFFERS_MAX / WAYS) * WAYS];
}

static struct offer *find(struct sip_offers *o, uint64_t who)
{
	struct offer *set = set_of(o, who);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].who == who)
			return &set[i];
	return NULL;
}

static struct offer *take_oldest(struct sip_offers *o, uint64_t who)
{
	struct offer *set = set_of(o, who), *oldest = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].who == 0)
			return &set[i];
		if (set[i].at_ms < oldest->at_ms)
			oldest = &set[i];
	}
	return oldest;
}

enum sip_digest_offer sip_offers_choose(struct sip_offers *o, uint64_t who, unsigned quirks,
					int64_t now_ms)
{
	struct offer *e;

	if ((quirks & SIP_QUIRK_MD5_ONLY) != 0)
		return SIP_OFFER_MD5;
	if ((quirks & SIP_QUIRK_SHA256) != 0)
		return SIP_OFFER_PAIR;
	e = find(o, who);
	if (e != NULL && now_ms - e->at_ms < SIP_OFFER_MEMORY_MS) {
		e->demoted = true;
		return SIP_OFFER_MD5;
	}
	if (e == NULL)
		e = take_oldest(o, who);
	*e = (struct offer){ .who = who, .at_ms = now_ms };
	return SIP_OFFER_PAIR;
}

void sip_offers_answered(struct sip_offers *o, uint64_t who)
{
	struct offer *e = find(o, who);

	if (e != NULL && !e->demoted)
		*e = (struct offer){ 0 };
}
