#include <stdlib.h>
#include <string.h>
#include "pack/load.h"
#include "text/utf8.h"

void
pack_report_init(struct pack_report *report)
{
	*report = (struct pack_report){ .arena = arena_new() };
}

void
pack_report_done(struct pack_report *report)
{
	if (report == NULL)
		return;
	arena_free(report->arena);
	*report = (struct pack_report){ 0 };
}

/* A message may quote a pack's bytes and cut them in the middle of a character: what is no UTF-8 of it is left out. */
static const char *print_clean(struct arena *arena, const char *format, va_list list) PRINTF_LIKE(2, 0);
static const char *
print_clean(struct arena *arena, const char *format, va_list list)
{
	char *text = arena_vprintf(arena, format, list), *to = text;

	for (const char *from = text; *from != '\0';) {
		size_t bytes = utf8_sequence(from, strlen(from));

		memmove(to, from, bytes);
		to += bytes;
		from += bytes == 0 ? 1 : bytes;
	}
	*to = '\0';
	return text;
}

PRINTF_LIKE(5, 0)
static void
add(struct pack_report *report, enum severity severity, const char *file, int line, const char *format, va_list list)
{
	if (report->arena == NULL)
		report->arena = arena_new();
	*ARENA_PUSH(report->arena, report->faults, report->count, report->capacity) = (struct pack_fault){
		.severity = severity,
		.file = arena_text(report->arena, file == NULL ? "" : file),
		.line = line,
		.text = print_clean(report->arena, format, list),
	};
	if (severity == SEVERITY_ERROR)
		report->error_count++;
}

void
pack_report_add(struct pack_report *report, enum severity severity, const char *file, int line, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	add(report, severity, file, line, format, list);
	va_end(list);
}

void
load_fault(struct loader *loader, struct place_in_file at, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	add(loader->report, SEVERITY_ERROR, at.file, at.line, format, list);
	va_end(list);
}

void
load_warn(struct loader *loader, struct place_in_file at, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	add(loader->report, SEVERITY_WARNING, at.file, at.line, format, list);
	va_end(list);
}

const char *
load_nearest(struct loader *loader, const char *name, const char *const *names, size_t count)
{
	const char *nearest = nearest_name(name, names, count);

	return nearest == NULL ? "" : arena_printf(loader->arena, "; did you mean “%s”?", nearest);
}

static int
compare_faults(const void *left, const void *right)
{
	const struct pack_fault *a = left, *b = right;
	int order = strcmp(a->file, b->file);

	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	if (order == 0)
		order = (int)a->severity - (int)b->severity;
	return order == 0 ? strcmp(a->text, b->text) : order;
}

void
load_sort_report(struct pack_report *report)
{
	if (report->count > 1)
		qsort(report->faults, report->count, sizeof(*report->faults), compare_faults);
}
