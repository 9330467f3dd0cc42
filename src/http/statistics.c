/* statistics.c - fixed tables by month. Nothing but the month chooses among their rows. */
#include "base/day.h"
#include "http/accept.h"
#include "http/handlers.h"
#include "registry/statistic.h"

enum error
statistics_get(struct request *request)
{
	static const char *const names[] = { NULL };
	struct db *db = NULL;

	TRY(request_check_query(request, names));
	TRY(request_db(request, &db));
	return statistic_list(request->registry, db, request->arena, &request->actor, reply_json(request, 200));
}

enum error
statistic_get(struct request *request)
{
	static const char *const names[] = { "month", NULL };
	const char *month_text = request_query(request, "month");
	struct statistic statistic;
	int64_t month = DAY_NONE;
	struct db *db = NULL;

	TRY(request_check_query(request, names));
	if (month_text != NULL && statistic_month_parse(month_text, &month) != OK)
		return request_fault(request, "month", MSG_NOT_MONTH, NULL);
	TRY(request_db(request, &db));
	TRY(statistic_load(request->registry, db, request->arena, &request->actor, request_param(request, "name"),
			   month, &statistic));
	if (accept_csv(request_header(request, "Accept")))
		statistic_print_csv(request->registry, request->arena, &statistic, request->language,
				    reply_text(request, 200, "text/csv; charset=utf-8; header=present"));
	else
		statistic_print(request->registry, request->arena, &statistic, request->language,
				reply_json(request, 200));
	/* A month stays as it is; which is the latest does not, nor do titles for ever. */
	if (statistic.view->is_public)
		request->reply.cache = month_text == NULL ? "public, max-age=300" : "public, max-age=86400";
	return OK;
}
