#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"

enum { KEYS = 500, STEPS = 200000 };

struct item {
	struct map_node node;
	char name[16];
	bool is_in; /* the model */
};

static struct item items[KEYS];

static uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

static size_t walk(const struct map *m)
{
	struct map_iter it;
	size_t n = 0;

	for (struct map_node *node = map_first(m, &it); node != NULL; node = map_next(m, &it)) {
		assert_true(CONTAINER_OF(node, struct item, node)->is_in);
		n++;
	}
	return n;
}

static void step_by_name(struct map *m, struct item *i, size_t *count)
{
	struct map_node *found = map_get(m, str_of(i->name));

	assert_ptr_equal(found, i->is_in ? &i->node : NULL);
	if (i->is_in)
		map_del(m, &i->node);
	else
		map_put(m, &i->node, str_of(i->name));
	*count += i->is_in ? (size_t)-1 : 1;
	i->is_in = !i->is_in;
	assert_int_equal(m->count, *count);
}

static void names_follow_a_model(void **state)
{
	uint32_t x = 7;
	size_t count = 0;
	struct map m;

	(void)state;
	map_init(&m);
	for (size_t i = 0; i < KEYS; i++) {
		items[i].is_in = false;
		(void)snprintf(items[i].name, sizeof(items[i].name), "%s%zu",
			       i % 2 ? "user" : "USER", i / 2);
	}
	for (size_t step = 0; step < STEPS; step++) {
		step_by_name(&m, &items[next_random(&x) % KEYS], &count);
		if (step % 1000 == 0)
			assert_int_equal(walk(&m), count);
	}
	map_fini(&m);
	assert_int_equal(m.count, 0);
	assert_null(map_get(&m, STR("user1")));
	map_fini(&m);
}

static void ids_follow_a_model(void **state)
{
	uint32_t x = 11;
	size_t count = 0;
	struct map m;

	(void)state;
	map_init(&m);
	for (size_t i = 0; i < KEYS; i++)
		items[i].is_in = false;
	for (size_t step = 0; step < STEPS; step++) {
		size_t at = next_random(&x) % KEYS;
		uint64_t id = (uint64_t)at << (at % 40); /* ids in rows, and far apart */
		struct item *i = &items[at];

		if (at == 0)
			continue;
		if (i->is_in)
			map_del(&m, &i->node);
		else if (map_get_id(&m, id) == NULL)
			map_put_id(&m, &i->node, id);
		/* another item has that id */
		else
			continue;
		count += i->is_in ? (size_t)-1 : 1;
		i->is_in = !i->is_in;
		assert_ptr_equal(map_get_id(&m, id), i->is_in ? &i->node : NULL);
		assert_int_equal(m.count, count);
	}
	assert_int_equal(walk(&m), count);
	map_fini(&m);
}

static void case_is_folded_on_wish(void **state)
{
	struct map m;

	(void)state;
	map_init_fold(&m);
	map_put(&m, &items[0].node, STR("Alice"));
	assert_ptr_equal(map_get(&m, STR("aLICE")), &items[0].node);
	map_fini(&m);
	map_put(&m, &items[1].node, STR("Bob")); /* fini keeps the kind */
	assert_ptr_equal(map_get(&m, STR("bob")), &items[1].node);
	map_fini(&m);
}

static void the_current_node_may_go(void **state)
{
	struct map_iter it;
	struct map m;
	size_t seen = 0;

	(void)state;
	map_init(&m);
	for (size_t i = 0; i < KEYS; i++)
		map_put_id(&m, &items[i].node, i + 1);
	for (struct map_node *n = map_first(&m, &it); n != NULL; n = map_next(&m, &it), seen++)
		map_del(&m, n);
	assert_int_equal(seen, KEYS);
	assert_int_equal(m.count, 0);
	map_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_follow_a_model),
		cmocka_unit_test(ids_follow_a_model),
		cmocka_unit_test(case_is_folded_on_wish),
		cmocka_unit_test(the_current_node_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
