/* Gives memory back after many have come or gone.  What a storm of sign-ins needed for moments, and what those who
 * left held, lies free between what lives: the C library keeps it unless told. */
#include <malloc.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "app/server_int.h"

struct trim {
	struct server *server;
	struct timer timer;
	uint64_t trimmed_at, last; /* endpoints: at the last trim, at the last look */
	unsigned quiet;		   /* looks in a row that found about as many as before */
};

/* Some milliseconds for tens of MiB; a worker's, and others allocate meanwhile from the other arena or wait. */
static void run(struct work *w)
{
	(void)malloc_trim(0);
	free(w);
}

static void start_trim(struct trim *t)
{
	struct work *w = xcalloc(1, sizeof(*w));

	w->run = run;
	w->cls = WORK_LIGHT;
	if (worker_submit(t->server->workers, w) != E_OK)
		free(w);
	else
		log_info("memory", "given back, now that it is quiet endpoints=%llu",
			 (unsigned long long)t->last);
}

static uint64_t difference(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Once it is quiet again: in the middle of a storm what is given back is asked for at once, and answers are kept for
 * another half minute for those who ask twice. */
static void on_look(struct timer *timer, void *arg)
{
	struct trim *t = arg;
	struct registrar_stats st;

	registrar_stats_get(t->server->registrar, &st);
	t->quiet = difference(st.endpoints, t->last) < TRIM_ENDPOINTS / 4 ? t->quiet + 1 : 0;
	if (t->quiet >= TRIM_QUIET_LOOKS &&
	    difference(st.endpoints, t->trimmed_at) >= TRIM_ENDPOINTS) {
		start_trim(t);
		t->trimmed_at = st.endpoints;
	}
	t->last = st.endpoints;
	timer_start(loop_heap(t->server->sw), timer, clk_ms() + TRIM_LOOK_MS);
}

void server_trim_watch(struct server *s)
{
	struct trim *t = xcalloc(1, sizeof(*t));

	t->server = s;
	s->trim = t;
	timer_init(&t->timer, on_look, t);
	timer_start(loop_heap(s->sw), &t->timer, clk_ms() + TRIM_LOOK_MS);
}

void server_trim_free(struct server *s)
{
	if (s->trim == NULL)
		return;
	timer_stop(loop_heap(s->sw), &s->trim->timer);
	free(s->trim);
	s->trim = NULL;
}
