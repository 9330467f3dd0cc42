#include "ledger/tile_file.h"
#include <dirent.h>
#include <string.h>
#include <unistd.h>
#include "ledger/durable.h"

void
tile_file_path(const char *folder, const struct tile *tile, struct strbuf *out)
{
	char path[TILE_PATH_BYTES_MAX];

	tile_path(tile, path);
	strbuf_printf(out, "%s/%s", folder, path);
}

struct tile
tile_file_in(uint64_t size, bool entries, unsigned level, uint64_t number)
{
	uint64_t left = tile_hashes(level, size) - number * TILE_WIDTH;

	return (struct tile){ .entries = entries,
			      .level = level,
			      .number = number,
			      .width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH };
}

/* How many bytes the first `width` hashes or entries take. ERR_DAMAGED: there are fewer. */
static enum error
measure(const struct tile *tile, const struct strbuf *file, size_t begin, unsigned width, size_t *ret_bytes)
{
	const unsigned char *bytes = (const unsigned char *)file->text + begin, *entry = NULL;
	struct bundle_reader reader = { .at = bytes, .end = bytes + (file->bytes - begin) };
	size_t count = 0;

	if (!tile->entries) {
		*ret_bytes = (size_t)width * TREE_HASH_BYTES;
		return file->bytes - begin < *ret_bytes ? ERR_DAMAGED : OK;
	}
	for (unsigned i = 0; i < width; i++)
		if (bundle_next(&reader, &entry, &count) != OK)
			return ERR_DAMAGED;
	*ret_bytes = (size_t)(reader.at - bytes);
	return OK;
}

static enum error
read_form(const char *folder, const struct tile *form, unsigned width, struct strbuf *out)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	size_t begin = out->bytes, bytes = 0;

	tile_file_path(folder, form, &path);
	enum error e = durable_read(path.text, form->entries ? BUNDLE_BYTES_MAX : TILE_BYTES_MAX, out);
	if (e == OK && out->bytes == begin)
		e = ERR_DAMAGED;
	if (e != OK)
		return e == ERR_TOO_LARGE ? ERR_DAMAGED : e;
	TRY(measure(form, out, begin, width, &bytes));
	if (width == form->width && bytes != out->bytes - begin)
		return ERR_DAMAGED;
	out->bytes = begin + bytes;
	return OK;
}

enum error
tile_file_read(const char *folder, const struct tile *tile, struct strbuf *out)
{
	struct tile full = *tile;
	enum error e = read_form(folder, tile, tile->width, out);

	full.width = TILE_WIDTH;
	return e == ERR_NOT_FOUND && tile->width < TILE_WIDTH ? read_form(folder, &full, tile->width, out) : e;
}

static void
folder_of(const struct strbuf *path, struct strbuf *out)
{
	const char *slash = strrchr(path->text, '/');

	strbuf_clear(out);
	strbuf_add(out, path->text, (size_t)(slash - path->text));
}

enum error
tile_file_keep(const char *folder, const struct tile *tile, const void *bytes, size_t count, struct strbuf *ret_folder)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	AUTO(strbuf_done) struct strbuf there = { 0 };

	tile_file_path(folder, tile, &path);
	folder_of(&path, ret_folder);
	enum error e = durable_read(path.text, count, &there);
	if (e == ERR_TOO_LARGE)
		return ERR_CONFLICT;
	if (e == OK && there.bytes > 0 && memcmp(there.text, bytes, there.bytes) != 0)
		return ERR_CONFLICT;
	if (e == OK && there.bytes == count)
		return OK; /* its name may not be durable yet: the caller syncs */
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	e = durable_write(path.text, bytes, count);
	if (e != ERR_IO)
		return e;
	/* Most often the folder is there. */
	TRY(durable_make_folder(ret_folder->text));
	return durable_write(path.text, bytes, count);
}

void
tile_file_drop_partial(const char *folder, const struct tile *tile)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };
	struct tile full = *tile;
	const struct dirent *found = NULL;

	full.width = TILE_WIDTH;
	tile_file_path(folder, &full, &path);
	strbuf_text(&path, ".p");
	DIR *partial = opendir(path.text);
	if (partial == NULL)
		return;
	while ((found = readdir(partial)) != NULL)
		if (found->d_name[0] != '.')
			IGNORE(unlinkat(dirfd(partial), found->d_name, 0)); /* it stays: it is true, and harmless */
	closedir(partial);
	IGNORE(rmdir(path.text)); /* the same */
}
