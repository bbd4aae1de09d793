/* clk.h: the two clocks.
 *
 * Loop time is monotonic milliseconds, cached per thread by clk_update once a
 * turn; wall time is Unix milliseconds UTC.  Tests set both by hand. */
#ifndef BASE_CLK_H
#define BASE_CLK_H

#include <stdint.h>

int64_t clk_ms(void);	      /* cached loop time of this thread */
int64_t clk_update(void);     /* reads the clock, returns the new clk_ms */
int64_t clk_wall_ms(void);    /* Unix milliseconds UTC */
int64_t clk_precise_us(void); /* monotonic microseconds, for measuring turns */

void clk_set_ms(int64_t loop_ms, int64_t wall_ms); /* tests: freezes this process's clocks */
void clk_unset(void);

#endif
