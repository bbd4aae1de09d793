/* Who is told what: levels, shared renderings, latest state wins; then a random walk against a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clk.h"
#include "base/heap.h"
#include "base/mem.h"
#include "presence/presence.h"

enum { PEOPLE = 5, WATCHES = 12, STEPS = 4000 };

/* What each watch was last told; ctx is its index. */
static struct told {
	bool on, ended;
	int64_t presentity, watcher;
	watch_id id;
	char text[96];
	unsigned times;
} told[WATCHES];

static struct heap heap;
static unsigned wakes, renders;

static void render(void *arg, const struct presence_view *v, struct buf *out)
{
	(void)arg;
	renders++;
	buf_addf(out, "%s/%s/%.*s", avail_name(v->state->avail), activity_name(v->state->activity),
		 STR_ARG(v->state->note));
}

static enum err notify(void *arg, watch_id id, uint64_t ctx, const struct presence_view *v,
		       struct str rendering)
{
	(void)arg;
	assert_int_equal(told[ctx].id, id);
	assert_int_equal(told[ctx].presentity, v->presentity);
	assert_true(rendering.len < sizeof(told[ctx].text));
	memcpy(told[ctx].text, rendering.p, rendering.len);
	told[ctx].text[rendering.len] = '\0';
	told[ctx].times++;
	return E_OK;
}

static void on_end(void *arg, watch_id id, uint64_t ctx, enum presence_end why)
{
	(void)arg;
	(void)why;
	assert_int_equal(told[ctx].id, id);
	told[ctx].ended = true;
	told[ctx].on = false;
}

static void wake(void *arg)
{
	(void)arg;
	wakes++;
}

static struct presence *setup(void)
{
	const struct presence_cfg cfg = { .heap = &heap, .wake = wake };
	const struct presence_dialect d = { .render = render, .notify = notify, .on_end = on_end };
	struct presence *p;

	clk_set_ms(1000, 1000000);
	heap_init(&heap);
	memset(told, 0, sizeof(told));
	wakes = renders = 0;
	p = presence_new(&cfg);
	assert_int_equal(presence_add_dialect(p, &d), 0);
	return p;
}

static void teardown(struct presence *p)
{
	presence_free(&p);
	presence_free(&p);
	assert_int_equal(heap.len, 0);
	heap_fini(&heap);
}

static void watch(struct presence *p, size_t i, int64_t presentity, int64_t watcher)
{
	told[i] = (struct told){ .on = true, .presentity = presentity, .watcher = watcher };
	assert_int_equal(presence_watch(p, presentity, watcher, 0, i, &told[i].id), E_OK);
	presence_watch_again(p, told[i].id);
}

static void work(struct presence *p)
{
	while (presence_work(p, 3))
		;
}

static void say(struct presence *p, int64_t who, uint64_t endpoint, enum facet_kind kind,
		enum avail a, const char *note)
{
	struct facet f = { .endpoint = endpoint,
			   .source = 7,
			   .kind = kind,
			   .avail = a,
			   .note = str_of(note),
			   .published_ms = clk_wall_ms(),
			   .expires_ms = INT64_MAX };

	assert_int_equal(presence_put(p, who, &f), E_OK);
}

static void test_levels(void **state)
{
	struct presence *p = setup();

	(void)state;
	assert_int_equal(presence_access_set(p, 1, 10, ACCESS_BLOCKED), E_OK);
	assert_int_equal(presence_access_set(p, 1, 11, ACCESS_PUBLIC), E_OK);
	for (size_t i = 0; i < 4; i++)
		watch(p, i, 1, 10 + (int64_t)i);
	presence_endpoint_on(p, 1, 5);
	say(p, 1, 5, FACET_USER, AVAIL_BUSY, "deep work");
	work(p);
	assert_string_equal(told[0].text, "offline//");
	assert_string_equal(told[1].text, "busy//");
	assert_string_equal(told[2].text, "busy//deep work");
	assert_string_equal(told[3].text, "busy//deep work");
	assert_int_equal(renders, 3);	    /* once per level, not once per watcher */
	assert_int_equal(told[3].times, 1); /* three changes, latest wins */

	/* A new note tells nothing to the blocked and the public. */
	say(p, 1, 5, FACET_USER, AVAIL_BUSY, "deeper work");
	work(p);
	assert_int_equal(told[0].times, 1);
	assert_int_equal(told[1].times, 1);
	assert_int_equal(told[2].times, 2);

	presence_access_clear(p, 1, 10);
	work(p);
	assert_string_equal(told[0].text, "busy//deeper work");
	teardown(p);
}

/* What a dialect adds to a rendering has changed: its watchers get it anew, though the state is the same. */
static void test_touch(void **state)
{
	struct presence_state all, team;
	struct presence *p = setup();

	(void)state;
	watch(p, 0, 1, 10);
	presence_endpoint_on(p, 1, 5);
	work(p);
	assert_int_equal(told[0].times, 1);
	presence_touch(p, 1, 0);
	presence_touch(p, 99, 0); /* nobody knows that one */
	work(p);
	assert_int_equal(told[0].times, 2);
	assert_int_equal(renders, 2);
	assert_string_equal(told[0].text, "available//");

	say(p, 1, 5, FACET_USER, AVAIL_DND, "");
	assert_int_equal(presence_put(p, 1,
				      &(struct facet){ .endpoint = 5,
						       .source = 7,
						       .kind = FACET_USER,
						       .audience = FACET_FOR_TEAM,
						       .avail = AVAIL_BUSY,
						       .activity = ACTIVITY_URGENT_ONLY,
						       .published_ms = clk_wall_ms(),
						       .expires_ms = INT64_MAX }),
			 E_OK);
	presence_state_for(p, 1, FACET_FOR_ALL, &all);
	presence_state_for(p, 1, FACET_FOR_TEAM, &team);
	assert_int_equal(all.avail, AVAIL_DND);
	assert_int_equal(team.avail, AVAIL_BUSY);
	presence_state_for(p, 99, FACET_FOR_ALL, &all);
	assert_int_equal(all.avail, AVAIL_OFFLINE);
	teardown(p);
}

static void test_account_gone(void **state)
{
	struct presence *p = setup();

	(void)state;
	watch(p, 0, 1, 2);
	watch(p, 1, 2, 1);
	watch(p, 2, 1, 1);
	presence_endpoint_on(p, 1, 5);
	presence_account_gone(p, 1);
	assert_true(told[0].ended && told[1].ended && told[2].ended);
	work(p);
	presence_unwatch(p, told[0].id);
	teardown(p);
}

static void test_expiry_is_a_change(void **state)
{
	struct presence *p = setup();
	struct facet f = { .endpoint = 5,
			   .source = 7,
			   .kind = FACET_MACHINE,
			   .avail = AVAIL_AVAILABLE,
			   .expires_ms = 5000 };

	(void)state;
	watch(p, 0, 1, 2);
	assert_int_equal(presence_put(p, 1, &f), E_OK);
	work(p);
	assert_string_equal(told[0].text, "available//");
	clk_set_ms(5000, 1004000);
	assert_int_equal(heap_run(&heap, 5000, 10), 1);
	work(p);
	assert_string_equal(told[0].text, "offline//");
	teardown(p);
}

/* --- the random walk --- */

static uint32_t seed;

static uint32_t pick(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void check_all(struct presence *p)
{
	for (size_t i = 0; i < WATCHES; i++) {
		struct presence_state s;
		char want[96];

		if (!told[i].on)
			continue;
		presence_get(p, told[i].presentity, told[i].watcher, &s);
		snprintf(want, sizeof(want), "%s/%s/%.*s", avail_name(s.avail),
			 activity_name(s.activity), STR_ARG(s.note));
		assert_string_equal(told[i].text, want);
	}
}

static void step(struct presence *p)
{
	static const enum avail machine[] = { AVAIL_AVAILABLE, AVAIL_IDLE, AVAIL_AWAY,
					      AVAIL_OFFLINE };
	static const enum avail user[] = { AVAIL_AVAILABLE, AVAIL_BUSY, AVAIL_DND, AVAIL_AWAY };
	int64_t who = 1 + pick(PEOPLE), other = 1 + pick(PEOPLE);
	uint64_t endpoint = (uint64_t)who * 10 + pick(2);
	size_t i = pick(WATCHES);

	switch (pick(9)) {
	case 0:
		presence_endpoint_on(p, who, endpoint);
		break;
	case 1:
		presence_endpoint_off(p, who, endpoint);
		break;
	case 2:
		say(p, who, endpoint, FACET_MACHINE, machine[pick(4)], NULL);
		break;
	case 3:
		say(p, who, 0, FACET_USER, user[pick(4)], pick(2) ? "note" : NULL);
		break;
	case 4:
		presence_drop(p, who, endpoint, 7);
		break;
	case 5:
		if (told[i].on) {
			presence_unwatch(p, told[i].id);
			told[i].on = false;
		} else {
			watch(p, i, who, other);
		}
		break;
	case 6:
		assert_int_equal(
			presence_access_set(p, who, other, (enum access_level)pick(ACCESS_LEVELS)),
			E_OK);
		break;
	case 7:
		presence_access_clear(p, who, other);
		break;
	case 8:
		if (pick(20) == 0)
			presence_account_gone(p, who);
		break;
	}
}

static void test_random_walk(void **state)
{
	(void)state;
	for (uint32_t round = 1; round <= 20; round++) {
		struct presence *p = setup();

		seed = round;
		for (int i = 0; i < STEPS; i++) {
			step(p);
			if (pick(4) == 0) {
				work(p);
				check_all(p);
			}
		}
		teardown(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),	     cmocka_unit_test(test_touch),
		cmocka_unit_test(test_account_gone), cmocka_unit_test(test_expiry_is_a_change),
		cmocka_unit_test(test_random_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
