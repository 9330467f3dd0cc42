#include "registry/indexing.h"
#include <string.h>
#include "ledger/index_log.h"
#include "registry/engine.h"

enum { MS_A_SECOND = 1000, MS_AN_HOUR = 3600000 };

const char *
registry_index_folder(const struct registry *registry)
{
	return registry->index_folder;
}

static bool
has_file(const struct registry *registry, const struct index_entry *entry)
{
	AUTO(index_file_close) struct index_file *file = NULL;

	return index_file_open(registry->index_folder, entry->head.covered, &file) == OK &&
	       memcmp(index_file_head(file)->root, entry->head.root, sizeof(entry->head.root)) == 0;
}

/* An index of a time that has not come, after a clock that was wrong, must not stop those of the years between. */
static bool
is_due(const struct registry *registry, const struct index_entry *last, int64_t now, int hours)
{
	int64_t made_at = (int64_t)last->head.time_s * MS_A_SECOND;

	if (made_at > now)
		made_at = registry->indexed_at;
	return now - made_at >= (int64_t)hours * MS_AN_HOUR || !has_file(registry, last);
}

struct index_job {
	struct job job;
	struct registry *registry;
	struct index_head head;
};

static enum error
run_append(struct job *job, struct db *db)
{
	struct index_job *append = (struct index_job *)((char *)job - offsetof(struct index_job, job));
	uint64_t index = 0;

	return index_log_append(append->registry->ledger, db, &append->head, &index);
}

static enum error
make_index(struct registry *registry, struct db *db, uint64_t time_s)
{
	struct index_job append = { .job = { .run = run_append }, .registry = registry };

	TRY(index_log_count(db, registry->index_folder, &append.head));
	append.head.time_s = time_s;
	TRY(writer_run(registry->writer, &append.job));
	return index_log_trim(db, registry->index_folder);
}

enum error
indexing_run(struct registry *registry, int64_t now, int hours, bool *ret_made)
{
	AUTO(db_close) struct db *db = NULL;
	struct index_entry last = { 0 };
	uint64_t now_s = (uint64_t)(now / MS_A_SECOND);

	*ret_made = false;
	TRY(registry_reader(registry, &db));
	enum error e = index_log_last(db, UINT64_MAX, &last);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	if (e == OK && !is_due(registry, &last, now, hours))
		return OK;
	TRY(make_index(registry, db, last.head.time_s > now_s ? last.head.time_s : now_s));
	registry->indexed_at = now;
	*ret_made = true;
	return OK;
}
