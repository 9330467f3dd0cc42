/* log.h - one JSON object a line on standard error. Only http/ and cli/ log; never a personal
 * number, name, address, token or request body: routes, codes, counts and times. */
#pragma once
#include "base/base.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_threshold(enum log_level level);

/* log_event(LOG_INFO, "started", LOG_INTEGER("port", 8080)); the event is one word. */
struct log_field {
	const char *key;
	const char *text; /* NULL: a number */
	int64_t integer;
};
#define LOG_TEXT(k, t) ((struct log_field){ .key = (k), .text = (t) })
#define LOG_INTEGER(k, i) ((struct log_field){ .key = (k), .integer = (int64_t)(i) })
void log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t count);
#define log_event(level, event, ...)                                        \
	log_fields(level, event, (const struct log_field[]){ __VA_ARGS__ }, \
		   sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))
