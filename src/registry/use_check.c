#include "registry/use_check.h"
#include <stdlib.h>
#include <string.h>
#include "ledger/erasure.h"
#include "ledger/record_id.h"
#include "store/sql.h"

/* The row that the walk stands on; texts until its next step. */
struct use_row {
	int64_t index, at, account, record, person;
	const char *kind, *role, *case_text, *reg;
	bool refused;
};

struct use_check {
	const struct pack *pack;
	struct db *db;
	struct record_key *key;
	struct arena *arena;
	const char **party_exists; /* statements */
	size_t party_count;
	struct query *rows;
	bool has_row;
	struct use_row row;
	struct erased_ranges rowless; /* entries without the row that they need */
	uint64_t rowless_count;
	struct erased_ranges named; /* by erasures */
	struct use_check_result result;
};

static enum error
step(struct use_check *check)
{
	const struct query *q = check->rows;
	enum error e = query_step(check->rows);

	check->has_row = e == OK;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	check->row = (struct use_row){ .index = column_integer(q, 0),
				       .at = column_integer(q, 1),
				       .kind = column_text(q, 2),
				       .account = column_integer(q, 3),
				       .role = column_text(q, 4),
				       .case_text = column_text(q, 5),
				       .reg = column_text(q, 6),
				       .record = column_integer(q, 7),
				       .person = column_integer(q, 8),
				       .refused = column_integer(q, 9) != 0 };
	return OK;
}

enum error
use_check_new(const struct pack *pack, const unsigned char *ledger_key, struct db *db, struct use_check **ret_check)
{
	AUTO(use_check_free) struct use_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return ERR_NO_MEMORY;
	check->pack = pack;
	check->db = db;
	check->key = record_key_new(ledger_key);
	check->arena = arena_new();
	check->party_exists = arena_array_of(check->arena, const char *, pack->reg_count);
	for (size_t i = 0; i < pack->reg_count; i++)
		if (pack->regs[i].is_party)
			check->party_exists[check->party_count++] = sql_exists(check->arena, &pack->regs[i]);
	check->rows = db_query(db, "SELECT id, at, kind, account, role, case_text, reg, record, person, refused"
				   " FROM official_use ORDER BY id");
	TRY(step(check));
	*ret_check = TAKE(check);
	return OK;
}

void
use_check_free(struct use_check *check)
{
	if (check == NULL)
		return;
	erased_ranges_done(&check->rowless);
	erased_ranges_done(&check->named);
	query_free(check->rows);
	record_key_free(check->key);
	arena_free(check->arena);
	free(check);
}

static void
note(struct use_check *check, uint64_t index)
{
	if (check->result.wrong++ == 0)
		check->result.first = index;
}

static enum error
find_party(struct use_check *check, int64_t stream, bool *ret_is)
{
	enum error e = ERR_NOT_FOUND;

	for (size_t i = 0; stream > 0 && e == ERR_NOT_FOUND && i < check->party_count; i++) {
		AUTO(query_free) struct query *query = db_query(check->db, check->party_exists[i]);

		bind_integer(query, 1, stream);
		e = query_one(query);
	}
	*ret_is = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool
is_view(const struct ledger_entry *entry)
{
	return entry->kind == LEDGER_LOOKUP || entry->kind == LEDGER_SEARCH;
}

static bool
is_act(const struct ledger_entry *entry)
{
	return entry->kind == LEDGER_CREATE || entry->kind == LEDGER_CHANGE || entry->kind == LEDGER_CORRECTION;
}

/* Whose account the entry names; 0: none of ours, as the console. */
static enum error
find_account(struct use_check *check, const unsigned char *actor, int64_t *ret_account)
{
	AUTO(query_free)
	struct query *query = db_query(check->db, "SELECT id FROM access_account WHERE ledger_id = $1");

	*ret_account = 0;
	if (actor == NULL)
		return OK;
	bind_bytes(query, 1, actor, LEDGER_ID_BYTES);
	enum error e = query_one(query);

	if (e == OK)
		*ret_account = column_integer(query, 0);
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a == NULL ? "" : a, b == NULL ? "" : b) == 0;
}

static bool
is_of_record(const struct use_check *check, const struct ledger_entry *entry, const struct reg *reg)
{
	unsigned char id[LEDGER_ID_BYTES];

	if (reg == NULL || entry->record == NULL)
		return true;
	record_id_make(check->key, reg->code, check->row.record, id);
	return memcmp(id, entry->record, sizeof(id)) == 0;
}

/* What the header of a discreet purpose leaves out, and what an edition no longer knows, cannot be compared. */
static bool
says_the_same(const struct use_check *check, const struct ledger_entry *entry)
{
	const struct use_row *row = &check->row;
	const struct role *role =
		entry->role == UINT64_MAX ? NULL : pack_role_by_code(check->pack, (int64_t)entry->role);
	const struct reg *reg = entry->reg == UINT64_MAX ? NULL : pack_reg_by_code(check->pack, (int64_t)entry->reg);

	return row->at == entry->time_ms && row->refused == entry->refused &&
	       is_act(entry) == same_text(row->kind, "act") && same_text(row->case_text, entry->case_text) &&
	       (role == NULL || same_text(row->role, role->name)) && (reg == NULL || same_text(row->reg, reg->name)) &&
	       is_of_record(check, entry, reg);
}

/* A look-up that was hidden is told again when the person sees it: of the same, by the same. */
static enum error
compare_reveal(struct use_check *check, const struct ledger_record *record, bool is_party)
{
	AUTO(query_free)
	struct query *query =
		db_query(check->db, "SELECT 1 FROM official_use told JOIN official_use hidden"
				    " ON told.at = hidden.at AND told.account = hidden.account"
				    " AND told.role = hidden.role AND told.record = hidden.record"
				    " AND told.person = hidden.person WHERE told.id = $1 AND hidden.id = $2");

	bind_integer(query, 1, (int64_t)record->index);
	bind_integer(query, 2, (int64_t)record->entry.refers_to);
	enum error e = query_one(query);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e != OK || !same_text(check->row.kind, "reveal") || !is_party || check->row.person != record->stream)
		note(check, record->index);
	check->result.checked++;
	return step(check);
}

static enum error
compare(struct use_check *check, const struct ledger_record *record, bool is_party)
{
	int64_t account = 0;
	bool same = says_the_same(check, &record->entry);

	TRY(find_account(check, record->entry.actor, &account));
	same = same && (account == 0 || account == check->row.account);
	/* In the restricted stream the row alone knows whose it will be. */
	same = same && (record->stream <= 0 || check->row.person == (is_party ? record->stream : 0));
	if (!same)
		note(check, record->index);
	check->result.checked++;
	return step(check);
}

/* Rows go with the erasure's entry, the key after it: in between an entry can be read still, and has no row. What the
 * payload of such an entry must be the ledger's own check tells. */
static void
take_erasure(struct use_check *check, const struct ledger_record *record)
{
	const struct ledger_entry *entry = &record->entry;

	if (entry->kind == LEDGER_ERASURE && (record->erased & (ERASED_HEADER | ERASED_PAYLOAD)) == 0)
		IGNORE(erasure_read(entry->payload, entry->payload_bytes, record->index, &check->named));
}

static void
note_rowless(struct use_check *check, uint64_t index)
{
	erased_ranges_add(&check->rowless, index, ERASED_DETAIL);
	check->rowless_count++;
}

enum error
use_check_entry(struct use_check *check, const struct ledger_record *record)
{
	const struct ledger_entry *entry = &record->entry;
	bool is_party = false;

	take_erasure(check, record);
	/* Rows before this entry belong to none. */
	while (check->has_row && check->row.index < (int64_t)record->index) {
		note(check, (uint64_t)check->row.index);
		TRY(step(check));
	}
	bool has_row = check->has_row && check->row.index == (int64_t)record->index;

	/* What was derived from the detail went with it. */
	if ((record->erased & (ERASED_HEADER | ERASED_DETAIL)) != 0) {
		if (has_row)
			note(check, record->index);
		return has_row ? step(check) : OK;
	}
	bool is_reveal = entry->kind == LEDGER_REVEAL;
	bool by_official = is_act(entry) && entry->body != UINT64_MAX;

	if (!has_row && !is_view(entry) && !is_reveal && !by_official)
		return OK;
	TRY(find_party(check, record->stream, &is_party));
	bool needs_row = is_view(entry) || is_reveal || (by_official && is_party);

	if (has_row && needs_row)
		return is_reveal ? compare_reveal(check, record, is_party) : compare(check, record, is_party);
	if (needs_row)
		note_rowless(check, record->index);
	else if (has_row)
		note(check, record->index);
	return has_row ? step(check) : OK;
}

enum error
use_check_end(struct use_check *check, struct use_check_result *ret_result)
{
	while (check->has_row) {
		note(check, (uint64_t)check->row.index);
		TRY(step(check));
	}
	uint64_t index = 0;

	if (!erasure_names(&check->named, &check->rowless, &index)) {
		if (check->result.wrong == 0 || index < check->result.first)
			check->result.first = index;
		check->result.wrong += check->rowless_count;
	}
	*ret_result = check->result;
	return OK;
}
