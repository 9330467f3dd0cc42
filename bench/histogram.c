#include "histogram.h"

enum { CELLS_EACH = 1 << HISTOGRAM_CELL_BITS };

/* Below 64 each value has its own cell; above, the highest bit chooses the row and the next six bits the cell. */
static unsigned
cell_of(uint64_t us)
{
	if (us < CELLS_EACH)
		return (unsigned)us;
	unsigned shift = 63 - (unsigned)__builtin_clzll(us) - HISTOGRAM_CELL_BITS;
	unsigned cell = ((shift + 1) << HISTOGRAM_CELL_BITS) + (unsigned)((us >> shift) - CELLS_EACH);

	return cell < HISTOGRAM_CELLS ? cell : HISTOGRAM_CELLS - 1;
}

/* The greatest value of a cell. */
static uint64_t
cell_end(unsigned cell)
{
	if (cell < CELLS_EACH)
		return cell;
	unsigned shift = (cell >> HISTOGRAM_CELL_BITS) - 1;

	return (((uint64_t)(cell & (CELLS_EACH - 1)) + CELLS_EACH + 1) << shift) - 1;
}

void
histogram_add(struct histogram *histogram, uint64_t us)
{
	histogram->cells[cell_of(us)]++;
	histogram->count++;
	if (us > histogram->max_us)
		histogram->max_us = us;
}

uint64_t
histogram_quantile(const struct histogram *histogram, double share)
{
	uint64_t wanted = (uint64_t)((double)histogram->count * share + 0.5), seen = 0;

	wanted = wanted == 0 ? 1 : wanted;
	for (unsigned i = 0; i < HISTOGRAM_CELLS; i++) {
		seen += histogram->cells[i];
		if (seen >= wanted)
			return cell_end(i) < histogram->max_us ? cell_end(i) : histogram->max_us;
	}
	return histogram->max_us;
}
