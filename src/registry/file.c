#include "registry/file.h"
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/random.h"
#include "registry/engine.h"

enum {
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES
};

static const char *const kind_names[FILE_KIND_COUNT] = { "pdf", "jpeg", "png" };
static const char *const media_types[FILE_KIND_COUNT] = { "application/pdf", "image/jpeg", "image/png" };

const char *
file_kind_name(enum file_kind kind)
{
	assert(kind < FILE_KIND_COUNT);
	return kind_names[kind];
}

const char *
file_media_type(enum file_kind kind)
{
	assert(kind < FILE_KIND_COUNT);
	return media_types[kind];
}

static bool
begins(const void *bytes, size_t count, const char *mark, size_t mark_bytes)
{
	return count >= mark_bytes && memcmp(bytes, mark, mark_bytes) == 0;
}

/* ISO 32000-1, 7.5.2 and 7.5.5; RFC 2083, 3.1 and 4.1.4; ITU-T T.81, B.1.1.3. A file that is something else
 * behind a right beginning is served as an attachment with its type fixed, so nothing guesses again. */
enum file_kind
file_kind_of(const void *bytes, size_t count)
{
	const char *text = bytes;
	size_t tail = count > 1024 ? 1024 : count;

	if (begins(bytes, count, "%PDF-", 5) && memmem(text + count - tail, tail, "%%EOF", 5) != NULL)
		return FILE_PDF;
	if (begins(bytes, count, "\xff\xd8\xff", 3))
		return FILE_JPEG;
	if (begins(bytes, count, "\x89PNG\r\n\x1a\n", 8) &&
	    memmem(text + count - tail, tail, "IEND\xae\x42\x60\x82", 8) != NULL)
		return FILE_PNG;
	return FILE_KIND_COUNT;
}

struct keep_job {
	struct job job;
	struct registry *registry;
	int64_t account, now, file;
	enum file_kind kind;
	size_t count;
	unsigned char nonce[NONCE_BYTES];
	unsigned char *sealed;
};

static enum error
check_day(const struct keep_job *keep, struct db *db)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT count(*) FROM sys_file WHERE account = $1 AND uploaded_at > $2");

	bind_integer(query, 1, keep->account);
	bind_integer(query, 2, keep->now - DAY_MS);
	TRY(query_one(query));
	return column_integer(query, 0) < FILES_PER_DAY_MAX ? OK : ERR_LIMITED;
}

static enum error
run_keep(struct job *job, struct db *db)
{
	struct keep_job *keep = (struct keep_job *)((char *)job - offsetof(struct keep_job, job));

	TRY(check_day(keep, db));
	AUTO(query_free)
	struct query *query = db_query(db, "INSERT INTO sys_file (id, account, kind, bytes, nonce, sealed, uploaded_at)"
					   " VALUES ($1, $2, $3, $4, $5, $6, $7)");

	keep->file = registry_new_id(keep->registry);
	bind_integer(query, 1, keep->file);
	bind_integer(query, 2, keep->account);
	bind_text(query, 3, kind_names[keep->kind]);
	bind_integer(query, 4, (int64_t)keep->count);
	bind_bytes(query, 5, keep->nonce, sizeof(keep->nonce));
	bind_bytes(query, 6, keep->sealed, keep->count + TAG_BYTES);
	bind_integer(query, 7, keep->now);
	return query_run(query);
}

/* What the seal is bound to besides the bytes. */
static size_t
print_bound(char text[static 48], enum file_kind kind, int64_t account)
{
	return (size_t)snprintf(text, 48, "%s %lld", kind_names[kind], (long long)account);
}

enum error
file_keep(struct registry *registry, int64_t account, const void *bytes, size_t count, int64_t now, int64_t *ret_file,
	  enum file_kind *ret_kind)
{
	struct keep_job keep = { .job = { .run = run_keep },
				 .registry = registry,
				 .account = account,
				 .now = now,
				 .kind = file_kind_of(bytes, count),
				 .count = count };
	char bound[48];

	if (count > FILE_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (keep.kind == FILE_KIND_COUNT)
		return ERR_MEDIA_TYPE;
	keep.sealed = malloc(count + TAG_BYTES);
	if (keep.sealed == NULL)
		return ERR_NO_MEMORY;
	random_bytes(keep.nonce, sizeof(keep.nonce));
	crypto_aead_xchacha20poly1305_ietf_encrypt(keep.sealed, NULL, bytes, count, (const unsigned char *)bound,
						   print_bound(bound, keep.kind, account), NULL, keep.nonce,
						   registry->config.file_key);
	enum error e = writer_run(registry->writer, &keep.job);
	free(keep.sealed);
	if (e != OK)
		return e;
	*ret_file = keep.file;
	*ret_kind = keep.kind;
	return OK;
}

static enum error
parse_kind(const char *name, enum file_kind *ret_kind)
{
	for (int i = 0; name != NULL && i < FILE_KIND_COUNT; i++) {
		if (strcmp(name, kind_names[i]) == 0) {
			*ret_kind = (enum file_kind)i;
			return OK;
		}
	}
	return ERR_DAMAGED;
}

enum error
file_load(const struct registry *registry, struct db *db, struct arena *arena, int64_t file,
	  struct file_content *ret_content)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT account, kind, bytes, nonce, sealed FROM sys_file WHERE id = $1");
	struct file_content content = { 0 };
	size_t nonce_bytes = 0, sealed_bytes = 0;
	char bound[48];

	bind_integer(query, 1, file);
	TRY(query_one(query));
	content.account = column_integer(query, 0);
	TRY(parse_kind(column_text(query, 1), &content.kind));
	content.count = (size_t)column_integer(query, 2);
	const unsigned char *nonce = column_bytes(query, 3, &nonce_bytes),
			    *sealed = column_bytes(query, 4, &sealed_bytes);

	if (nonce_bytes != NONCE_BYTES || content.count > FILE_BYTES_MAX || sealed_bytes != content.count + TAG_BYTES)
		return ERR_DAMAGED;
	unsigned char *bytes = arena_take(arena, content.count + 1);

	if (crypto_aead_xchacha20poly1305_ietf_decrypt(
		    bytes, NULL, NULL, sealed, sealed_bytes, (const unsigned char *)bound,
		    print_bound(bound, content.kind, content.account), nonce, registry->config.file_key) != 0)
		return ERR_DAMAGED;
	content.bytes = bytes;
	*ret_content = content;
	return OK;
}

const char *
file_reference(const struct registry *registry, struct arena *arena, int64_t file)
{
	char text[REFERENCE_BYTES_MAX];

	return arena_text(arena, reference_print(registry->references, FILE_PREFIX, file, text));
}

enum error
file_parse_reference(const struct registry *registry, const char *text, int64_t *ret_file)
{
	char prefix[3];
	int64_t file = 0;

	if (reference_parse(registry->references, text, prefix, &file) != OK || strcmp(prefix, FILE_PREFIX) != 0)
		return ERR_NOT_FOUND;
	*ret_file = file;
	return OK;
}
