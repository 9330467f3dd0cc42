/* The file, all numbers big-endian:
 *     "tirkeu/v1/index\n" (16 bytes), u64 N, u64 streams, u64 total, root[32]
 *     streams times: stream id[32] || u64 count, by ascending id
 *     for l = 4, 5, ... while streams >> l is not 0: that many hashes, the complete subtrees of 2^l records
 * Hashes of smaller subtrees are computed from their records when they are asked for: a path reads at most fifteen
 * records beside its own, and the file is little longer than the records. */
#include "ledger/index.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ledger/bytes.h"
#include "ledger/durable.h"

enum { MAGIC_BYTES = 16, FILE_HEAD_BYTES = 72, LEVEL_STORED = 4, BUFFER_RECORDS = 1024, PATH_BYTES_MAX = 4096 };
#define STREAMS_BEHIND (UINT64_C(1) << 44) /* streams have numbers below that */

static const char magic[MAGIC_BYTES + 1] = "tirkeu/v1/index\n";

/* ---- the entry and the records ---- */

void
index_head_write(const struct index_head *head, unsigned char ret_bytes[static INDEX_HEAD_BYTES])
{
	put_u64(ret_bytes, head->time_s);
	put_u64(ret_bytes + 8, head->covered);
	put_u64(ret_bytes + 16, head->streams);
	put_u64(ret_bytes + 24, head->total);
	memcpy(ret_bytes + 32, head->root, TREE_HASH_BYTES);
}

void
index_head_read(const unsigned char bytes[static INDEX_HEAD_BYTES], struct index_head *ret_head)
{
	ret_head->time_s = get_unsigned(bytes, 8);
	ret_head->covered = get_unsigned(bytes + 8, 8);
	ret_head->streams = get_unsigned(bytes + 16, 8);
	ret_head->total = get_unsigned(bytes + 24, 8);
	memcpy(ret_head->root, bytes + 32, TREE_HASH_BYTES);
}

bool
index_head_follows(const struct index_head *before, const struct index_head *head)
{
	return head->covered > before->covered && head->time_s >= before->time_s && head->streams >= before->streams &&
	       head->total >= before->total;
}

static void
write_record(const struct index_record *record, unsigned char ret_bytes[static INDEX_RECORD_BYTES])
{
	memcpy(ret_bytes, record->id, INDEX_ID_BYTES);
	put_u64(ret_bytes + INDEX_ID_BYTES, record->count);
}

static void
read_record(const unsigned char bytes[static INDEX_RECORD_BYTES], struct index_record *ret_record)
{
	memcpy(ret_record->id, bytes, INDEX_ID_BYTES);
	ret_record->count = get_unsigned(bytes + INDEX_ID_BYTES, 8);
}

void
index_record_leaf(const struct index_record *record, unsigned char ret_leaf[static TREE_HASH_BYTES])
{
	unsigned char bytes[INDEX_RECORD_BYTES];

	write_record(record, bytes);
	tree_leaf_hash(bytes, sizeof(bytes), ret_leaf);
}

/* ---- reading a file ---- */

struct index_file {
	int fd;
	struct index_head head;
};

/* Where the hashes of a stored level begin; that of the level behind the last is the file's length. */
static uint64_t
level_at(uint64_t streams, unsigned level)
{
	uint64_t at = FILE_HEAD_BYTES + streams * INDEX_RECORD_BYTES;

	for (unsigned l = LEVEL_STORED; l < level; l++)
		at += (streams >> l) * TREE_HASH_BYTES;
	return at;
}

static enum error
read_at(const struct index_file *file, uint64_t at, void *bytes, size_t count)
{
	ssize_t got = pread(file->fd, bytes, count, (off_t)at);

	if (got < 0)
		return ERR_IO;
	return (size_t)got == count ? OK : ERR_DAMAGED;
}

static enum error
record_at(const struct index_file *file, uint64_t position, struct index_record *ret_record)
{
	unsigned char bytes[INDEX_RECORD_BYTES];

	TRY(read_at(file, FILE_HEAD_BYTES + position * INDEX_RECORD_BYTES, bytes, sizeof(bytes)));
	read_record(bytes, ret_record);
	return OK;
}

static enum error
read_head(struct index_file *file)
{
	unsigned char bytes[FILE_HEAD_BYTES];
	struct stat status;

	TRY(read_at(file, 0, bytes, sizeof(bytes)));
	file->head.covered = get_unsigned(bytes + MAGIC_BYTES, 8);
	file->head.streams = get_unsigned(bytes + MAGIC_BYTES + 8, 8);
	file->head.total = get_unsigned(bytes + MAGIC_BYTES + 16, 8);
	memcpy(file->head.root, bytes + MAGIC_BYTES + 24, TREE_HASH_BYTES);
	if (fstat(file->fd, &status) != 0)
		return ERR_IO;
	bool whole = memcmp(bytes, magic, MAGIC_BYTES) == 0 && file->head.streams < STREAMS_BEHIND &&
		     (uint64_t)status.st_size == level_at(file->head.streams, TREE_LEVELS_MAX);

	return whole ? OK : ERR_DAMAGED;
}

/* false: too long. */
static bool
path_of(const char *folder, uint64_t covered, const char *end, char ret_path[static PATH_BYTES_MAX])
{
	int bytes = snprintf(ret_path, PATH_BYTES_MAX, "%s/%llu%s", folder, (unsigned long long)covered, end);

	return bytes > 0 && bytes < PATH_BYTES_MAX;
}

enum error
index_file_open(const char *folder, uint64_t covered, struct index_file **ret_file)
{
	AUTO(index_file_close) struct index_file *file = calloc(1, sizeof(*file));
	char path[PATH_BYTES_MAX];

	if (file == NULL)
		return ERR_NO_MEMORY;
	file->fd = -1;
	if (!path_of(folder, covered, "", path))
		return ERR_IO;
	file->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (file->fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	TRY(read_head(file));
	if (file->head.covered != covered)
		return ERR_DAMAGED;
	*ret_file = TAKE(file);
	return OK;
}

void
index_file_close(struct index_file *file)
{
	if (file == NULL)
		return;
	if (file->fd >= 0)
		close(file->fd);
	free(file);
}

const struct index_head *
index_file_head(const struct index_file *file)
{
	return &file->head;
}

static enum error
small_subtree(const struct index_file *file, unsigned level, uint64_t number, unsigned char *ret_hash)
{
	struct tree tree = { 0 };

	for (uint64_t i = number << level; i < (number + 1) << level; i++) {
		struct index_record record;
		unsigned char leaf[TREE_HASH_BYTES];

		TRY(record_at(file, i, &record));
		index_record_leaf(&record, leaf);
		tree_append(&tree, leaf);
	}
	tree_root(&tree, ret_hash);
	return OK;
}

static enum error
read_subtree(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	const struct index_file *file = context;

	if (level < LEVEL_STORED)
		return small_subtree(file, level, number, ret_hash);
	return read_at(file, level_at(file->head.streams, level) + number * TREE_HASH_BYTES, ret_hash, TREE_HASH_BYTES);
}

/* The first record whose id is not below. */
static enum error
search(const struct index_file *file, const unsigned char *id, uint64_t *ret_position, struct index_record *ret_record)
{
	uint64_t first = 0, behind = file->head.streams;

	while (first < behind) {
		uint64_t middle = first + (behind - first) / 2;

		TRY(record_at(file, middle, ret_record));
		if (memcmp(ret_record->id, id, INDEX_ID_BYTES) < 0)
			first = middle + 1;
		else
			behind = middle;
	}
	*ret_position = first;
	return first == file->head.streams ? ERR_NOT_FOUND : record_at(file, first, ret_record);
}

enum error
index_file_find(const struct index_file *file, const unsigned char id[static INDEX_ID_BYTES], uint64_t *ret_position,
		uint64_t *ret_count, struct proof *ret_proof)
{
	struct hash_source source = { .context = (void *)(uintptr_t)file, .read = read_subtree };
	unsigned char leaf[TREE_HASH_BYTES];
	struct index_record record;
	uint64_t position = 0;

	TRY(search(file, id, &position, &record));
	if (memcmp(record.id, id, INDEX_ID_BYTES) != 0)
		return ERR_NOT_FOUND;
	TRY(proof_inclusion(&source, position, file->head.streams, ret_proof));
	index_record_leaf(&record, leaf);
	if (proof_check_inclusion(position, file->head.streams, leaf, ret_proof, file->head.root) != OK)
		return ERR_DAMAGED;
	*ret_position = position;
	*ret_count = record.count;
	return OK;
}

/* Records in their order, many at once. */
struct cursor {
	const struct index_file *file; /* NULL: there are none */
	uint64_t next;                 /* to be read from the file */
	size_t at, count;              /* in the buffer */
	unsigned char buffer[BUFFER_RECORDS * INDEX_RECORD_BYTES];
	unsigned char last[INDEX_ID_BYTES];
	uint64_t total;
	struct tree tree;
};

static enum error
fill(struct cursor *cursor)
{
	uint64_t left = cursor->file == NULL ? 0 : cursor->file->head.streams - cursor->next;

	cursor->at = 0;
	cursor->count = (size_t)(left < BUFFER_RECORDS ? left : BUFFER_RECORDS);
	if (cursor->count == 0)
		return ERR_NOT_FOUND;
	TRY(read_at(cursor->file, FILE_HEAD_BYTES + cursor->next * INDEX_RECORD_BYTES, cursor->buffer,
		    cursor->count * INDEX_RECORD_BYTES));
	cursor->next += cursor->count;
	return OK;
}

/* ERR_NOT_FOUND: that was the last. ERR_DAMAGED: out of order, or a count of nothing. */
static enum error
next_record(struct cursor *cursor, struct index_record *ret_record)
{
	const unsigned char *bytes = cursor->buffer + cursor->at * INDEX_RECORD_BYTES;
	unsigned char leaf[TREE_HASH_BYTES];

	if (cursor->at == cursor->count) {
		TRY(fill(cursor));
		bytes = cursor->buffer;
	}
	read_record(bytes, ret_record);
	bool first = cursor->tree.size == 0;

	if (ret_record->count == 0 || (!first && memcmp(cursor->last, ret_record->id, INDEX_ID_BYTES) >= 0))
		return ERR_DAMAGED;
	memcpy(cursor->last, ret_record->id, INDEX_ID_BYTES);
	cursor->total += ret_record->count;
	tree_leaf_hash(bytes, INDEX_RECORD_BYTES, leaf);
	tree_append(&cursor->tree, leaf);
	cursor->at++;
	return OK;
}

/* Was all that was read what the file's head says? */
static enum error
check_read(const struct cursor *cursor)
{
	unsigned char root[TREE_HASH_BYTES];

	if (cursor->file == NULL)
		return OK;
	tree_root(&cursor->tree, root);
	return cursor->total == cursor->file->head.total && memcmp(root, cursor->file->head.root, TREE_HASH_BYTES) == 0
		       ? OK
		       : ERR_DAMAGED;
}

static enum error
check_levels(const struct index_file *file)
{
	for (unsigned level = LEVEL_STORED; file->head.streams >> level != 0; level++)
		for (uint64_t i = 0; i < file->head.streams >> level; i++) {
			unsigned char stored[TREE_HASH_BYTES], left[TREE_HASH_BYTES], right[TREE_HASH_BYTES];

			TRY(read_subtree((void *)(uintptr_t)file, level, i, stored));
			if (level == LEVEL_STORED) {
				TRY(small_subtree(file, level, i, left));
			} else {
				TRY(read_subtree((void *)(uintptr_t)file, level - 1, 2 * i, left));
				TRY(read_subtree((void *)(uintptr_t)file, level - 1, 2 * i + 1, right));
				tree_node_hash(left, right, left);
			}
			if (memcmp(stored, left, TREE_HASH_BYTES) != 0)
				return ERR_DAMAGED;
		}
	return OK;
}

enum error
index_file_check(const struct index_file *file)
{
	struct cursor cursor = { .file = file };
	struct index_record record;
	enum error e;

	while ((e = next_record(&cursor, &record)) == OK)
		continue;
	if (e != ERR_NOT_FOUND)
		return e;
	TRY(check_read(&cursor));
	return check_levels(file);
}

/* ---- writing one ---- */

struct output {
	FILE *file;
	struct index_head head; /* grows */
	struct tree tree;
	struct tree small;     /* the subtree of LEVEL_STORED that is not yet complete */
	struct strbuf subtree; /* hashes of the complete ones, two bytes a record */
};

static void
output_done(struct output *output)
{
	if (output->file != NULL)
		fclose(output->file);
	strbuf_done(&output->subtree);
}
DEFINE_AUTO_DONE(struct output, output_done)

static enum error
put_record(struct output *output, const struct index_record *record)
{
	unsigned char bytes[INDEX_RECORD_BYTES], hash[TREE_HASH_BYTES];

	write_record(record, bytes);
	tree_leaf_hash(bytes, sizeof(bytes), hash);
	tree_append(&output->tree, hash);
	tree_append(&output->small, hash);
	if (output->small.size == 1 << LEVEL_STORED) {
		tree_root(&output->small, hash);
		strbuf_add(&output->subtree, hash, sizeof(hash));
		output->small = (struct tree){ 0 };
	}
	output->head.streams++;
	output->head.total += record->count;
	return fwrite(bytes, sizeof(bytes), 1, output->file) == 1 ? OK : ERR_IO;
}

/* Both are sorted: one walk through both. */
static enum error
put_merged(struct output *output, struct cursor *before, const struct index_record *additions, size_t count)
{
	struct index_record old;
	enum error e = next_record(before, &old);

	for (size_t i = 0; i < count || e == OK;) {
		int order = e != OK ? 1 : i == count ? -1 : memcmp(old.id, additions[i].id, INDEX_ID_BYTES);
		struct index_record record = order <= 0 ? old : additions[i];

		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		if (order == 0)
			record.count += additions[i].count;
		assert(i == 0 || order < 0 || memcmp(additions[i - 1].id, additions[i].id, INDEX_ID_BYTES) < 0);
		TRY(put_record(output, &record));
		i += order >= 0;
		if (order <= 0)
			e = next_record(before, &old);
	}
	return e == ERR_NOT_FOUND ? check_read(before) : e;
}

/* Each level's hashes from those of the level below, in place. */
static enum error
put_levels(struct output *output)
{
	unsigned char *hashes = (unsigned char *)output->subtree.text;
	uint64_t count = output->subtree.bytes / TREE_HASH_BYTES;

	for (; count > 0; count /= 2) {
		if (fwrite(hashes, TREE_HASH_BYTES, count, output->file) != count)
			return ERR_IO;
		for (uint64_t i = 0; i < count / 2; i++)
			tree_node_hash(hashes + 2 * i * TREE_HASH_BYTES, hashes + (2 * i + 1) * TREE_HASH_BYTES,
				       hashes + i * TREE_HASH_BYTES);
	}
	return OK;
}

static enum error
put_head(struct output *output)
{
	unsigned char bytes[FILE_HEAD_BYTES];

	memcpy(bytes, magic, MAGIC_BYTES);
	put_u64(bytes + MAGIC_BYTES, output->head.covered);
	put_u64(bytes + MAGIC_BYTES + 8, output->head.streams);
	put_u64(bytes + MAGIC_BYTES + 16, output->head.total);
	memcpy(bytes + MAGIC_BYTES + 24, output->head.root, TREE_HASH_BYTES);
	return fseeko(output->file, 0, SEEK_SET) == 0 && fwrite(bytes, sizeof(bytes), 1, output->file) == 1 ? OK
													    : ERR_IO;
}

static enum error
put_all(struct output *output, const struct index_file *before, const struct index_record *additions, size_t count)
{
	static const unsigned char room[FILE_HEAD_BYTES];
	struct cursor cursor = { .file = before };

	if (fwrite(room, sizeof(room), 1, output->file) != 1)
		return ERR_IO;
	TRY(put_merged(output, &cursor, additions, count));
	TRY(put_levels(output));
	tree_root(&output->tree, output->head.root);
	TRY(put_head(output));
	return fflush(output->file) == 0 && fsync(fileno(output->file)) == 0 ? OK : ERR_IO;
}

enum error
index_file_merge(const char *folder, const struct index_file *before, const struct index_record *additions,
		 size_t count, uint64_t covered, struct index_head *ret_head)
{
	AUTO(output_done) struct output output = { .head = { .covered = covered } };
	char fresh[PATH_BYTES_MAX], path[PATH_BYTES_MAX];

	if (before != NULL && before->head.covered >= covered)
		return ERR_DAMAGED;
	if (!path_of(folder, covered, ".new", fresh) || !path_of(folder, covered, "", path))
		return ERR_IO;
	TRY(durable_make_folder(folder));
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	output.file = fd < 0 ? NULL : fdopen(fd, "w");
	if (output.file == NULL) {
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	TRY(put_all(&output, before, additions, count));
	if (rename(fresh, path) != 0)
		return ERR_IO;
	TRY(durable_sync(folder));
	*ret_head = output.head;
	return OK;
}

/* ---- the folder ---- */

static bool
is_kept(const char *name, const uint64_t *covered, size_t count)
{
	char text[24];

	for (size_t i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)covered[i]);
		if (strcmp(name, text) == 0)
			return true;
	}
	return false;
}

enum error
index_folder_trim(const char *folder, const uint64_t *covered, size_t count)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	enum error e = OK;

	if (dir == NULL)
		return errno == ENOENT ? OK : ERR_IO;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && !is_kept(entry->d_name, covered, count) &&
		    unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			e = ERR_IO;
	closedir(dir);
	return e;
}
