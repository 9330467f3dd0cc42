/* import_doubles.h - tells rows of a file that stand in it twice. */
#pragma once
#include "base/map.h"
#include "text/csv.h"

struct import_doubles {   /* start with {0} but for `text` */
	const char *text; /* of the whole file */
	struct map known; /* hash of a row -> its place in `lines` */
	struct import_line *lines;
	size_t count, capacity;
};
void import_doubles_done(struct import_doubles *doubles);
DEFINE_AUTO_DONE(struct import_doubles, import_doubles_done)

/* The line of an earlier row with the same text, else 0. */
int import_doubles_take(struct import_doubles *doubles, const struct csv_row *row);
