/* ledger.h - the append-only log of sealed entries (docs/ledger.md, sections 2.1 to 2.3): seals parts,
 * gives each entry its stream's next tag and the log's next index, keeps streams and tree in memory.
 * A struct ledger belongs to the writer's thread; ledger_read and ledger_verify need none.
 * Serving, checkpoints and proofs are not here. */
#pragma once
#include "base/arena.h"
#include "ledger/data_key.h"
#include "base/problem.h"
#include "store/db.h"

enum { LEDGER_ID_BYTES = 16, LEDGER_HASH_BYTES = 32, LEDGER_CHECK_BYTES = 8 };

enum ledger_kind {
	LEDGER_COVER,
	LEDGER_CREATE,
	LEDGER_CHANGE,
	LEDGER_LOOKUP,
	LEDGER_SEARCH,
	LEDGER_SYSTEM,
	LEDGER_REVEAL,
	LEDGER_ERASURE,
	LEDGER_CORRECTION,
	LEDGER_CERTIFICATE,
	LEDGER_REVOCATION,
	LEDGER_SIGN_IN,
	LEDGER_STREAM_BEGINS,
	LEDGER_STREAM_ENDS,
	LEDGER_KIND_COUNT
};

/* Open entries, which concern nobody (docs/ledger.md 2). */
enum ledger_open_kind {
	LEDGER_OPEN_GENESIS = 1,
	LEDGER_OPEN_STREAM_INDEX,
	LEDGER_OPEN_KEY,
	LEDGER_OPEN_RULES,
	LEDGER_OPEN_KIND_BEHIND
};

/* Stream numbers: a party's, facility's or case's is its record id; these are built in. */
enum {
	LEDGER_STREAM_SYSTEM = -1,
	LEDGER_STREAM_ERASURE = -2,
	LEDGER_STREAM_COVER = -3,
	LEDGER_STREAM_RESTRICTED = -4, /* look-ups that the law hides for a time (docs/ledger.md 2.4) */
};

/* One entry to be sealed. Absent numbers are UINT64_MAX, absent ids and texts NULL. */
struct ledger_entry {
	enum ledger_kind kind;
	const unsigned char *event; /* 16 bytes, the same in all entries of one act */
	int64_t time_ms;
	const unsigned char *subject; /* 16 bytes */
	uint64_t retention;
	uint64_t reg;                /* register's code */
	const unsigned char *record; /* 16 bytes */
	uint64_t body, role, purpose;
	const uint32_t *fields; /* ascending codes */
	size_t field_count;
	uint64_t refers_to;
	bool refused;
	uint64_t part, parts; /* k of m; 0: absent */
	/* Detail; no detail at all when actor is NULL. */
	const unsigned char *actor; /* 16 bytes */
	const char *case_text, *query, *origin;
	const unsigned char *session; /* 16 bytes */
	const void *payload;
	size_t payload_bytes;
};
/* All absent. */
void ledger_entry_init(struct ledger_entry *entry);

struct ledger;
/* Loads streams and tree from `db`; an empty log gets its genesis entry with `origin` (1..255 bytes), and a log that
 * was made before one of the built-in streams gets that one: inside a transaction of the caller. `key` (16 bytes) is the installation key for record ids. From
 * then on nothing in the ledger's tables can be changed or deleted through `db`. `data_keys` outlive the ledger; NULL:
 * parts lie in the store as they are, for tests. ERR_DAMAGED: an entry does not
 * follow from those before it; ERR_CONFLICT: the log has another origin. */
NODISCARD enum error ledger_open(struct db *db, const char *origin, const unsigned char key[static 16],
				 struct data_keys *data_keys, struct ledger **ret_ledger);
void ledger_free(struct ledger *ledger);
DEFINE_AUTO(struct ledger, ledger_free)

/* The vkey that the log itself stated last as begun, as of ledger_open; "" when it states none. */
const char *ledger_log_key(const struct ledger *ledger);
/* States it: the open entry of kind 3, "log key begins". In the writer's transaction. */
NODISCARD enum error ledger_begin_log_key(struct ledger *ledger, struct db *db, const char *vkey, int64_t time_s);
/* Whose an entry is: its stream, 0 of an open entry, and its leaf hash. Any thread, any `db`. ERR_NOT_FOUND: no such
 * entry. */
NODISCARD enum error ledger_stream_of(struct db *db, uint64_t index, int64_t *ret_stream,
				      unsigned char ret_leaf[static LEDGER_HASH_BYTES]);

/* AES of (register code, record id) under the installation key: what the log calls a record. */
void ledger_record_id(const struct ledger *ledger, uint32_t reg_code, int64_t record,
		      unsigned char ret_id[static LEDGER_ID_BYTES]);

/* Begins a stream: a fresh key. ERR_DUPLICATE when it exists; ERR_BAD_INPUT: below -1023 or not below 2^44 - 1024. */
NODISCARD enum error ledger_stream_begin(struct ledger *ledger, struct db *db, int64_t stream);
bool ledger_has_stream(const struct ledger *ledger, int64_t stream);
/* How many entries the stream has, those of the running transaction included; 0 when there is none. */
uint64_t ledger_stream_count(const struct ledger *ledger, int64_t stream);
/* The key (32 bytes) that shows its owner their entries, and the check on their papers. */
NODISCARD enum error ledger_stream_key(struct ledger *ledger, struct db *db, int64_t stream,
				       unsigned char ret_key[static 32], unsigned char ret_check[static 8]);

/* The stream's newest entry, from which ledger_read goes back; false when it has none. */
bool ledger_stream_last(const struct ledger *ledger, int64_t stream, uint64_t *ret_n, uint64_t *ret_index);

/* The stream's entries from `last` back that are below `behind`, ascending; the caller frees them. The first of them is
 * the stream's first. Any thread, any `db`; short statements. ERR_DAMAGED: the rows do not hang together. */
NODISCARD enum error ledger_stream_indexes(struct db *db, int64_t stream, uint64_t last, uint64_t behind,
					   uint64_t **ret_indexes, size_t *ret_count);

/* Seals and appends; in the writer's transaction. ERR_BAD_INPUT: more than docs/ledger.md allows, or `refers_to` is
 * no earlier entry; ERR_NOT_FOUND: no such stream. After any error memory is as it was. */
NODISCARD enum error ledger_append(struct ledger *ledger, struct db *db, int64_t stream,
				   const struct ledger_entry *entry, uint64_t *ret_index);
/* An open entry (kinds 1..4). */
NODISCARD enum error ledger_append_open(struct ledger *ledger, struct db *db, uint16_t kind, const void *body,
					size_t bytes, uint64_t *ret_index);

/* What is in memory follows the transaction. */
void ledger_mark(struct ledger *ledger); /* a savepoint begins (one level) */
void ledger_undo_to_mark(struct ledger *ledger);
void ledger_committed(struct ledger *ledger);
void ledger_undone(struct ledger *ledger);

uint64_t ledger_size(const struct ledger *ledger);
void ledger_root(const struct ledger *ledger, unsigned char ret_root[static LEDGER_HASH_BYTES]);
/* One sealed entry as it was appended. */
struct ledger_record {
	uint64_t index;
	int64_t stream;
	uint64_t n;
	uint64_t prev;             /* the stream's entry before; UINT64_MAX: none */
	struct ledger_entry entry; /* in the arena, payload included; what is erased is absent */
	unsigned erased;           /* sum of 2 detail, 4 payload */
};
/* The same as it was sealed: the entry's bytes, its parts and their salts, all in the arena. */
enum { LEDGER_PART_COUNT = 3 }; /* header, detail, payload */
struct ledger_parts {
	uint64_t index;
	int64_t stream;
	uint64_t n;
	uint64_t prev;     /* UINT64_MAX: none */
	uint32_t data_key; /* under which the parts lie in the store; 0: none */
	const void *body;
	size_t body_bytes;
	struct {
		const void *bytes;
		size_t count;
		const unsigned char *salt; /* 32 bytes; NULL: the part is erased */
	} parts[LEDGER_PART_COUNT];
};
/* As ledger_read, but that whatever was erased is no error. */
NODISCARD enum error ledger_read_parts(struct db *db, struct data_keys *keys, uint64_t index, struct arena *arena,
				       struct ledger_parts *ret_parts);
/* Any thread, any `db`; `keys` as in ledger_open. ERR_NOT_FOUND: no such entry, or an open one; ERR_GONE: its header is
 * erased; ERR_DAMAGED: the parts are not those that the entry commits to. */
NODISCARD enum error ledger_read(struct db *db, struct data_keys *keys, uint64_t index, struct arena *arena,
				 struct ledger_record *ret_record);

/* Reads entry rows again, recomputes commitments, tags, leaf hashes and the root; OK or ERR_DAMAGED with the
 * first index that is wrong. `tirkeu verify DIR`. Opens its own view of `db`; any thread's. */
NODISCARD enum error ledger_verify(struct db *db, struct data_keys *keys, uint64_t *ret_size,
				   unsigned char ret_root[static LEDGER_HASH_BYTES], uint64_t *ret_bad_index);
