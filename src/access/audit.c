#include "access/state.h"

enum { AUDIT_ROWS_MAX = 1000 };

/* Only the writer's thread adds rows, so the next number is free. */
static const char audit_add_sql[] = "INSERT INTO access_audit (nr, at, kind, account, by_account, detail) "
				    "SELECT coalesce(max(nr), 0) + 1, $1, $2, $3, $4, $5 FROM access_audit";

enum error
audit_add(struct db *db, int64_t now, const char *kind, int64_t account, int64_t by_account, const char *detail)
{
	AUTO(query_free) struct query *q = db_query(db, audit_add_sql);

	bind_integer(q, 1, now);
	bind_text(q, 2, kind);
	bind_integer(q, 3, account);
	bind_integer(q, 4, by_account);
	if (detail == NULL)
		bind_null(q, 5);
	else
		bind_text(q, 5, detail);
	return query_run(q);
}

static const char audit_list_sql[] =
	"SELECT nr, at, kind, account, by_account, detail FROM access_audit WHERE nr < $1 ORDER BY nr DESC LIMIT $2";
static const char audit_list_account_sql[] =
	"SELECT nr, at, kind, account, by_account, detail FROM access_audit WHERE nr < $1 AND account = $3 "
	"ORDER BY nr DESC LIMIT $2";

enum error
audit_list(struct db *db, struct arena *arena, int64_t account, int64_t before, size_t limit,
	   const struct audit_row **ret_rows, size_t *ret_count)
{
	AUTO(query_free) struct query *q = db_query(db, account == 0 ? audit_list_sql : audit_list_account_sql);
	struct audit_row *rows = NULL;
	size_t count = 0, capacity = 0;
	enum error e;

	bind_integer(q, 1, before == 0 ? INT64_MAX : before);
	bind_integer(q, 2, limit < AUDIT_ROWS_MAX ? (int64_t)limit : AUDIT_ROWS_MAX);
	if (account != 0)
		bind_integer(q, 3, account);
	while ((e = query_step(q)) == OK) {
		struct audit_row *row = ARENA_PUSH(arena, rows, count, capacity);

		*row = (struct audit_row){ .nr = column_integer(q, 0),
					   .at = column_integer(q, 1),
					   .kind = arena_text(arena, column_text(q, 2)),
					   .account = column_integer(q, 3),
					   .by_account = column_integer(q, 4),
					   .detail = arena_text(arena, column_text(q, 5)) };
	}
	if (e != ERR_NOT_FOUND)
		return e;
	*ret_rows = rows;
	*ret_count = count;
	return OK;
}
