/* small_pack.h - the small pack of the tests (pack/fixture.h) in a folder of its own, with some of its files replaced by
 * what a target was given. Lives as long as the program. */
#pragma once
#include "pack/fixture.h"
#include "text/utf8.h"

static char small_folder[64];
/* Which days are worked is worked out for all days that there are: left out, a pack loads ten times as fast. */
static const char small_without[] = "tables/calendar.csv";

static inline void
small_remove(void)
{
	fixture_remove(small_folder);
}

static inline void
small_begin(void)
{
	if (small_folder[0] != '\0')
		return;
	char calendar[128];

	fixture_make(small_folder, false);
	atexit(small_remove);
	snprintf(calendar, sizeof(calendar), "%s/%s", small_folder, small_without);
	unlink(calendar);
	AUTO(pack_free) struct pack *pack = NULL;
	struct pack_report report;
	size_t added = 0;

	pack_report_init(&report);
	enum error e = pack_load_uncoded(small_folder, &report, &pack);

	if (e == OK)
		e = pack_codes_write(small_folder, pack, &added);
	assert(e == OK && added > 0);
	pack_report_done(&report);
}

/* Is it a path that a pack may have, and none that leads out of it? */
static inline bool
small_is_path(const char *path)
{
	size_t bytes = strlen(path);

	return bytes > 0 && bytes < 100 && path[0] != '/' && path[bytes - 1] != '/' && strstr(path, "..") == NULL &&
	       strstr(path, "//") == NULL && strspn(path, "abcdefghijklmnopqrstuvwxyz0123456789_-./") == bytes;
}

/* false: no file can be made of that name (a folder is there). */
static inline bool
small_put(const char *path, const void *bytes, size_t count)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s/%s", small_folder, path);
	for (char *p = full + strlen(small_folder) + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(full, 0700);
			*p = '/';
		}
	FILE *file = fopen(full, "wb");

	if (file == NULL)
		return false;
	size_t written = fwrite(bytes, 1, count, file);

	assert(written == count && fclose(file) == 0);
	return true;
}

/* As it was before small_put. */
static inline void
small_restore(const char *path)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s/%s", small_folder, path);
	for (size_t i = 0; i < ARRAY_COUNT(fixture_files); i++)
		if (strcmp(fixture_files[i].path, path) == 0 && strcmp(path, small_without) != 0) {
			fixture_write(small_folder, path, fixture_files[i].text);
			return;
		}
	if (strncmp(path, "text/", 5) == 0 && strlen(path) == strlen("text/en.yaml"))
		fixture_write(small_folder, path, fixture_texts);
	else
		unlink(full);
}

/* Loads the pack. Either it is one, or the report says where it is not, in words that can be shown; what was taken can be
 * held against itself without a difference. Only what lies in the folder is named. */
static inline void
small_load(void)
{
	AUTO(pack_free) struct pack *pack = NULL;
	AUTO(strbuf_done) struct strbuf difference = { 0 };
	struct pack_report report;
	bool widens = false;

	pack_report_init(&report);
	enum error e = pack_load_uncoded(small_folder, &report, &pack);

	assert(e == OK || (e == ERR_BAD_INPUT && pack == NULL));
	assert((e == OK) == (report.error_count == 0));
	for (size_t i = 0; i < report.count; i++) {
		const struct pack_fault *fault = &report.faults[i];

		assert(fault->line >= 0 && fault->text[0] != '\0');
		assert(utf8_is_valid(fault->text, strlen(fault->text)));
		assert(fault->file == NULL || fault->file[0] != '/');
	}
	if (e == OK) {
		pack_diff(pack, pack, &difference, &widens);
		assert(difference.bytes == 0 && !widens);
	}
	pack_report_done(&report);
}
