#include "ledger/tlog.h"
#include "base/memory.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "ledger/durable.h"
#include "ledger/proof_file.h"
#include "ledger/tile_file.h"

struct tlog {
	char *folder;
	char *origin;
	pthread_mutex_t file_lock; /* whoever holds it writes the checkpoint's file */
	pthread_mutex_t lock;      /* of what is published */
	bool published;
	struct checkpoint checkpoint;
	struct strbuf note;
	_Atomic int alarm;
	_Atomic bool failing;
};

/* Our own file of our own origin: whose signature is on it the publisher looks at. */
static void
take_checkpoint(struct tlog *tlog, const struct strbuf *file)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct checkpoint checkpoint;
	struct note note;

	if (note_parse(arena, file->text, file->bytes, &note) == OK &&
	    checkpoint_parse(note.text, note.text_bytes, &checkpoint) == OK &&
	    strcmp(checkpoint.origin, tlog->origin) == 0)
		tlog_announce(tlog, &checkpoint, file->text, file->bytes);
}

enum error
tlog_open(const char *folder, const char *origin, struct tlog **ret_tlog)
{
	AUTO(tlog_close) struct tlog *tlog = must_have(calloc(1, sizeof(*tlog)));
	AUTO(strbuf_done) struct strbuf path = { 0 };
	AUTO(strbuf_done) struct strbuf file = { 0 };

	pthread_mutex_init(&tlog->file_lock, NULL);
	pthread_mutex_init(&tlog->lock, NULL);
	tlog->folder = must_have(strdup(folder));
	tlog->origin = must_have(strdup(origin));
	strbuf_printf(&path, "%s/checkpoint", folder);
	enum error e = durable_read(path.text, TLOG_CHECKPOINT_BYTES_MAX, &file);
	if (e == ERR_IO)
		return e;
	if (e == OK && file.bytes > 0)
		take_checkpoint(tlog, &file);
	*ret_tlog = TAKE(tlog);
	return OK;
}

void
tlog_close(struct tlog *tlog)
{
	if (tlog == NULL)
		return;
	pthread_mutex_destroy(&tlog->file_lock);
	pthread_mutex_destroy(&tlog->lock);
	strbuf_done(&tlog->note);
	free(tlog->folder);
	free(tlog->origin);
	free(tlog);
}

const char *
tlog_folder(const struct tlog *tlog)
{
	return tlog->folder;
}

/* Checkpoint and note of one moment; `note` may be NULL. */
static bool
published(struct tlog *tlog, struct checkpoint *ret_checkpoint, struct strbuf *note)
{
	pthread_mutex_lock(&tlog->lock);
	bool is_there = tlog->published;

	if (is_there)
		*ret_checkpoint = tlog->checkpoint;
	if (is_there && note != NULL)
		strbuf_add(note, tlog->note.text, tlog->note.bytes);
	pthread_mutex_unlock(&tlog->lock);
	return is_there;
}

bool
tlog_published(struct tlog *tlog, struct checkpoint *ret_checkpoint)
{
	return published(tlog, ret_checkpoint, NULL);
}

enum error
tlog_checkpoint(struct tlog *tlog, struct strbuf *out)
{
	struct checkpoint checkpoint;

	return published(tlog, &checkpoint, out) ? OK : ERR_NOT_FOUND;
}

enum error
tlog_open_tile(struct tlog *tlog, const char *path, int *ret_fd, size_t *ret_bytes)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	struct checkpoint checkpoint;
	struct tile tile;
	struct stat status;

	TRY(tile_parse(path, strlen(path), &tile));
	if (!tlog_published(tlog, &checkpoint) || !tile_is_in(&tile, checkpoint.size))
		return ERR_NOT_FOUND;
	tile_file_path(tlog->folder, &tile, &file);
	int fd = open(file.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return ERR_NOT_FOUND; /* a partial one that went */
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(fd);
		return ERR_IO;
	}
	*ret_fd = fd;
	*ret_bytes = (size_t)status.st_size;
	return OK;
}

/* ---- the tree ---- */

struct held_tile {
	bool is_held;
	uint64_t number;
	unsigned char hashes[TILE_WIDTH][TREE_HASH_BYTES];
};

struct tlog_view {
	struct hash_source source;
	const char *folder;
	uint64_t size;
	struct held_tile tiles[TILE_LEVELS];
};

static enum error
hold_tile(struct tlog_view *view, const struct tile *wanted)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	struct held_tile *held = &view->tiles[wanted->level];
	struct tile tile = tile_file_in(view->size, false, wanted->level, wanted->number);

	if (held->is_held && held->number == tile.number)
		return OK;
	enum error e = tile_file_read(view->folder, &tile, &file);
	if (e != OK)
		return e == ERR_NOT_FOUND ? ERR_DAMAGED : e;
	held->is_held = true;
	held->number = tile.number;
	memcpy(held->hashes, file.text, file.bytes);
	return OK;
}

static enum error
read_node(void *context, unsigned level, uint64_t number, unsigned char ret_hash[static TREE_HASH_BYTES])
{
	struct tlog_view *view = context;
	unsigned height = 0, position = 0;
	struct tile tile;

	tile_of_node(level, number, &tile, &height, &position);
	TRY(hold_tile(view, &tile));
	tile_node((const unsigned char(*)[TREE_HASH_BYTES])view->tiles[tile.level].hashes, height, position, ret_hash);
	return OK;
}

struct tlog_view *
tlog_view_new(struct tlog *tlog, uint64_t size)
{
	struct tlog_view *view = must_have(calloc(1, sizeof(*view)));

	view->folder = tlog->folder;
	view->size = size;
	view->source = (struct hash_source){ .context = view, .read = read_node };
	return view;
}

void
tlog_view_free(struct tlog_view *view)
{
	free(view);
}

const struct hash_source *
tlog_view_source(const struct tlog_view *view)
{
	return &view->source;
}

static enum error
prove(struct tlog *tlog, uint64_t index, struct proof *ret_proof, struct checkpoint *ret_checkpoint,
      struct strbuf *note)
{
	if (!published(tlog, ret_checkpoint, note) || index >= ret_checkpoint->size)
		return ERR_NOT_PUBLISHED;
	AUTO(tlog_view_free) struct tlog_view *view = tlog_view_new(tlog, ret_checkpoint->size);

	return proof_inclusion(&view->source, index, ret_checkpoint->size, ret_proof);
}

enum error
tlog_inclusion(struct tlog *tlog, uint64_t index, struct proof *ret_proof, struct checkpoint *ret_checkpoint)
{
	return prove(tlog, index, ret_proof, ret_checkpoint, NULL);
}

enum error
tlog_proof_file(struct tlog *tlog, uint64_t index, const unsigned char leaf[static TREE_HASH_BYTES], struct strbuf *out)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct checkpoint checkpoint;
	struct proof proof;

	TRY(prove(tlog, index, &proof, &checkpoint, &note));
	if (proof_check_inclusion(index, checkpoint.size, leaf, &proof, checkpoint.root) != OK)
		return ERR_NOT_PUBLISHED;
	proof_file_print(index, &proof, note.text, note.bytes, out);
	return OK;
}

/* ---- the publisher's ---- */

enum alarm
tlog_alarm(const struct tlog *tlog, bool *ret_failing)
{
	if (ret_failing != NULL)
		*ret_failing = tlog->failing;
	return (enum alarm)tlog->alarm;
}

void
tlog_raise(struct tlog *tlog, enum alarm alarm)
{
	int none = ALARM_NONE;

	atomic_compare_exchange_strong(&tlog->alarm, &none, (int)alarm);
}

void
tlog_failing(struct tlog *tlog, bool failing)
{
	tlog->failing = failing;
}

void
tlog_announce(struct tlog *tlog, const struct checkpoint *checkpoint, const char *note, size_t bytes)
{
	pthread_mutex_lock(&tlog->lock);
	tlog->published = true;
	tlog->checkpoint = *checkpoint;
	strbuf_clear(&tlog->note);
	strbuf_add(&tlog->note, note, bytes);
	pthread_mutex_unlock(&tlog->lock);
}

static enum error
write_checkpoint(struct tlog *tlog, const struct checkpoint *checkpoint, const char *note, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/checkpoint", tlog->folder);
	TRY(durable_keep(path.text, note, bytes));
	tlog_announce(tlog, checkpoint, note, bytes);
	return OK;
}

enum error
tlog_publish(struct tlog *tlog, const struct checkpoint *checkpoint, const char *note, size_t bytes)
{
	pthread_mutex_lock(&tlog->file_lock);
	enum error e = write_checkpoint(tlog, checkpoint, note, bytes);
	pthread_mutex_unlock(&tlog->file_lock);
	return e;
}

static enum error
add_line(struct tlog *tlog, const struct checkpoint *checkpoint, const char *line, size_t bytes)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf text = { 0 };
	struct checkpoint now;
	struct note note;

	if (!published(tlog, &now, &text) || now.size != checkpoint->size ||
	    memcmp(now.root, checkpoint->root, sizeof(now.root)) != 0)
		return ERR_GONE;
	strbuf_add(&text, line, bytes);
	/* What we could not read again at the next start must not be there. */
	if (text.bytes > TLOG_CHECKPOINT_BYTES_MAX || note_parse(arena, text.text, text.bytes, &note) != OK)
		return ERR_TOO_LARGE;
	return write_checkpoint(tlog, &now, text.text, text.bytes);
}

enum error
tlog_add_line(struct tlog *tlog, const struct checkpoint *checkpoint, const char *line, size_t bytes)
{
	pthread_mutex_lock(&tlog->file_lock);
	enum error e = add_line(tlog, checkpoint, line, bytes);
	pthread_mutex_unlock(&tlog->file_lock);
	return e;
}
