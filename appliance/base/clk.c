#include "base/clk.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static _Thread_local int64_t cached_ms;
static atomic_bool is_set; /* by a test */
static _Atomic int64_t set_ms, set_wall_ms;

static int64_t read_us(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clk_update(void)
{
	cached_ms = is_set ? set_ms : read_us(CLOCK_MONOTONIC) / 1000;
	return cached_ms;
}

int64_t clk_ms(void)
{
	if (is_set)
		return set_ms;
	return cached_ms == 0 ? clk_update() : cached_ms;
}

int64_t clk_wall_ms(void)
{
	return is_set ? set_wall_ms : read_us(CLOCK_REALTIME) / 1000;
}

int64_t clk_precise_us(void)
{
	return read_us(CLOCK_MONOTONIC);
}

void clk_set_ms(int64_t loop_ms, int64_t wall_ms)
{
	set_ms = loop_ms;
	set_wall_ms = wall_ms;
	is_set = true;
}

void clk_unset(void)
{
	is_set = false;
	cached_ms = 0;
}
