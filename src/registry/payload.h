/* payload.h - what the entry of an act says of its record (docs/ledger.md 2.1):
 *	{0: [state, party acted for, version, reason], field code: value after}
 * Writer and strict reader, both pure. Between entries a record's fields are kept as cells: the pairs code, value of
 * such a map without its head and without key 0, by ascending code. */
#pragma once
#include "ledger/cbor.h"
#include "pack/pack.h"

struct payload_head {
	const struct value *state;
	const unsigned char *party; /* 16 bytes; NULL: the actor acted for itself */
	int64_t version;            /* of the record after the act: 1 when it was made */
	const struct value *reason; /* of a correction; NULL: none */
};
/* The map's head and its key 0; `field_count` pairs must follow. */
void payload_write_head(struct strbuf *out, const struct payload_head *head, size_t field_count);
/* One value from its column (a point: both). What follows from it, a rank, is not written. */
void payload_write_value(struct strbuf *out, const struct field *field, const struct value *values);
/* One row of a list, a map by item code without what is empty; `values` are the list's columns. */
void payload_write_row(struct strbuf *out, const struct field *list, const struct value *values);

struct payload {
	const char *state; /* not NUL-terminated, as all texts here */
	size_t state_bytes;
	uint64_t version;
	const unsigned char *cells;
	size_t cell_bytes;
};
/* ERR_BAD_INPUT: not what the writer would write. Points into `bytes`. */
NODISCARD enum error payload_read(const void *bytes, size_t count, struct payload *ret_payload);

struct cell {
	uint64_t code;
	const unsigned char *value; /* CBOR */
	size_t bytes;
};
/* Walks cells; false: no more. Only over what payload_read or cells_merge gave. */
bool cells_next(struct cbor_reader *reader, struct cell *ret_cell);
/* Null and the empty list: as if the field were not there. */
bool cell_is_empty(const struct cell *cell);
/* Appends `before` with what `after` says instead; what is empty then is left out. */
void cells_merge(const void *before, size_t before_bytes, const void *after, size_t after_bytes, struct strbuf *out);
/* The value of a whole number; false: there is no such field or it is no number. */
bool cells_integer(const void *cells, size_t bytes, uint32_t code, int64_t *ret_integer);
/* The lowest code whose value is not the same on both sides; 0: there is none. */
uint64_t cells_differ(const void *a, size_t a_bytes, const void *b, size_t b_bytes);

/* What the installation of an edition left in the log: kind 5, {0: "edition", 1: the pack's digest, 2: its day,
 * 3: [[register code, field code, value], …]}. The values are those that every record of the register which was there
 * then got, for a field that was new. */
struct edition_fill {
	uint64_t reg_code;
	struct cell cell;
};
void payload_write_edition(struct strbuf *out, const unsigned char digest[static 32], int64_t day, size_t fill_count);
/* `values` as payload_write_value. */
void payload_write_fill(struct strbuf *out, const struct reg *reg, const struct field *field,
			const struct value *values);
struct edition_reader {
	struct cbor_reader reader;
	uint64_t fills_left;
};
/* ERR_NOT_FOUND: some other payload of kind 5; ERR_BAD_INPUT: it says that it is one, and is not. */
NODISCARD enum error payload_read_edition(const void *bytes, size_t count, struct edition_reader *ret_reader);
bool edition_next(struct edition_reader *reader, struct edition_fill *ret_fill);
