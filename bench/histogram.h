/* histogram.h - how long things took, in logarithmic cells: 64 to each power of two, so any quantile is told within
 * 1.6 % however long the tail, in 20 kB and without keeping the values. Microseconds. */
#pragma once
#include <stdint.h>

enum { HISTOGRAM_CELL_BITS = 6, HISTOGRAM_CELLS = (40 - HISTOGRAM_CELL_BITS + 1) << HISTOGRAM_CELL_BITS };

struct histogram {
	uint64_t cells[HISTOGRAM_CELLS];
	uint64_t count, max_us;
};

void histogram_add(struct histogram *histogram, uint64_t us);
/* The least value that `share` (0..1) of the values do not exceed; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);
