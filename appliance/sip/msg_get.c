#include <string.h>

#include "base/limits.h"
#include "base/num.h"

#include "sip/msg.h"

bool sip_msg_is_answerable(const struct sip_msg *m)
{
	return sip_msg_is_request(m) && m->method_id != SIP_METHOD_ACK &&
	       m->first[SIP_HDR_VIA] != 0 && m->first[SIP_HDR_FROM] != 0 &&
	       m->first[SIP_HDR_TO] != 0 && m->first[SIP_HDR_CALL_ID] != 0 &&
	       m->first[SIP_HDR_CSEQ] != 0;
}

const struct sip_hdr *sip_msg_first(const struct sip_msg *m, enum sip_hdr_id id)
{
	return m->first[id] == 0 ? NULL : &m->hdr[m->first[id] - 1];
}

const struct sip_hdr *sip_msg_next(const struct sip_msg *m, const struct sip_hdr *h)
{
	return h->next == 0 ? NULL : &m->hdr[h->next - 1];
}

struct str sip_msg_get(const struct sip_msg *m, enum sip_hdr_id id)
{
	return m->first[id] == 0 ? STR_NULL : m->hdr[m->first[id] - 1].value;
}

struct str sip_msg_get_name(const struct sip_msg *m, struct str name)
{
	enum sip_hdr_id id = sip_hdr_id_of(name);

	if (id != SIP_HDR_OTHER)
		return sip_msg_get(m, id);
	for (size_t i = 0; i < m->hdr_count; i++)
		if (str_ieq(m->hdr[i].name, name))
			return m->hdr[i].value;
	return STR_NULL;
}

bool sip_msg_get_nth(const struct sip_msg *m, enum sip_hdr_id id, size_t k, struct str *out)
{
	const struct sip_hdr *h = sip_msg_first(m, id);

	while (h != NULL && k-- > 0)
		h = sip_msg_next(m, h);
	if (h == NULL)
		return false;
	*out = h->value;
	return true;
}

void sip_msg_each_token(const struct sip_msg *m, enum sip_hdr_id id, sip_token_fn *fn, void *arg)
{
	for (const struct sip_hdr *h = sip_msg_first(m, id); h != NULL; h = sip_msg_next(m, h)) {
		struct str rest = h->value;

		while (rest.p != NULL) {
			struct str token = str_trim(str_cut(&rest, ','));

			if (token.len > 0 && !fn(arg, token))
				return;
		}
	}
}

struct wanted {
	struct str token;
	bool found;
};

static bool is_wanted(void *arg, struct str token)
{
	struct wanted *w = arg;

	w->found = str_ieq(token, w->token);
	return !w->found;
}

bool sip_msg_has_token(const struct sip_msg *m, enum sip_hdr_id id, struct str token)
{
	struct wanted w = { token, false };

	sip_msg_each_token(m, id, is_wanted, &w);
	return w.found;
}

enum err sip_msg_addrs(struct sip_msg *m, enum sip_hdr_id id, struct sip_addr_list *out)
{
	struct sip_addr_list l = { NULL, 0 };
	size_t cap = 0;

	for (const struct sip_hdr *h = sip_msg_first(m, id); h != NULL; h = sip_msg_next(m, h)) {
		struct str rest = h->value;

		do {
			if (l.len == cap) {
				struct sip_addr *grown;

				if (cap == SIP_LISTED_MAX)
					return E_FULL;
				cap = cap == 0 ? 1 : cap * 2;
				grown = arena_alloc(&m->arena, cap * sizeof(*grown));
				if (grown == NULL)
					return E_NOMEM;
				if (l.len > 0)
					memcpy(grown, l.v, l.len * sizeof(*grown));
				l.v = grown;
			}
			if (sip_addr_next(rest, &l.v[l.len], &rest) != E_OK)
				return E_BAD;
			l.len++;
		} while (rest.p != NULL);
	}
	*out = l;
	return E_OK;
}

uint32_t sip_contact_expires_s(const struct sip_msg *m, const struct sip_addr *contact,
			       uint32_t dflt)
{
	struct str own = sip_addr_param(contact, STR("expires"));
	uint32_t n;

	if (own.p != NULL && num_u32(own, 0, UINT32_MAX, &n) == E_OK)
		return n;
	return m->has_expires ? m->expires_s : dflt;
}
