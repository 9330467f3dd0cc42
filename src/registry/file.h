/* file.h - uploaded files: told by their content, sealed, kept in the store, named like a record in records.
 * Knows no HTTP. */
#pragma once
#include "registry/registry.h"

enum { FILE_BYTES_MAX = 10 * 1024 * 1024, FILES_PER_DAY_MAX = 200 };
#define FILE_PREFIX INPUT_FILE_PREFIX

enum file_kind { FILE_PDF, FILE_JPEG, FILE_PNG, FILE_KIND_COUNT };
const char *file_kind_name(enum file_kind kind);
const char *file_media_type(enum file_kind kind);
/* By the first bytes and, for PDF and PNG, the end too; FILE_KIND_COUNT: none of them. */
enum file_kind file_kind_of(const void *bytes, size_t count);

/* Blocking: waits for the writer, durable when it returns. ERR_MEDIA_TYPE: none of the kinds; ERR_TOO_LARGE;
 * ERR_LIMITED: FILES_PER_DAY_MAX of this account in a day. */
NODISCARD enum error file_keep(struct registry *registry, int64_t account, const void *bytes, size_t count, int64_t now,
			       int64_t *ret_file, enum file_kind *ret_kind);

struct file_content {
	enum file_kind kind;
	int64_t account;
	const unsigned char *bytes; /* in the arena */
	size_t count;
};
/* ERR_NOT_FOUND; ERR_DAMAGED: it is not what was uploaded. */
NODISCARD enum error file_load(const struct registry *registry, struct db *db, struct arena *arena, int64_t file,
			       struct file_content *ret_content);

const char *file_reference(const struct registry *registry, struct arena *arena, int64_t file);
/* ERR_NOT_FOUND: not the form of one. */
NODISCARD enum error file_parse_reference(const struct registry *registry, const char *text, int64_t *ret_file);
