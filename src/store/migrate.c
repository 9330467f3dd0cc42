#include "store/migrate.h"
#include "store/schema.h"

static enum error
last_number(struct db *db, int64_t *ret_number)
{
	AUTO(query_free) struct query *q = db_query(db, "SELECT coalesce(max(number), 0) FROM migration");

	TRY(query_one(q));
	*ret_number = column_integer(q, 0);
	return OK;
}

static enum error
note_run(struct db *db, const struct migration *migration)
{
	AUTO(query_free) struct query *q = db_query(db, "INSERT INTO migration (number, name) VALUES ($1, $2)");

	bind_integer(q, 1, migration->number);
	bind_text(q, 2, migration->name);
	return query_run(q);
}

enum error
schema_migrate(struct db *db)
{
	int64_t last = 0;

	TRY(db_execute(db, "CREATE TABLE IF NOT EXISTS migration (number bigint PRIMARY KEY, name text NOT NULL)"));
	TRY(last_number(db, &last));
	if (last > (int64_t)migration_count)
		return ERR_CONFLICT; /* a later program made this database */
	for (size_t i = (size_t)last; i < migration_count; i++) {
		TRY(db_execute(db, migrations[i].sql));
		TRY(note_run(db, &migrations[i]));
	}
	return OK;
}
