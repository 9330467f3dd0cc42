#include "registry/names.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/strbuf.h"
#include "registry/engine.h"
#include "registry/handed.h"
#include "text/name.h"

enum {
	REBUILD_PAGE = 1000, /* records */
	HANDED_MAX = 4096,   /* handed.h's `most` */
	FOLDS_KEPT = 4096,   /* a power of two */
	FOLD_BYTES_MAX = 120,
};

/* One record that got, changed or lost its names. */
struct name_change {
	const struct reg *reg;
	int64_t record;
	const char *old_family, *old_given; /* NULL: it was not there */
	const char *family, *given;
};

struct change_list {
	struct arena *arena; /* the changes' texts too */
	struct name_change *items;
	size_t count, capacity;
};

/* People share names: what was folded last is often asked for again. Folding costs microseconds. */
struct kept_fold {
	char name[FOLD_BYTES_MAX];
	char folded[FOLD_BYTES_MAX];
};

struct names {
	const struct pack *pack;
	struct name_book **books; /* by reg->index; NULL: has no names */
	struct handed handed;     /* changes of the books */
	/* the writer's thread only */
	struct change_list batch;
	struct kept_fold *folds;
};

static bool
has_names(const struct reg *reg)
{
	return reg->search != NULL && reg->search->given != NULL;
}

static void
list_clear(struct change_list *list)
{
	list->items = NULL;
	list->count = list->capacity = 0;
	arena_reset(list->arena);
}

static void
take(void *context, const void *item)
{
	const struct names *names = context;
	const struct name_change *change = item;
	struct name_book *book = names->books[change->reg->index];

	if (change->old_given != NULL)
		name_book_remove(book, change->old_family, change->old_given, change->record);
	name_book_add(book, change->family, change->given, change->record);
}

/* ---- opening ---- */

static const char *
fold_value(struct arena *arena, const struct value *value)
{
	return value->kind == VALUE_TEXT ? name_fold(arena, value->text) : "";
}

/* What the stored names were made by: the folding's rules and the fields of each register. */
static void
print_shape(const struct pack *pack, struct strbuf *out)
{
	strbuf_printf(out, "fold %d", NAME_FOLD_VERSION);
	for (size_t i = 0; i < pack->reg_count; i++) {
		const struct reg *reg = &pack->regs[i];

		if (has_names(reg))
			strbuf_printf(out, " %u:%u+%u", reg->code,
				      reg->search->family == NULL ? 0 : reg->search->family->code,
				      reg->search->given->code);
	}
}

static enum error
insert_name(struct db *db, const struct name_change *change)
{
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_name (record, reg, family, given) VALUES ($1, $2, $3, $4) "
					   "ON CONFLICT (record) DO UPDATE SET family = excluded.family, "
					   "given = excluded.given");

	bind_integer(query, 1, change->record);
	bind_integer(query, 2, change->reg->code);
	bind_text(query, 3, change->family);
	bind_text(query, 4, change->given);
	return query_run(query);
}

static enum error
store_one(struct db *db, struct arena *arena, const struct reg *reg, int64_t record)
{
	AUTO(query_free) struct query *query = db_query(db, sql_load(arena, reg));

	bind_integer(query, 1, record);
	TRY(query_one(query));
	const struct image *image = image_of_row(arena, reg, record, query);
	const struct field *family = reg->search->family;

	return insert_name(db, &(struct name_change){
				       .reg = reg,
				       .record = record,
				       .family = family == NULL ? "" : fold_value(arena, image_value(image, family)),
				       .given = fold_value(arena, image_value(image, reg->search->given)) });
}

static enum error
store_page(struct db *db, struct arena *arena, const struct reg *reg, int64_t *last, bool *ret_more)
{
	AUTO(query_free) struct query *page = db_query(db, sql_page(arena, reg));
	enum error e;
	size_t count = 0;

	bind_integer(page, 1, *last);
	bind_integer(page, 2, REBUILD_PAGE);
	while ((e = query_step(page)) == OK) {
		*last = column_integer(page, 0);
		TRY(store_one(db, arena, reg, *last));
		count++;
	}
	*ret_more = count == REBUILD_PAGE;
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
make_anew(const struct pack *pack, struct db *db)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	TRY(db_execute(db, "DELETE FROM sys_name"));
	for (size_t i = 0; i < pack->reg_count; i++) {
		int64_t last = 0;
		bool more = has_names(&pack->regs[i]);

		while (more) {
			arena_reset(arena);
			TRY(store_page(db, arena, &pack->regs[i], &last, &more));
		}
	}
	return OK;
}

static enum error
bring_up_to_date(const struct pack *pack, struct db *db)
{
	AUTO(strbuf_done) struct strbuf shape = { 0 };
	AUTO(query_free) struct query *find = db_query(db, "SELECT value FROM meta WHERE key = 'search'");
	AUTO(query_free)
	struct query *keep = db_query(db, "INSERT INTO meta (key, value) VALUES ('search', $1) ON CONFLICT (key) DO "
					  "UPDATE SET value = excluded.value");

	print_shape(pack, &shape);
	enum error e = query_one(find);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == OK && strcmp(column_text(find, 0), shape.text) == 0)
		return OK;
	TRY(make_anew(pack, db));
	bind_text(keep, 1, shape.text);
	return query_run(keep);
}

static enum error
load(struct names *names, struct db *db)
{
	AUTO(query_free) struct query *query = db_query(db, "SELECT record, reg, family, given FROM sys_name");
	enum error e;

	while ((e = query_step(query)) == OK) {
		const struct reg *reg = pack_reg_by_code(names->pack, column_integer(query, 1));

		if (reg == NULL || names->books[reg->index] == NULL)
			return ERR_DAMAGED;
		name_book_add(names->books[reg->index], column_text(query, 2), column_text(query, 3),
			      column_integer(query, 0));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
names_open(const struct pack *pack, struct db *db, struct names **ret_names)
{
	AUTO(names_free) struct names *names = calloc(1, sizeof(*names));

	if (names == NULL)
		return ERR_NO_MEMORY;
	names->pack = pack;
	handed_init(&names->handed, sizeof(struct name_change), take, names);
	names->batch.arena = arena_new();
	names->books = calloc(pack->reg_count + 1, sizeof(struct name_book *));
	names->folds = calloc(FOLDS_KEPT, sizeof(*names->folds));
	if (names->books == NULL || names->folds == NULL)
		return ERR_NO_MEMORY;
	for (size_t i = 0; i < pack->reg_count; i++)
		if (has_names(&pack->regs[i]))
			names->books[i] = name_book_new();
	TRY(bring_up_to_date(pack, db));
	TRY(load(names, db));
	*ret_names = TAKE(names);
	return OK;
}

void
names_free(struct names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; names->books != NULL && i < names->pack->reg_count; i++)
		name_book_free(names->books[i]);
	arena_free(names->batch.arena);
	handed_done(&names->handed);
	free(names->books);
	free(names->folds);
	free(names);
}

/* ---- the writer's ---- */

static const char *
fold_again(struct names *names, struct arena *arena, const struct value *value)
{
	if (value->kind != VALUE_TEXT || value->bytes >= FOLD_BYTES_MAX)
		return fold_value(arena, value);
	struct kept_fold *kept = &names->folds[hash_bytes(value->text, value->bytes) % FOLDS_KEPT];

	if (kept->name[0] != '\0' && strcmp(kept->name, value->text) == 0)
		return arena_text(arena, kept->folded);
	const char *folded = name_fold(arena, value->text);

	if (strlen(folded) < FOLD_BYTES_MAX) {
		snprintf(kept->name, sizeof(kept->name), "%s", value->text);
		snprintf(kept->folded, sizeof(kept->folded), "%s", folded);
	}
	return folded;
}

static void
fold_image(struct names *names, const struct image *image, const char **ret_family, const char **ret_given)
{
	const struct search *search = image->reg->search;
	struct arena *arena = names->batch.arena;

	*ret_family = search->family == NULL ? "" : fold_again(names, arena, image_value(image, search->family));
	*ret_given = fold_again(names, arena, image_value(image, search->given));
}

static enum error
note_change(struct names *names, struct db *db, const struct change *change)
{
	struct name_change named = { .reg = change->reg, .record = change->after->id };

	fold_image(names, change->after, &named.family, &named.given);
	if (change->before != NULL) {
		fold_image(names, change->before, &named.old_family, &named.old_given);
		if (strcmp(named.family, named.old_family) == 0 && strcmp(named.given, named.old_given) == 0)
			return OK;
	}
	*ARENA_PUSH(names->batch.arena, names->batch.items, names->batch.count, names->batch.capacity) = named;
	return insert_name(db, &named);
}

enum error
names_batch(struct registry *registry, struct db *db)
{
	struct names *names = registry->names;

	list_clear(&names->batch);
	for (size_t i = 0; i < registry->batch_count; i++)
		for (size_t k = 0; k < registry->batch[i].change_count; k++)
			if (has_names(registry->batch[i].changes[k].reg))
				TRY(note_change(names, db, &registry->batch[i].changes[k]));
	return OK;
}

static void
hand_on(struct names *names, const struct name_change *change)
{
	struct arena *arena = NULL;
	struct name_change *handed = handed_add(&names->handed, &arena);

	*handed = (struct name_change){ .reg = change->reg,
					.record = change->record,
					.old_family = arena_text(arena, change->old_family),
					.old_given = arena_text(arena, change->old_given),
					.family = arena_text(arena, change->family),
					.given = arena_text(arena, change->given) };
}

void
names_committed(struct names *names)
{
	if (names->batch.count == 0)
		return;
	handed_begin(&names->handed);
	for (size_t i = 0; i < names->batch.count; i++)
		hand_on(names, &names->batch.items[i]);
	handed_end(&names->handed, HANDED_MAX);
	list_clear(&names->batch);
}

void
names_undone(struct names *names)
{
	list_clear(&names->batch);
}

/* ---- questions ---- */

void
names_find(struct names *names, const struct reg *reg, const struct name_question *question, struct arena *arena,
	   struct name_answer *ret_answer)
{
	assert(names->books[reg->index] != NULL);
	handed_hold(&names->handed);
	name_book_find(names->books[reg->index], question, arena, ret_answer);
	handed_release(&names->handed);
}

void
names_count(struct names *names, struct name_book_counts *ret_counts)
{
	*ret_counts = (struct name_book_counts){ 0 };
	handed_hold(&names->handed);
	for (size_t i = 0; i < names->pack->reg_count; i++) {
		struct name_book_counts counts = { 0 };

		if (names->books[i] != NULL)
			name_book_count(names->books[i], &counts);
		ret_counts->words += counts.words;
		ret_counts->pairs += counts.pairs;
		ret_counts->records += counts.records;
		ret_counts->bytes += counts.bytes;
	}
	handed_release(&names->handed);
}
