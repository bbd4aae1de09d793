/* world.h: a directory over a real store and worker, with the queue of a switch that the test pumps. */
#ifndef TESTS_UNIT_DIRECTORY_WORLD_H
#define TESTS_UNIT_DIRECTORY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/store.h"
#include "directory/directory.h"
#include "net/queue.h"
#include "net/worker.h"

struct world {
	char dir[32];
	struct store *store;
	struct queue *queue;
	struct worker_pool *workers;
	struct directory *d;
	char events[4096]; /* "added alice, changed bob, " */
};

/* What a change answered. */
struct answer {
	bool is_there;
	enum err err;
	int64_t id;
};

static inline void on_answer(void *arg, enum err err, int64_t id)
{
	struct answer *a = arg;

	assert_false(a->is_there); /* once */
	*a = (struct answer){ true, err, id };
}

/* Runs what came back until a has its answer.  The limit is for a hang, not for slowness. */
static inline struct answer *await(struct world *w, struct answer *a)
{
	struct pollfd p = { .fd = queue_fd(w->queue), .events = POLLIN };

	while (!a->is_there) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		queue_run(w->queue, 64);
	}
	return a;
}

static inline void note(struct world *w, const char *what, struct str name)
{
	size_t n = strlen(w->events);

	snprintf(w->events + n, sizeof(w->events) - n, "%s %.*s, ", what, STR_ARG(name));
}

static inline void on_event(void *arg, enum directory_event event, const struct account *a)
{
	static const char *const names[] = {
		[DIRECTORY_ADDED] = "added",	   [DIRECTORY_CHANGED] = "changed",
		[DIRECTORY_PASSWORD] = "password", [DIRECTORY_DISABLED] = "enabled-or-not",
		[DIRECTORY_DELETED] = "deleted",
	};

	note(arg, names[event], a->name);
}

static inline void on_department(void *arg, enum department_event event, const struct department *p)
{
	static const char *const names[] = {
		[DEPARTMENT_ADDED] = "department",
		[DEPARTMENT_RENAMED] = "renamed",
		[DEPARTMENT_DELETED] = "dissolved",
	};

	note(arg, names[event], p->name);
}

static inline void assert_events(struct world *w, const char *want)
{
	assert_string_equal(w->events, want);
	w->events[0] = '\0';
}

static inline void world_start(struct world *w)
{
	assert_int_equal(store_open(w->dir, NULL, &w->store), E_OK);
	w->queue = queue_new();
	w->workers = worker_pool_new(1);
	w->d = directory_new(&(struct directory_cfg){ w->store, w->queue, w->workers });
	assert_int_equal(directory_load(w->d, STR("example.com")), E_OK);
	assert_int_equal(store_start(w->store), E_OK);
	directory_listen(w->d, on_event, w);
	directory_listen_departments(w->d, on_department, w);
}

static inline void world_stop(struct world *w)
{
	directory_free(&w->d);
	worker_pool_free(&w->workers);
	store_close(&w->store);
	while (queue_run(w->queue, 64) > 0) {
	}
	queue_free(&w->queue);
}

/* What is found after this was on the disk. */
static inline void world_restart(struct world *w)
{
	world_stop(w);
	world_start(w);
}

static inline int world_new(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	log_to_stderr(false);
	snprintf(w->dir, sizeof(w->dir), "/tmp/porchlight-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	world_start(w);
	*state = w;
	return 0;
}

static inline int world_end(void **state)
{
	struct world *w = *state;
	DIR *d;

	world_stop(w);
	d = opendir(w->dir);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		if (e->d_name[0] != '.')
			unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
	assert_int_equal(rmdir(w->dir), 0);
	free(w);
	return 0;
}

#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_new, world_end)

#define PASSWORD STR("a long enough secret")

static inline account_id add_account(struct world *w, const char *name)
{
	struct account_new n = { .name = str_of(name), .password = PASSWORD };
	struct answer a = { 0 };

	directory_add(w->d, &n, on_answer, &a);
	assert_false(a.is_there); /* never from inside the call */
	assert_int_equal(await(w, &a)->err, E_OK);
	return a.id;
}

static inline department_id add_department(struct world *w, const char *name)
{
	struct answer a = { 0 };

	directory_department_add(w->d, str_of(name), on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_OK);
	return a.id;
}

#endif
