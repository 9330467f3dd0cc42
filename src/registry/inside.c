#include "registry/inside.h"
#include "registry/engine.h"

/* What has not happened because the request, law or the record's state does not allow it is an answer. */
static bool
is_answer(enum error e)
{
	return error_http(e) < 500;
}

enum error
act_run_inside(struct act *act, struct db *db)
{
	struct ledger *ledger = act->registry->ledger;
	uint64_t size = ledger_size(ledger);

	TRY(db_savepoint(db, SAVEPOINT_ROW));
	enum error e = act->job.run(&act->job, db);

	if (e == OK)
		return db_release(db, SAVEPOINT_ROW);
	/* The ledger in memory goes back by whole jobs only: an act that fails with half its entries made is a fault. */
	if (is_answer(e) && ledger_size(ledger) != size)
		e = ERR_FAULT;
	if (!is_answer(e))
		return e;
	act->result = e;
	TRY(db_rollback_to(db, SAVEPOINT_ROW));
	return db_release(db, SAVEPOINT_ROW);
}
