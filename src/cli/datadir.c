#include "cli/datadir.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/random.h"
#include "base/strbuf.h"

static const char *const folders[] = { "store", "keys", "once", "pack", "run" };

static const struct {
	const char *name;
	size_t offset, bytes;
	bool may_lack;
} keys[] = {
	{ "keys/reference.key", offsetof(struct datadir_keys, reference),
	  sizeof(((struct datadir_keys *)0)->reference) },
	{ "keys/ledger.key", offsetof(struct datadir_keys, ledger), sizeof(((struct datadir_keys *)0)->ledger) },
	{ "keys/file.key", offsetof(struct datadir_keys, file), sizeof(((struct datadir_keys *)0)->file) },
	{ DATADIR_LOG_KEY, offsetof(struct datadir_keys, log), sizeof(((struct datadir_keys *)0)->log), true },
};

static const char empty_settings[] =
	"# Settings of this installation, one `name: value` a line; tirkeu help serve lists them.\n";

const char *
datadir_path(const struct datadir *dir, struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", dir->path, name);
}

const char *
datadir_store(const struct datadir *dir, struct arena *arena)
{
	return datadir_path(dir, arena, "store/tirkeu.db");
}

/* A socket's address holds 107 bytes; the kernel's name for the open folder is shorter. */
const char *
datadir_socket(const struct datadir *dir, struct arena *arena)
{
	const char *path = datadir_path(dir, arena, "run/socket");

	if (strlen(path) < sizeof(((struct sockaddr_un *)0)->sun_path))
		return path;
	return arena_printf(arena, "/proc/self/fd/%d/run/socket", dir->folder_fd);
}

const char *
datadir_session(const struct datadir *dir, struct arena *arena)
{
	return arena_printf(arena, "%s/run/session-%lu", dir->path, (unsigned long)getuid());
}

const char *
datadir_pack(const struct datadir *dir, struct arena *arena, const unsigned char digest[static 32])
{
	char hex[65];

	for (size_t i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return arena_printf(arena, "%s/pack/%s", dir->path, hex);
}

static enum error
write_all(int fd, const void *bytes, size_t count)
{
	const char *from = bytes;

	while (count > 0) {
		ssize_t written = write(fd, from, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return ERR_IO;
		from += written;
		count -= (size_t)written;
	}
	return OK;
}

static enum error
write_file(const char *path, mode_t mode, const void *bytes, size_t count)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd < 0)
		return ERR_IO;
	enum error e = write_all(fd, bytes, count);
	if (fsync(fd) != 0)
		e = ERR_IO;
	if (close(fd) != 0)
		e = ERR_IO;
	return e;
}

enum error
datadir_write_private(const char *path, const void *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf fresh = { 0 };

	strbuf_printf(&fresh, "%s.new", path);
	unlink(fresh.text);
	enum error e = write_file(fresh.text, 0600, bytes, count);
	if (e == OK && rename(fresh.text, path) != 0)
		e = ERR_IO;
	if (e != OK)
		unlink(fresh.text);
	return e;
}

static bool
is_empty_folder(const char *path)
{
	DIR *folder = opendir(path);
	size_t count = 0;

	if (folder == NULL)
		return false;
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count <= 2; /* "." and ".." */
}

static enum error
open_folder(const char *path, struct datadir **ret_dir)
{
	AUTO(datadir_close) struct datadir *dir = calloc(1, sizeof(*dir));

	if (dir == NULL)
		return ERR_NO_MEMORY;
	dir->lock_fd = -1;
	dir->path = realpath(path, NULL);
	dir->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->path == NULL || dir->folder_fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
	*ret_dir = TAKE(dir);
	return OK;
}

static enum error sync_folder(const char *path);

static enum error
make_key(const struct datadir *dir, struct arena *arena, const char *name, size_t count)
{
	unsigned char bytes[64];

	assert(count <= sizeof(bytes));
	random_bytes(bytes, count);
	enum error e = datadir_write_private(datadir_path(dir, arena, name), bytes, count);
	explicit_bzero(bytes, sizeof(bytes));
	return e;
}

enum error
datadir_make(const char *path, struct datadir **ret_dir)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(datadir_close) struct datadir *dir = NULL;

	if (mkdir(path, 0700) != 0) {
		if (errno != EEXIST)
			return ERR_IO;
		if (!is_empty_folder(path))
			return ERR_DUPLICATE;
	}
	TRY(open_folder(path, &dir));
	if (fchmod(dir->folder_fd, 0700) != 0)
		return ERR_IO;
	TRY(datadir_lock(dir));
	for (size_t i = 0; i < ARRAY_COUNT(folders); i++)
		if (mkdirat(dir->folder_fd, folders[i], 0700) != 0)
			return ERR_IO;
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		TRY(make_key(dir, arena, keys[i].name, keys[i].bytes));
	TRY(sync_folder(datadir_path(dir, arena, "keys")));
	TRY(datadir_write_private(datadir_path(dir, arena, "settings.yaml"), empty_settings, strlen(empty_settings)));
	*ret_dir = TAKE(dir);
	return OK;
}

enum error
datadir_replace_keys(const struct datadir *dir, const struct datadir_keys *given)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		TRY(datadir_write_private(datadir_path(dir, arena, keys[i].name), (const char *)given + keys[i].offset,
					  keys[i].bytes));
	return sync_folder(datadir_path(dir, arena, "keys"));
}

enum error
datadir_add_log_key(const struct datadir *dir, const unsigned char key[static 32])
{
	AUTO(arena_free) struct arena *arena = arena_new();

	TRY(datadir_write_private(datadir_path(dir, arena, DATADIR_LOG_KEY), key, 32));
	return sync_folder(datadir_path(dir, arena, "keys"));
}

enum error
datadir_open(const char *path, struct datadir **ret_dir)
{
	AUTO(datadir_close) struct datadir *dir = NULL;

	TRY(open_folder(path, &dir));
	if (faccessat(dir->folder_fd, "store/tirkeu.db", F_OK, 0) != 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	*ret_dir = TAKE(dir);
	return OK;
}

void
datadir_close(struct datadir *dir)
{
	if (dir == NULL)
		return;
	if (dir->lock_fd >= 0)
		close(dir->lock_fd);
	if (dir->folder_fd >= 0)
		close(dir->folder_fd);
	free(dir->path);
	free(dir);
}

enum error
datadir_lock(struct datadir *dir)
{
	int fd = openat(dir->folder_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return ERR_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		enum error e = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;

		close(fd);
		return e;
	}
	dir->lock_fd = fd;
	return OK;
}

static enum error
read_key(const struct datadir *dir, const char *name, unsigned char *to, size_t count)
{
	unsigned char bytes[64];
	int fd = openat(dir->folder_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	ssize_t got = read(fd, bytes, sizeof(bytes));
	close(fd);
	if (got == (ssize_t)count)
		memcpy(to, bytes, count);
	explicit_bzero(bytes, sizeof(bytes));
	if (got != (ssize_t)count)
		return got < 0 ? ERR_IO : ERR_DAMAGED;
	return OK;
}

enum error
datadir_keys(const struct datadir *dir, struct datadir_keys *ret_keys)
{
	ret_keys->has_log = true;
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		enum error e = read_key(dir, keys[i].name, (unsigned char *)ret_keys + keys[i].offset, keys[i].bytes);

		if (e != OK && e != ERR_IO && keys[i].may_lack) {
			ret_keys->has_log = false;
			continue;
		}
		TRY(e);
	}
	return OK;
}

/* ---- the copy of a pack ---- */

enum { COPY_BYTES = 64 * 1024, COPY_DEPTH_MAX = 8 };

static enum error
copy_file(int from_folder, const char *name, const char *to)
{
	AUTO(strbuf_done) struct strbuf all = { 0 };
	char block[COPY_BYTES];
	ssize_t got = 0;
	int fd = openat(from_folder, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	while ((got = read(fd, block, sizeof(block))) > 0)
		strbuf_add(&all, block, (size_t)got);
	close(fd);
	return got < 0 ? ERR_IO : write_file(to, 0600, all.bytes == 0 ? "" : all.text, all.bytes);
}

/* Names are as durable as what they name: a store that was told of a copy must find it after a power cut. */
static enum error
sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum error e = fd >= 0 && fsync(fd) == 0 ? OK : ERR_IO;

	if (fd >= 0)
		close(fd);
	return e;
}

static enum error copy_folder(const char *from, const char *to, int depth);

static enum error
copy_one(int from_fd, const char *from, const char *to, const char *name, int depth)
{
	AUTO(strbuf_done) struct strbuf source = { 0 };
	AUTO(strbuf_done) struct strbuf target = { 0 };
	struct stat status;

	if (fstatat(from_fd, name, &status, 0) != 0)
		return ERR_IO;
	strbuf_printf(&source, "%s/%s", from, name);
	strbuf_printf(&target, "%s/%s", to, name);
	if (S_ISDIR(status.st_mode))
		return copy_folder(source.text, target.text, depth + 1);
	return S_ISREG(status.st_mode) ? copy_file(from_fd, name, target.text) : OK;
}

static enum error
copy_folder(const char *from, const char *to, int depth)
{
	DIR *folder = depth < COPY_DEPTH_MAX ? opendir(from) : NULL;
	const struct dirent *found = NULL;
	enum error e = OK;

	if (folder == NULL)
		return ERR_IO;
	if (mkdir(to, 0700) != 0)
		e = ERR_IO;
	while (e == OK && (found = readdir(folder)) != NULL)
		if (found->d_name[0] != '.')
			e = copy_one(dirfd(folder), from, to, found->d_name, depth);
	closedir(folder);
	return e == OK ? sync_folder(to) : e;
}

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
	return remove(path);
}

static void
remove_folder(const char *path)
{
	/* What cannot be removed is met again, and named, when the folder is made. */
	IGNORE(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS));
}

void
datadir_unmake(const struct datadir *dir)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(folders); i++)
		remove_folder(datadir_path(dir, arena, folders[i]));
	/* What stays is met again, and named, by the next init. */
	IGNORE(unlinkat(dir->folder_fd, "settings.yaml", 0));
	IGNORE(unlinkat(dir->folder_fd, "lock", 0));
}

enum error
datadir_settle(const struct datadir *dir)
{
	AUTO(arena_free) struct arena *arena = arena_new();

	for (size_t i = 0; i < ARRAY_COUNT(folders); i++)
		TRY(sync_folder(datadir_path(dir, arena, folders[i])));
	TRY(sync_folder(dir->path));
	return sync_folder(datadir_path(dir, arena, ".."));
}

enum error
datadir_keep_pack(const struct datadir *dir, const char *folder, const unsigned char digest[static 32])
{
	AUTO(arena_free) struct arena *arena = arena_new();
	const char *target = datadir_pack(dir, arena, digest), *fresh = arena_printf(arena, "%s.new", target);

	if (access(target, F_OK) == 0)
		return OK; /* its name is its content */
	remove_folder(fresh);
	enum error e = copy_folder(folder, fresh, 0);
	if (e == OK && rename(fresh, target) != 0)
		e = ERR_IO;
	if (e != OK)
		remove_folder(fresh);
	return e == OK ? sync_folder(datadir_path(dir, arena, "pack")) : e;
}
