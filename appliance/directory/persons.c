/* Accounts in memory, by id, by name and in the order of their names. */
#include "directory/directory_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#include "directory/roster_int.h"

void text_set(struct str *to, struct str from)
{
	struct str copy = from.len == 0 ? STR("") : str_dup(from);

	if (to->len > 0)
		str_free(to);
	*to = copy;
}

struct person *person_get(const struct directory *d, account_id id)
{
	struct map_node *n = map_get_id(&d->by_id, (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct person, by_id);
}

void person_set_credential(struct person *p, const struct db_credential *c)
{
	memcpy(p->a.ha1_md5, c->ha1_md5, sizeof(p->a.ha1_md5));
	memcpy(p->a.ha1_md5_domain, c->ha1_md5_domain, sizeof(p->a.ha1_md5_domain));
	memcpy(p->a.ha1_sha256, c->ha1_sha256, sizeof(p->a.ha1_sha256));
	memcpy(p->a.ha1_sha256_domain, c->ha1_sha256_domain, sizeof(p->a.ha1_sha256_domain));
	memcpy(p->a.nt_hash, c->nt_hash, sizeof(p->a.nt_hash));
	p->a.has_nt = c->has_nt;
}

void person_set_department(struct directory *d, struct person *p, department_id id)
{
	struct unit *was = unit_get(d, p->a.department), *is = unit_get(d, id);

	if (was != NULL)
		was->d.members--;
	list_del(&p->in_unit);
	if (is != NULL) {
		is->d.members++;
		list_push_back(&is->members, &p->in_unit);
	}
	p->a.department = is != NULL ? id : 0;
}

struct person *person_new(struct directory *d, const struct db_account *a,
			  const struct db_credential *c)
{
	struct person *p = xcalloc(1, sizeof(*p));

	p->a = (struct account){
		.id = a->id,
		.name = str_dup(a->name),
		.enabled = a->enabled,
		.created_ms = a->created_ms,
		.password_set_ms = a->password_set_ms,
		.last_sign_in_ms = a->last_sign_in_ms,
	};
	p->roster_version = 1;
	list_init(&p->roster_edits);
	text_set(&p->a.display, a->display);
	text_set(&p->a.email, a->email);
	text_set(&p->a.title, a->title);
	text_set(&p->a.phone, a->phone);
	if (c != NULL)
		person_set_credential(p, c);
	person_set_department(d, p, a->department_id);
	map_put_id(&d->by_id, &p->by_id, (uint64_t)p->a.id);
	map_put(&d->by_name, &p->by_name, p->a.name);
	return p;
}

/* --- the order of names --- */

static int compare(const void *a, const void *b)
{
	const struct person *const *x = a, *const *y = b;

	return str_cmp((*x)->a.name, (*y)->a.name);
}

/* The first of the n sorted ones whose name is not before name, or with after, the first behind it. */
static size_t position(const struct directory *d, size_t n, struct str name, bool after)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = str_cmp(d->sorted[mid]->a.name, name);

		if (c < 0 || (after && c == 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* From the back, so that each pointer moves once however many come. */
void persons_sort_in(struct directory *d, struct person **v, size_t count)
{
	size_t old = d->by_id.count - count, to = d->by_id.count;

	if (count == 0)
		return;
	if (to > d->sorted_cap) {
		d->sorted_cap = to + to / 2;
		d->sorted = xrealloc(d->sorted, d->sorted_cap * sizeof(*d->sorted));
	}
	qsort(v, count, sizeof(struct person *), compare);
	while (count > 0) {
		size_t at = position(d, old, v[count - 1]->a.name, false), n = old - at;

		if (n > 0)
			memmove(&d->sorted[to - n], &d->sorted[at], n * sizeof(*d->sorted));
		to -= n;
		old = at;
		d->sorted[--to] = v[--count];
	}
}

void directory_each(const struct directory *d, struct str after, directory_each_fn *fn, void *arg)
{
	size_t i = after.p == NULL ? 0 : position(d, d->by_id.count, after, true);

	while (i < d->by_id.count && fn(&d->sorted[i]->a, arg))
		i++;
}

/* --- going --- */

void person_remove(struct directory *d, struct person *p)
{
	size_t at = position(d, d->by_id.count, p->a.name, false);

	assert(d->sorted[at] == p);
	person_set_department(d, p, 0);
	memmove(&d->sorted[at], &d->sorted[at + 1], (d->by_id.count - at - 1) * sizeof(*d->sorted));
	map_del(&d->by_id, &p->by_id);
	map_del(&d->by_name, &p->by_name);
}

/* The one place that frees. */
void person_free(struct person *p)
{
	text_set(&p->a.display, STR(""));
	text_set(&p->a.email, STR(""));
	text_set(&p->a.title, STR(""));
	text_set(&p->a.phone, STR(""));
	str_free(&p->a.name);
	roster_free(&p->roster);
	free(p->subscriber);
	mem_wipe(&p->a, sizeof(p->a));
	free(p);
}
