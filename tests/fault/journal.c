#include "journal.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512 };

/* One write or one new length, with what stood there. */
struct change {
	int64_t offset, count; /* a truncation has no bytes: the file's length becomes `offset` */
	int64_t length_before;
	unsigned char *before; /* of the bytes that were in the file from `offset` on */
	int64_t before_count;
	unsigned char *after; /* NULL: a truncation */
};

struct file {
	dev_t device;
	ino_t inode;
	/* Our own way to the file. Never closed while the program lives: closing any descriptor of a file drops the
	 * locks that the process holds on it (fcntl(2)), and SQLite holds some. */
	int fd;
	struct change *changes;
	size_t count, room;
};

struct name {
	enum journal_name kind;
	dev_t device;
	ino_t folder;
	char *path, *from, *stashed;
	bool synced, lost;
};

static struct {
	char stash[PATH_MAX];
	unsigned stashed;
	struct file *files;
	size_t file_count, file_room;
	struct name *names;
	size_t name_count, name_room;
	uint64_t random;
} journal;

/* The calls below go to the kernel: those of libc are the shim's. */

static int64_t
kernel(int64_t result)
{
	if (result < 0) {
		fprintf(stderr, "fault shim: a call of its own failed: %s\n", strerror(errno));
		_exit(99);
	}
	return result;
}

static void *
grown(void *items, size_t count, size_t *room, size_t bytes)
{
	if (count < *room)
		return items;
	*room = *room == 0 ? 16 : 2 * *room;
	items = reallocarray(items, *room, bytes);
	assert(items != NULL);
	return items;
}

void
journal_begin(const char *stash)
{
	snprintf(journal.stash, sizeof(journal.stash), "%s", stash);
}

/* ---- files ---- */

static struct file *
find_file(int fd)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return NULL;
	for (size_t i = 0; i < journal.file_count; i++)
		if (journal.files[i].device == status.st_dev && journal.files[i].inode == status.st_ino)
			return &journal.files[i];
	return NULL;
}

bool
journal_knows(int fd)
{
	return find_file(fd) != NULL;
}

void
journal_opened(int fd)
{
	char path[64];
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || find_file(fd) != NULL)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	journal.files = grown(journal.files, journal.file_count, &journal.file_room, sizeof(struct file));
	journal.files[journal.file_count++] = (struct file){
		.device = status.st_dev,
		.inode = status.st_ino,
		.fd = (int)kernel(syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC)),
	};
}

static struct change *
add_change(struct file *file, int64_t offset)
{
	struct stat status;

	kernel(fstat(file->fd, &status));
	file->changes = grown(file->changes, file->count, &file->room, sizeof(struct change));
	struct change *change = &file->changes[file->count++];

	*change = (struct change){ .offset = offset, .length_before = status.st_size };
	return change;
}

static void
keep_before(const struct file *file, struct change *change, int64_t count)
{
	int64_t there = change->length_before - change->offset;

	change->before_count = there < 0 ? 0 : there < count ? there : count;
	change->before = malloc((size_t)change->before_count + 1);
	assert(change->before != NULL);
	int64_t got = kernel(pread(file->fd, change->before, (size_t)change->before_count, change->offset));

	assert(got == change->before_count);
}

void
journal_write(int fd, int64_t offset, const void *bytes, size_t count)
{
	struct file *file = find_file(fd);

	if (file == NULL)
		return;
	struct change *change = add_change(file, offset);

	keep_before(file, change, (int64_t)count);
	change->count = (int64_t)count;
	change->after = malloc(count + 1);
	assert(change->after != NULL);
	memcpy(change->after, bytes, count);
}

void
journal_truncate(int fd, int64_t bytes)
{
	struct file *file = find_file(fd);

	if (file == NULL)
		return;
	struct change *change = add_change(file, bytes);

	keep_before(file, change, INT64_MAX);
}

static void
forget_changes(struct file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		free(file->changes[i].before);
		free(file->changes[i].after);
	}
	file->count = 0;
}

void
journal_synced(int fd)
{
	struct file *file = find_file(fd);
	struct stat status;

	if (file != NULL)
		forget_changes(file);
	if (fstat(fd, &status) != 0 || !S_ISDIR(status.st_mode))
		return;
	for (size_t i = 0; i < journal.name_count; i++)
		if (journal.names[i].device == status.st_dev && journal.names[i].folder == status.st_ino)
			journal.names[i].synced = true;
}

/* ---- names ---- */

const char *
journal_stash(const char *path)
{
	static char kept[PATH_MAX + 32];
	struct stat status;

	if (lstat(path, &status) != 0 || S_ISDIR(status.st_mode))
		return "";
	snprintf(kept, sizeof(kept), "%s/%u", journal.stash, journal.stashed++);
	kernel(syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, kept, 0));
	return kept;
}

static char *
copy(const char *text)
{
	char *made = strdup(text == NULL ? "" : text);

	assert(made != NULL);
	return made;
}

void
journal_named(enum journal_name kind, const char *path, const char *from, const char *stashed)
{
	char folder[PATH_MAX];
	struct stat status;

	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');

	assert(slash != NULL);
	*slash = '\0';
	kernel(stat(folder, &status));
	journal.names = grown(journal.names, journal.name_count, &journal.name_room, sizeof(struct name));
	journal.names[journal.name_count++] = (struct name){ .kind = kind,
							     .device = status.st_dev,
							     .folder = status.st_ino,
							     .path = copy(path),
							     .from = copy(from),
							     .stashed = copy(stashed) };
}

/* ---- the cut ---- */

static uint64_t
draw(uint64_t below)
{
	/* xorshift64*: the same seed loses the same things. */
	journal.random ^= journal.random >> 12;
	journal.random ^= journal.random << 25;
	journal.random ^= journal.random >> 27;
	return (journal.random * UINT64_C(2685821657736338717) >> 33) % below;
}

/* Of a file's sectors so many in a hundred arrived: often none or all, which is what disks mostly do. */
static uint64_t
draw_share(void)
{
	static const uint64_t shares[] = { 0, 0, 100, 100, 50, 90, 10 };

	return shares[draw(sizeof(shares) / sizeof(shares[0]))];
}

static void
write_at(const struct file *file, const void *bytes, int64_t count, int64_t offset)
{
	int64_t written = count == 0 ? 0 : kernel(syscall(SYS_pwrite64, file->fd, bytes, count, offset));

	assert(written == count);
}

static void
set_length(const struct file *file, int64_t bytes)
{
	kernel(syscall(SYS_ftruncate, file->fd, bytes));
}

static void
write_some_sectors(const struct file *file, const struct change *change, uint64_t share)
{
	int64_t end = change->offset + change->count;

	for (int64_t at = change->offset; at < end;) {
		int64_t next = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;

		next = next < end ? next : end;
		if (draw(100) < share)
			write_at(file, change->after + (at - change->offset), next - at, at);
		at = next;
	}
}

static void
cut_file(struct file *file)
{
	uint64_t share = draw_share();

	for (size_t i = file->count; i-- > 0;) {
		const struct change *change = &file->changes[i];

		set_length(file, change->length_before);
		write_at(file, change->before, change->before_count, change->offset);
	}
	for (size_t i = 0; i < file->count; i++) {
		const struct change *change = &file->changes[i];

		if (change->after != NULL)
			write_some_sectors(file, change, share);
		else if (draw(100) < share)
			set_length(file, change->offset);
	}
	forget_changes(file);
}

static int
remove_one(const char *path, const struct stat *status, int flag, struct FTW *walk)
{
	return (int)syscall(SYS_unlinkat, AT_FDCWD, path, flag == FTW_DP ? AT_REMOVEDIR : 0);
}

static void
undo_name(const struct name *name)
{
	switch (name->kind) {
	case NAME_MADE:
		/* Gone already when a later rename over it was not undone. */
		if (syscall(SYS_unlinkat, AT_FDCWD, name->path, 0) != 0)
			assert(errno == ENOENT);
		return;
	case NAME_MADE_FOLDER:
		nftw(name->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		return;
	case NAME_CHANGED:
		kernel(syscall(SYS_renameat, AT_FDCWD, name->path, AT_FDCWD, name->from));
		break;
	case NAME_REMOVED:
		break;
	}
	if (name->stashed[0] != '\0')
		kernel(syscall(SYS_linkat, AT_FDCWD, name->stashed, AT_FDCWD, name->path, 0));
}

/* Of each folder the last few names are lost: from this one on, when it is the first of its folder seen here. */
static void
choose_names(void)
{
	for (size_t i = 0; i < journal.name_count; i++) {
		struct name *name = &journal.names[i];
		bool follows_lost = false, seen = false;

		for (size_t k = 0; k < i && !name->synced; k++) {
			const struct name *other = &journal.names[k];

			if (other->synced || other->device != name->device || other->folder != name->folder)
				continue;
			seen = true;
			follows_lost = follows_lost || other->lost;
		}
		/* Half of the cuts lose all of a folder's names. */
		name->lost = !name->synced && (follows_lost || draw(100) < (seen ? 30 : 50));
	}
}

void
journal_cut(uint64_t seed)
{
	journal.random = seed * 2 + 1;
	for (int i = 0; i < 8; i++)
		draw(2);
	for (size_t i = 0; i < journal.file_count; i++)
		cut_file(&journal.files[i]);
	choose_names();
	for (size_t i = journal.name_count; i-- > 0;)
		if (journal.names[i].lost)
			undo_name(&journal.names[i]);
}
