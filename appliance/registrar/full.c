/* Who makes room when an account has all the endpoints it may have.
 *
 * The endpoint whose person has done nothing for longest.  A standards client
 * cannot be told to stay away: it comes back as soon as its connection ends.
 * With one client too many they would push each other out for ever, so who gave
 * its place is remembered with the time its person was last there, and pushes
 * nobody out who was there later.  A Lync-class client is told and stays away;
 * when it comes back its person wants that. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"

#include "registrar/registrar_int.h"

static void yielded_fini(struct yielded *y)
{
	str_free(&y->contact);
	str_free(&y->instance);
}

static void yielded_drop(struct holder *h, size_t i)
{
	yielded_fini(&h->yielded[i]);
	h->n_yielded--;
	for (; i < h->n_yielded; i++)
		h->yielded[i] = h->yielded[i + 1];
}

void full_forget(struct holder *h)
{
	while (h->n_yielded > 0)
		yielded_drop(h, h->n_yielded - 1);
	free(h->yielded);
	h->yielded = NULL;
}

static void remember(struct holder *h, const struct endpoint *e)
{
	if (e->dialect != DIALECT_SIMPLE)
		return;
	if (h->yielded == NULL)
		h->yielded = xcalloc(REG_YIELDED_MAX, sizeof(*h->yielded));
	if (h->n_yielded == REG_YIELDED_MAX)
		yielded_drop(h, 0);
	h->yielded[h->n_yielded++] = (struct yielded){
		.contact = str_dup(e->contact),
		.instance = e->instance.len == 0 ? STR_NULL : str_dup(e->instance),
		.reg_id = e->reg_id,
		.active_ms = e->active_ms,
		.until_ms = clk_ms() + REG_YIELDED_MS,
	};
}

/* The index, or n_yielded. */
static size_t find_yielded(const struct holder *h, const struct binding *b)
{
	for (size_t i = 0; i < h->n_yielded; i++) {
		const struct yielded *y = &h->yielded[i];

		if (binding_is_of(b, y->instance, y->reg_id, y->contact))
			return i;
	}
	return h->n_yielded;
}

int64_t full_active_ms(struct holder *h, const struct binding *b)
{
	size_t i = find_yielded(h, b);
	int64_t active_ms = clk_ms();

	if (i == h->n_yielded)
		return active_ms;
	if (active_ms < h->yielded[i].until_ms)
		active_ms = h->yielded[i].active_ms;
	yielded_drop(h, i);
	return active_ms;
}

/* Since when the newcomers have been idle; INT64_MAX: they are new. */
static int64_t idle_since(const struct holder *h, const struct registration *reg)
{
	int64_t since = INT64_MAX;

	for (size_t k = 0; k < reg->count; k++) {
		size_t i = find_yielded(h, &reg->binding[k]);

		if (i < h->n_yielded && clk_ms() < h->yielded[i].until_ms &&
		    h->yielded[i].active_ms < since)
			since = h->yielded[i].active_ms;
	}
	return since;
}

/* Not the client that asks, nor what shares its connection: that would end with it. */
static bool may_yield(const struct entry *x, const struct registration *reg, int64_t before_ms)
{
	const struct endpoint *e = &x->e;

	if (x->holds > 0 || e->conn == reg->conn || e->active_ms >= before_ms)
		return false;
	for (size_t i = 0; i < reg->count; i++)
		if (binding_is_of(&reg->binding[i], e->instance, e->reg_id, e->contact))
			return false;
	return true;
}

static bool is_taken(const endpoint_id *id, size_t n, endpoint_id x)
{
	for (size_t i = 0; i < n; i++)
		if (id[i] == x)
			return true;
	return false;
}

/* The list has the newest first: of those idle equally long the last, which is the oldest. */
static const struct endpoint *idlest(struct holder *h, const struct registration *reg,
				     int64_t before_ms, const endpoint_id *taken, size_t n)
{
	const struct endpoint *found = NULL;

	LIST_EACH (&h->list, node) {
		const struct endpoint *e = &entry_in_account(node)->e;

		if (may_yield(entry_in_account(node), reg, before_ms) &&
		    !is_taken(taken, n, e->id) &&
		    (found == NULL || e->active_ms <= found->active_ms))
			found = e;
	}
	return found;
}

enum err full_make_room(struct registrar *r, struct holder *h, const struct registration *reg,
			size_t count)
{
	endpoint_id id[ENDPOINTS_PER_ACCOUNT];
	int64_t before_ms;
	size_t n = 0;

	if (r->full == FULL_REFUSE || h == NULL || count > ARRAY_LEN(id))
		return E_FULL;
	before_ms = idle_since(h, reg);
	for (; n < count; n++) {
		const struct endpoint *e = idlest(h, reg, before_ms, id, n);

		if (e == NULL)
			return E_FULL;
		id[n] = e->id;
	}
	for (size_t i = 0; i < n; i++)
		remember(h, registrar_get(r, id[i]));
	/* The last one's end may end the holder; and a listener may end others. */
	for (size_t i = 0; i < n; i++)
		if (registrar_end_endpoint(r, id[i], END_YIELDED) == E_OK)
			r->stats.yielded++;
	return E_OK;
}
