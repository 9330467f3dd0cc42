/* demo.c - a demo's clock can be moved forward, so that deadlines can be watched. */
#include <string.h>
#include "base/day.h"
#include "http/handlers.h"
#include "registry/clock.h"

static void
print_clock(struct request *request, const uint64_t *runs)
{
	int64_t now = registry_now(request->registry);
	char time[INSTANT_TEXT_BYTES], day[DAY_TEXT_BYTES];
	struct json *json = reply_json(request, 200);

	json_open_map(json);
	json_field_text(json, "now",
			instant_print(now, zone_offset_minutes(registry_zone(request->registry), now), time));
	json_field_text(json, "today", day_print(registry_today(request->registry, now), day));
	json_field_boolean(json, "demo", registry_is_demo(request->registry));
	if (runs != NULL)
		json_field_integer(json, "runs", (int64_t)*runs);
	json_close_map(json);
}

enum error
demo_clock_get(struct request *request)
{
	if (!registry_is_demo(request->registry))
		return ERR_NOT_FOUND;
	print_clock(request, NULL);
	return OK;
}

enum error
demo_clock_post(struct request *request)
{
	static const char *const keys[] = { "to" };
	int64_t to = 0, day = 0;
	uint64_t runs = 0;

	request_check_keys(request, keys, ARRAY_COUNT(keys));
	const char *text = request_text(request, "to", true);

	TRY(request_faults(request));
	if (day_parse(text, strlen(text), false, &day) == OK)
		to = zone_day_begins(registry_zone(request->registry), day);
	else if (instant_parse(text, strlen(text), &to) != OK)
		return request_fault(request, "to", MSG_NOT_DAY, NULL);
	TRY(clock_move(request->registry, to, &runs));
	print_clock(request, &runs);
	return OK;
}
