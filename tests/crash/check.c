/* check.c - after a kill: crash-check STORE PACK JOURNAL. Reads a store that nobody serves, below all that serves it,
 * and the journal that bench/load wrote of declared stays.
 *
 * Nothing by half: each stay has exactly one sealed entry that made it, one open question to its guest and one receipt
 * under its key, and no entry tells of a stay that is not there. Nothing lost: what the journal has as acknowledged
 * stands where its receipt says: event, index in the log, number in the guest's stream, record.
 * The last line is JSON; exit code 1 when something is wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/map.h"
#include "ledger/ledger.h"
#include "pack/pack.h"
#include "text/json.h"
#include "text/node.h"
#include "text/reference.h"

#define MUST(call)                                                                          \
	do {                                                                                \
		enum error must_ = (call);                                                  \
		if (must_ != OK) {                                                          \
			fprintf(stderr, "crash-check: %s: %s\n", #call, error_name(must_)); \
			exit(3);                                                            \
		}                                                                           \
	} while (0)

enum { FAULTS_SHOWN = 20, ACCEPTED = 202, NO_ANSWER = 0 };

/* One stay and what was found about it. */
struct stay {
	int64_t id, guest;
	uint64_t entry; /* that made it */
	unsigned char event[16];
	unsigned entries, asks, questions, receipts;
	bool declared;
};

struct world {
	struct db *db;
	struct data_keys *data_keys;
	struct ledger *ledger;
	struct reference_key *references;
	uint32_t reg; /* code of the register */
	struct stay *stays;
	size_t count;
	struct map by_id, by_record; /* id, first bytes of the ledger's id -> position in stays, from 1 */
	uint64_t acknowledged, unanswered, faults;
};

static void __attribute__((format(printf, 2, 3))) fault(struct world *world, const char *format, ...)
{
	va_list arguments;

	if (world->faults++ >= FAULTS_SHOWN)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

/* ---- reading ---- */

static void
read_key(const char *store, const char *name, unsigned char key[static 16])
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/keys/%s.key", store, name);
	FILE *file = fopen(path, "rbe");

	if (file == NULL || fread(key, 1, 16, file) != 16) {
		fprintf(stderr, "crash-check: %s cannot be read\n", path);
		exit(3);
	}
	fclose(file);
}

static void
read_code(struct world *world, const char *folder)
{
	AUTO(pack_free) struct pack *pack = NULL;
	struct pack_report report;

	pack_report_init(&report);
	MUST(pack_load(folder, &report, &pack));
	world->reg = pack_reg(pack, "stay")->code;
	pack_report_done(&report);
}

static void
open_world(struct world *world, const char *store, const char *pack)
{
	unsigned char key[16];
	char path[4096];

	read_code(world, pack);
	read_key(store, "reference", key);
	world->references = reference_key_new(key);
	read_key(store, "ledger", key);
	snprintf(path, sizeof(path), "%s/store/tirkeu.db", store);
	MUST(db_open(path, DB_READ, &world->db));
	AUTO(query_free) struct query *origin = db_query(world->db, "SELECT value FROM meta WHERE key = 'origin'");

	MUST(query_one(origin));
	snprintf(path, sizeof(path), "%s/keys/data.keys", store);
	MUST(data_keys_open(path, &world->data_keys));
	MUST(ledger_open(world->db, column_text(origin, 0), key, world->data_keys, &world->ledger));
}

static uint64_t
record_key(const unsigned char id[static LEDGER_ID_BYTES])
{
	uint64_t key = 0;

	memcpy(&key, id, sizeof(key));
	return key;
}

static bool
next_row(struct query *query)
{
	enum error e = query_step(query);

	if (e != ERR_NOT_FOUND)
		MUST(e);
	return e == OK;
}

static void
read_stays(struct world *world)
{
	AUTO(query_free) struct query *query = db_query(world->db, "SELECT id, guest, state, version FROM stay");
	size_t room = 0;

	while (next_row(query)) {
		unsigned char id[LEDGER_ID_BYTES];

		if (world->count == room) {
			room = room == 0 ? 1024 : 2 * room;
			world->stays = reallocarray(world->stays, room, sizeof(struct stay));
			assert(world->stays != NULL);
		}
		struct stay *stay = &world->stays[world->count++];
		*stay = (struct stay){ .id = column_integer(query, 0), .guest = column_integer(query, 1) };
		stay->declared = strcmp(column_text(query, 2), "declared") == 0 && column_integer(query, 3) == 1;
		ledger_record_id(world->ledger, world->reg, stay->id, id);
		map_put(&world->by_id, (uint64_t)stay->id, world->count);
		map_put(&world->by_record, record_key(id), world->count);
	}
}

static struct stay *
find(const struct world *world, const struct map *map, uint64_t key)
{
	const uint64_t *position = map_get(map, key);

	return position == NULL ? NULL : &world->stays[*position - 1];
}

/* ---- nothing by half ---- */

static void
read_entries(struct world *world)
{
	for (uint64_t index = 0; index < ledger_size(world->ledger); index++) {
		AUTO(arena_free) struct arena *arena = arena_new();
		struct ledger_record record;
		enum error e = ledger_read(world->db, world->data_keys, index, arena, &record);

		if (e == ERR_NOT_FOUND) /* an open one */
			continue;
		MUST(e);
		if (record.entry.kind != LEDGER_CREATE || record.entry.reg != world->reg || record.entry.refused)
			continue;
		struct stay *stay = find(world, &world->by_record, record_key(record.entry.record));

		if (stay == NULL) {
			fault(world, "entry %llu tells of a stay that is not there", (unsigned long long)index);
			continue;
		}
		if (record.stream != stay->guest)
			fault(world, "entry %llu is not in its guest's stream", (unsigned long long)index);
		stay->entries++;
		stay->entry = index;
		memcpy(stay->event, record.entry.event, sizeof(stay->event));
	}
}

static void
read_asks(struct world *world)
{
	AUTO(query_free)
	struct query *query = db_query(
		world->db, "SELECT a.record, a.action, a.outcome, p.party FROM sys_ask a LEFT JOIN sys_ask_party p"
			   " ON p.ask = a.id WHERE a.reg = $1");

	bind_integer(query, 1, world->reg);
	while (next_row(query)) {
		struct stay *stay = find(world, &world->by_id, (uint64_t)column_integer(query, 0));

		if (stay == NULL) {
			fault(world, "a question is about a stay that is not there");
			continue;
		}
		stay->asks += strcmp(column_text(query, 1), "confirm") == 0 && column_is_null(query, 2);
		stay->questions += column_integer(query, 3) == stay->guest;
	}
}

static void
read_receipts(struct world *world)
{
	AUTO(query_free) struct query *query = db_query(world->db, "SELECT receipt FROM sys_idempotency");

	while (next_row(query)) {
		AUTO(arena_free) struct arena *arena = arena_new();
		const char *text = column_text(query, 0);
		const struct node *receipt = NULL;

		MUST(node_parse_json(arena, text, strlen(text), NULL, &receipt));
		const struct node *record = node_get(receipt, "record");
		struct stay *stay =
			record == NULL ? NULL : find(world, &world->by_id, strtoull(record->text, NULL, 10));

		if (stay == NULL)
			fault(world, "a receipt is about a stay that is not there");
		else
			stay->receipts++;
	}
}

static void
check_stays(struct world *world)
{
	char text[REFERENCE_BYTES_MAX];

	for (size_t i = 0; i < world->count; i++) {
		const struct stay *stay = &world->stays[i];

		if (!stay->declared || stay->entries != 1 || stay->asks != 1 || stay->questions != 1 ||
		    stay->receipts != 1)
			fault(world, "%s: %s, %u entries, %u questions, %u to its guest, %u receipts",
			      reference_print(world->references, "ST", stay->id, text),
			      stay->declared ? "declared" : "not as declared", stay->entries, stay->asks,
			      stay->questions, stay->receipts);
	}
}

/* ---- nothing lost ---- */

static void
hex(const unsigned char bytes[static 16], char text[static 33])
{
	for (int i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

/* The receipt says where the act stands: it must stand there. */
static void
check_receipt(struct world *world, const struct node *answer)
{
	const char *event = node_text(answer, "event"), *ref = node_text(answer, "ref");
	const struct node *entries = node_get(answer, "entries");
	char prefix[3], known[33];
	int64_t id = 0;

	if (event == NULL || ref == NULL || entries == NULL || entries->count != 1) {
		fault(world, "an answer is no receipt");
		return;
	}
	MUST(reference_parse(world->references, ref, prefix, &id));
	const struct stay *stay = find(world, &world->by_id, (uint64_t)id);

	if (stay == NULL) {
		fault(world, "%s was acknowledged and is not there", ref);
		return;
	}
	const struct node *index = node_get(&entries->items[0], "index");

	hex(stay->event, known);
	if (strcmp(known, event) != 0 || strtoull(index->text, NULL, 10) != stay->entry)
		fault(world, "%s stands at entry %llu, its receipt says %s", ref, (unsigned long long)stay->entry,
		      index->text);
}

static void
check_line(struct world *world, char *line)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const struct node *answer = NULL;
	long status = 0;
	char *at = strchr(line, '\t');

	assert(at != NULL);
	status = strtol(at + 1, &at, 10);
	assert(*at == '\t');
	at = strchr(at + 1, '\t'); /* whether it was a repeat */
	assert(at != NULL);
	at[1 + strcspn(at + 1, "\n")] = '\0';
	if (status == NO_ANSWER) {
		world->unanswered++;
		return;
	}
	if (status != ACCEPTED) {
		fault(world, "a declaration was answered with %ld: %.200s", status, at + 1);
		return;
	}
	world->acknowledged++;
	MUST(node_parse_json(arena, at + 1, strlen(at + 1), NULL, &answer));
	check_receipt(world, answer);
}

static void
check_journal(struct world *world, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;

	if (file == NULL) {
		fprintf(stderr, "crash-check: %s cannot be read\n", path);
		exit(3);
	}
	while (getline(&line, &room, file) > 0)
		check_line(world, line);
	free(line);
	fclose(file);
}

static void
close_world(struct world *world)
{
	ledger_free(world->ledger);
	data_keys_free(world->data_keys);
	db_close(world->db);
	reference_key_free(world->references);
	map_done(&world->by_id);
	map_done(&world->by_record);
	free(world->stays);
}

int
main(int argc, char **argv)
{
	struct world world = { 0 };

	if (argc != 4) {
		fputs("usage: crash-check STORE PACK JOURNAL\n", stderr);
		return 2;
	}
	open_world(&world, argv[1], argv[2]);
	read_stays(&world);
	read_entries(&world);
	read_asks(&world);
	read_receipts(&world);
	check_stays(&world);
	check_journal(&world, argv[3]);
	printf("{\"stays\":%zu,\"acknowledged\":%llu,\"unanswered\":%llu,\"faults\":%llu}\n", world.count,
	       (unsigned long long)world.acknowledged, (unsigned long long)world.unanswered,
	       (unsigned long long)world.faults);
	bool sound = world.faults == 0;

	close_world(&world);
	return sound ? 0 : 1;
}
