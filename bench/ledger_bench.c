/* ledger_bench.c - what an entry costs: ledger-bench [ENTRIES [STREAMS [FILE]]]. Without FILE the database is in
 * memory; the fsyncs of a file are in its numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/day.h"
#include "base/random.h"
#include "ledger/entry.h"
#include "ledger/index_log.h"
#include "ledger/ledger.h"
#include "ledger/seal.h"
#include "ledger/tree.h"
#include "store/schema.h"

enum { BATCH = 64 };

#define MUST(call)                                                             \
	do {                                                                   \
		enum error must_ = (call);                                     \
		if (must_ != OK) {                                             \
			fprintf(stderr, "%s: %s\n", #call, error_name(must_)); \
			exit(3);                                               \
		}                                                              \
	} while (0)

static const unsigned char id[LEDGER_ID_BYTES] = "0123456789abcde";
static const uint32_t fields[] = { 1, 2, 5, 40, 41 };
/* {1: "…", 2: …}: about what a declared stay has. */
static const unsigned char payload[120] = { 0xa1, 0x01, 0x58, 0x74 };

static struct ledger_entry
look_up(int64_t time_ms)
{
	struct ledger_entry entry;

	ledger_entry_init(&entry);
	entry.kind = LEDGER_LOOKUP;
	entry.event = entry.subject = entry.record = entry.actor = entry.session = id;
	entry.time_ms = time_ms;
	entry.retention = 1;
	entry.reg = 3;
	entry.body = 10;
	entry.role = 2;
	entry.purpose = 2;
	entry.fields = fields;
	entry.field_count = ARRAY_COUNT(fields);
	entry.case_text = "2026-KZ-000123";
	entry.origin = "192.0.2.17";
	return entry;
}

static void
report(const char *what, int64_t begun_us, int64_t count)
{
	int64_t spent_us = monotonic_us() - begun_us;

	printf("%-34s %9lld  %8.0f ns each  %9.0f /s\n", what, (long long)count,
	       (double)spent_us * 1000 / (double)count, (double)count * 1e6 / (double)(spent_us > 0 ? spent_us : 1));
}

/* All of an entry but the database. */
static void
seal_alone(int64_t count)
{
	struct strbuf header = { 0 }, detail = { 0 };
	struct tree tree = { 0 };
	unsigned char key[SEAL_KEY_BYTES], tag[SEAL_BYTES], leaf[TREE_HASH_BYTES], body[ENTRY_SEALED_BYTES];
	unsigned char salts[SEAL_PART_COUNT][SEAL_SALT_BYTES], commitments[SEAL_PART_COUNT][SEAL_BYTES];
	int64_t begun_us = monotonic_us();

	random_bytes(key, sizeof(key));
	for (int64_t i = 0; i < count; i++) {
		struct ledger_entry entry = look_up(i);

		strbuf_clear(&header);
		strbuf_clear(&detail);
		MUST(entry_write_header(&entry, &header));
		MUST(entry_write_detail(&entry, &detail));
		random_bytes(salts, sizeof(salts));
		seal_tag(key, (uint64_t)i + 1, tag);
		seal_commit(SEAL_HEADER, salts[0], header.text, header.bytes, commitments[0]);
		seal_commit(SEAL_DETAIL, salts[1], detail.text, detail.bytes, commitments[1]);
		seal_commit(SEAL_PAYLOAD, salts[2], payload, sizeof(payload), commitments[2]);
		entry_seal(tag, commitments, body);
		tree_leaf_hash(body, sizeof(body), leaf);
		tree_append(&tree, leaf);
	}
	report("encode, seal, hash, tree (no rows)", begun_us, count);
	strbuf_done(&header);
	strbuf_done(&detail);
}

static void
tree_alone(int64_t count)
{
	struct tree tree = { 0 };
	unsigned char leaf[TREE_HASH_BYTES] = { 0 };
	int64_t begun_us = monotonic_us();

	for (int64_t i = 0; i < count; i++)
		tree_append(&tree, leaf);
	report("tree alone", begun_us, count);
}

static void
begin_streams(struct ledger *ledger, struct db *db, int64_t count)
{
	int64_t begun_us = monotonic_us();

	MUST(db_begin(db));
	for (int64_t stream = 1; stream <= count; stream++)
		if (!ledger_has_stream(ledger, stream))
			MUST(ledger_stream_begin(ledger, db, stream));
	MUST(db_commit(db));
	ledger_committed(ledger);
	report("streams begun", begun_us, count);
}

/* Each job in its savepoint, as the writer runs them. */
static void
append(struct ledger *ledger, struct db *db, int64_t count, int64_t streams, bool with_payload)
{
	uint64_t chance = 88172645463325252, index;
	int64_t begun_us = monotonic_us();

	for (int64_t i = 0; i < count; i += BATCH) {
		MUST(db_begin(db));
		for (int job = 0; job < BATCH; job++) {
			struct ledger_entry entry = look_up(i + job);

			chance ^= chance << 13;
			chance ^= chance >> 7;
			chance ^= chance << 17;
			if (with_payload) {
				entry.payload = payload;
				entry.payload_bytes = sizeof(payload);
			}
			ledger_mark(ledger);
			MUST(ledger_append(ledger, db, 1 + (int64_t)(chance % (uint64_t)streams), &entry, &index));
		}
		MUST(db_commit(db));
		ledger_committed(ledger);
	}
	report(with_payload ? "append with payload" : "append look-up", begun_us, count);
}

/* Without the pages of the database file, which SQLite maps. */
static long
private_kib(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long resident = 0, shared = 0;

	if (file == NULL || fscanf(file, "%*s %ld %ld", &resident, &shared) != 2)
		resident = shared = 0;
	if (file != NULL)
		fclose(file);
	return (resident - shared) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* A stream index over all, then one more after some hundred entries, as on the next day. */
static void
count_streams(struct ledger *ledger, struct db *db, int64_t streams)
{
	char folder[] = "/tmp/tirkeu-bench-index-XXXXXX";

	if (mkdtemp(folder) == NULL)
		exit(3);
	for (int day = 0; day < 2; day++) {
		struct index_head head;
		uint64_t index = 0;
		int64_t begun_us = monotonic_us();

		MUST(index_log_count(db, folder, &head));
		report(day == 0 ? "stream index, the first" : "stream index, the next", begun_us,
		       (int64_t)head.streams);
		begun_us = monotonic_us();
		MUST(db_begin(db));
		MUST(index_log_append(ledger, db, &head, &index));
		MUST(db_commit(db));
		ledger_committed(ledger);
		report("its entry", begun_us, 1);
		append(ledger, db, 10 * (int64_t)BATCH, streams, false);
	}
	MUST(index_folder_trim(folder, NULL, 0));
	rmdir(folder);
}

int
main(int argc, char **argv)
{
	int64_t count = argc > 1 ? atoll(argv[1]) : 500000;
	int64_t streams = argc > 2 ? atoll(argv[2]) : 100000;
	const char *path = argc > 3 ? argv[3] : NULL;
	unsigned char root[LEDGER_HASH_BYTES];
	struct ledger *ledger = NULL;
	struct db *db = NULL;
	uint64_t size, bad;

	tree_alone(count);
	seal_alone(count);
	MUST(db_open(path, path == NULL ? DB_MEMORY : DB_WRITE, &db));
	MUST(db_begin(db));
	MUST(schema_migrate(db));
	MUST(ledger_open(db, "bench.example/ledger", id, NULL, &ledger));
	MUST(db_commit(db));
	ledger_committed(ledger);
	begin_streams(ledger, db, streams);
	append(ledger, db, count, streams, false);
	append(ledger, db, count, streams, true);
	ledger_free(TAKE(ledger));

	long before_kib = private_kib();
	int64_t begun_us = monotonic_us();

	MUST(ledger_open(db, "bench.example/ledger", id, NULL, &ledger));
	report("open (entries)", begun_us, (int64_t)ledger_size(ledger));
	printf("%-34s %9ld KiB\n", "memory of the open ledger", private_kib() - before_kib);
	count_streams(ledger, db, streams);
	begun_us = monotonic_us();
	MUST(ledger_verify(db, NULL, &size, root, &bad));
	report("verify (entries)", begun_us, (int64_t)size);
	ledger_free(ledger);
	db_close(db);
	return 0;
}
