/* shim.c - loaded before libc into a program under test (LD_PRELOAD): counts the calls by which it changes files of one
 * folder, lets the nth of them fail, or lets the power go at it.
 *
 *	FAULT_FOLDER	the folder, absolute and without links
 *	FAULT_STASH	an empty folder on the same file system (journal.h)
 *	FAULT_STATE	a file of sizeof(struct state) zeros, shared with whoever runs the program: it sets `armed`
 *			when counting shall begin and reads what happened
 *	FAULT_NTH	which call, from 1; 0: only count
 *	FAULT_KIND	eio	the call fails, once
 *			gone	it and all that follow fail: the disk is away
 *			enospc	a call that needs room fails, once
 *			full	so do all that follow; the first write is done by half
 *			short	a write is done by half and says so; other calls are done
 *			power	the power goes: the program ends at once with exit code 77, and of what was not yet on the
 *				disk a choice by FAULT_SEED is lost
 *			exit	the power goes when the program has ended, whatever the nth: what it said must be true then
 *			lies	the same as power with a disk that says of nothing synced that it is: what is acknowledged is lost
 *
 * Calls: open for writing, write, pwrite, writev, pwritev, ftruncate, fsync, fdatasync, rename, link, unlink, mkdir and
 * their relatives. What is read, mapped memory and the log's index (-shm) are not counted: nothing there must outlive
 * the program. fsync is only noted, not done, so that a thousand runs do not wait for the disk. */
#undef _FILE_OFFSET_BITS /* both names of open, pwrite … are ours; on the 64-bit systems we run on they mean the same */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "journal.h"

enum { POWER_EXIT = 77 };

enum kind { KIND_EIO, KIND_GONE, KIND_ENOSPC, KIND_FULL, KIND_SHORT, KIND_POWER, KIND_EXIT, KIND_LIES };
static const char *const kind_names[] = { "eio", "gone", "enospc", "full", "short", "power", "exit", "lies" };

struct state {
	_Atomic uint32_t armed, fired;
	_Atomic uint64_t count;
	char call[32];
	char path[224];
};

static struct {
	char folder[PATH_MAX];
	size_t folder_bytes;
	struct state *state; /* NULL: the shim does nothing */
	uint64_t nth, seed;
	enum kind kind;
	pthread_mutex_t lock;
} shim = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* ---- the plan ---- */

static const char *
setting(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL) {
		fprintf(stderr, "fault shim: %s is not set\n", name);
		_exit(99);
	}
	return value;
}

static enum kind
read_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++)
		if (strcmp(kind_names[i], name) == 0)
			return (enum kind)i;
	fprintf(stderr, "fault shim: there is no kind %s\n", name);
	_exit(99);
}

static void __attribute__((constructor)) begin(void)
{
	if (getenv("FAULT_FOLDER") == NULL)
		return;
	snprintf(shim.folder, sizeof(shim.folder), "%s/", setting("FAULT_FOLDER"));
	shim.folder_bytes = strlen(shim.folder);
	shim.nth = strtoull(setting("FAULT_NTH"), NULL, 10);
	shim.seed = strtoull(setting("FAULT_SEED"), NULL, 10);
	shim.kind = read_kind(setting("FAULT_KIND"));
	journal_begin(setting("FAULT_STASH"));
	int fd = (int)syscall(SYS_openat, AT_FDCWD, setting("FAULT_STATE"), O_RDWR | O_CLOEXEC);
	void *state = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (fd < 0 || state == MAP_FAILED) {
		fputs("fault shim: FAULT_STATE cannot be mapped\n", stderr);
		_exit(99);
	}
	shim.state = state;
}

/* The last of the program: its exit code stays. */
static void __attribute__((destructor)) end(void)
{
	if (shim.state == NULL || shim.kind != KIND_EXIT)
		return;
	pthread_mutex_lock(&shim.lock);
	journal_cut(shim.seed * 1000003 + shim.nth);
	shim.state->fired = 1;
	shim.state = NULL;
	pthread_mutex_unlock(&shim.lock);
}

/* What shall become of one call. */
enum fate { FATE_DONE, FATE_FAILS, FATE_HALF, FATE_POWER };

/* Does the call need room on the disk? */
static bool
takes_room(const char *call)
{
	static const char *const none[] = { "unlink", "truncate" };

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (strcmp(none[i], call) == 0)
			return false;
	return true;
}

/* The first time the disk is full, a write is done by half; then there is no room at all. */
static enum fate
fate_of_nth(const char *call, bool is_first)
{
	bool writes = strcmp(call, "write") == 0;

	switch (shim.kind) {
	case KIND_POWER:
	case KIND_LIES:
		return FATE_POWER;
	case KIND_EXIT:
		return FATE_DONE;
	case KIND_SHORT:
		return writes ? FATE_HALF : FATE_DONE;
	case KIND_FULL:
		return writes && is_first ? FATE_HALF : takes_room(call) ? FATE_FAILS : FATE_DONE;
	case KIND_ENOSPC:
		return takes_room(call) ? FATE_FAILS : FATE_DONE;
	case KIND_EIO:
	case KIND_GONE:
		break;
	}
	return FATE_FAILS;
}

/* Under the lock. errno is what a call that fails leaves. */
static enum fate
count_call(const char *call, const char *path)
{
	struct state *state = shim.state;

	if (!state->armed)
		return FATE_DONE;
	uint64_t n = ++state->count;
	bool lasts = shim.kind == KIND_GONE || shim.kind == KIND_FULL;

	if (shim.nth == 0 || n < shim.nth || (n > shim.nth && !lasts))
		return FATE_DONE;
	enum fate fate = fate_of_nth(call, n == shim.nth);

	errno = shim.kind == KIND_ENOSPC || shim.kind == KIND_FULL ? ENOSPC : EIO;
	if (n > shim.nth)
		return fate;
	snprintf(state->call, sizeof(state->call), "%s", call);
	snprintf(state->path, sizeof(state->path), "%s", path);
	state->fired = 1;
	return fate;
}

static void
cut_power(void)
{
	journal_cut(shim.seed * 1000003 + shim.nth);
	syscall(SYS_exit_group, POWER_EXIT);
}

/* ---- paths ---- */

static bool
is_watched(const char *path)
{
	size_t bytes = strlen(path);

	return strncmp(path, shim.folder, shim.folder_bytes) == 0 &&
	       !(bytes > 4 && strcmp(path + bytes - 4, "-shm") == 0);
}

static bool
path_of_fd(int fd, char ret_path[static PATH_MAX])
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t bytes = readlink(link, ret_path, PATH_MAX - 1);

	if (bytes < 0)
		return false;
	ret_path[bytes] = '\0';
	return true;
}

/* The absolute path of a name that may not exist yet; the folder it lies in must. */
static bool
path_of_name(int folder_fd, const char *name, char ret_path[static PATH_MAX])
{
	char start[PATH_MAX], folder[PATH_MAX], whole[2 * PATH_MAX];

	if (name[0] == '/')
		start[0] = '\0';
	else if (folder_fd == AT_FDCWD ? getcwd(start, sizeof(start)) == NULL : !path_of_fd(folder_fd, start))
		return false;
	snprintf(whole, sizeof(whole), "%s%s%s", start, name[0] == '/' ? "" : "/", name);
	char *slash = strrchr(whole, '/');
	const char *last = slash + 1;

	*slash = '\0';
	if (realpath(whole[0] == '\0' ? "/" : whole, folder) == NULL)
		return false;
	return snprintf(ret_path, PATH_MAX, "%s/%s", folder, last) < PATH_MAX;
}

/* Is this a name whose change counts? Fills `ret_path`. */
static bool
name_is_watched(int folder_fd, const char *name, char ret_path[static PATH_MAX])
{
	return shim.state != NULL && path_of_name(folder_fd, name, ret_path) && is_watched(ret_path);
}

static bool
fd_is_watched(int fd, char ret_path[static PATH_MAX])
{
	if (shim.state == NULL || !path_of_fd(fd, ret_path) || !is_watched(ret_path))
		return false;
	pthread_mutex_lock(&shim.lock);
	bool known = journal_knows(fd);

	pthread_mutex_unlock(&shim.lock);
	return known;
}

/* ---- open ---- */

static int
open_watched(int folder_fd, const char *name, int flags, mode_t mode, const char *path)
{
	struct stat status;
	bool made = (flags & O_CREAT) != 0 && lstat(path, &status) != 0;
	int fd = -1;
	enum fate fate = count_call("open", path);

	if (fate == FATE_FAILS)
		return -1;
	/* The bytes that O_TRUNC drops are kept like those of ftruncate. */
	fd = (int)syscall(SYS_openat, folder_fd, name, flags & ~O_TRUNC, mode);
	if (fd >= 0) {
		journal_opened(fd);
		if ((flags & O_TRUNC) != 0) {
			journal_truncate(fd, 0);
			syscall(SYS_ftruncate, fd, 0L);
		}
	}
	if (fd >= 0 && made)
		journal_named(NAME_MADE, path, NULL, NULL);
	if (fate == FATE_POWER)
		cut_power();
	return fd;
}

static int
open_any(int folder_fd, const char *name, int flags, mode_t mode)
{
	char path[PATH_MAX];
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;

	if (!writes || (flags & (O_DIRECTORY | O_PATH)) != 0 || !name_is_watched(folder_fd, name, path))
		return (int)syscall(SYS_openat, folder_fd, name, flags, mode);
	pthread_mutex_lock(&shim.lock);
	int fd = open_watched(folder_fd, name, flags, mode, path);

	pthread_mutex_unlock(&shim.lock);
	return fd;
}

static mode_t
mode_of(int flags, va_list arguments)
{
	return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name_)                                           \
	int name_(const char *name, int flags, ...)           \
	{                                                     \
		va_list arguments;                            \
                                                              \
		va_start(arguments, flags);                   \
		mode_t mode = mode_of(flags, arguments);      \
		va_end(arguments);                            \
		return open_any(AT_FDCWD, name, flags, mode); \
	}
#define OPENAT(name_)                                              \
	int name_(int folder_fd, const char *name, int flags, ...) \
	{                                                          \
		va_list arguments;                                 \
                                                                   \
		va_start(arguments, flags);                        \
		mode_t mode = mode_of(flags, arguments);           \
		va_end(arguments);                                 \
		return open_any(folder_fd, name, flags, mode);     \
	}

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int
creat(const char *name, mode_t mode)
{
	return open_any(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- write ---- */

/* One span at a known offset; `advance`: the file's own position moves with it. */
static ssize_t
write_watched(int fd, const void *bytes, size_t count, int64_t offset, bool advance, const char *path)
{
	enum fate fate = count_call("write", path);

	if (fate == FATE_FAILS)
		return -1;
	if (fate == FATE_HALF)
		count = (count + 1) / 2;
	journal_write(fd, offset, bytes, count);
	ssize_t written =
		advance ? syscall(SYS_write, fd, bytes, count) : syscall(SYS_pwrite64, fd, bytes, count, offset);

	if (fate == FATE_POWER)
		cut_power();
	return written;
}

/* Where the next write goes. */
static int64_t
position_of(int fd)
{
	struct stat status;

	if ((fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &status) == 0)
		return status.st_size;
	return lseek(fd, 0, SEEK_CUR);
}

ssize_t
write(int fd, const void *bytes, size_t count)
{
	char path[PATH_MAX];

	if (!fd_is_watched(fd, path))
		return syscall(SYS_write, fd, bytes, count);
	pthread_mutex_lock(&shim.lock);
	ssize_t written = write_watched(fd, bytes, count, position_of(fd), true, path);

	pthread_mutex_unlock(&shim.lock);
	return written;
}

ssize_t
pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
	char path[PATH_MAX];

	if (!fd_is_watched(fd, path))
		return syscall(SYS_pwrite64, fd, bytes, count, offset);
	pthread_mutex_lock(&shim.lock);
	ssize_t written = write_watched(fd, bytes, count, offset, false, path);

	pthread_mutex_unlock(&shim.lock);
	return written;
}

ssize_t
pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
	return pwrite(fd, bytes, count, offset);
}

/* A vector is written as one call: its spans are joined. */
static ssize_t
write_vector(int fd, const struct iovec *spans, int span_count, int64_t offset, bool advance)
{
	size_t bytes = 0, at = 0;

	for (int i = 0; i < span_count; i++)
		bytes += spans[i].iov_len;
	char *joined = malloc(bytes + 1);

	if (joined == NULL)
		return -1;
	for (int i = 0; i < span_count; i++) {
		memcpy(joined + at, spans[i].iov_base, spans[i].iov_len);
		at += spans[i].iov_len;
	}
	ssize_t written = advance ? write(fd, joined, bytes) : pwrite(fd, joined, bytes, offset);
	int kept = errno;

	free(joined);
	errno = kept;
	return written;
}

ssize_t
writev(int fd, const struct iovec *spans, int span_count)
{
	char path[PATH_MAX];

	if (!fd_is_watched(fd, path))
		return syscall(SYS_writev, fd, spans, span_count);
	return write_vector(fd, spans, span_count, 0, true);
}

ssize_t
pwritev(int fd, const struct iovec *spans, int span_count, off_t offset)
{
	return write_vector(fd, spans, span_count, offset, false);
}

ssize_t
pwritev64(int fd, const struct iovec *spans, int span_count, off64_t offset)
{
	return write_vector(fd, spans, span_count, offset, false);
}

int
ftruncate(int fd, off_t bytes)
{
	char path[PATH_MAX];

	if (!fd_is_watched(fd, path))
		return (int)syscall(SYS_ftruncate, fd, bytes);
	pthread_mutex_lock(&shim.lock);
	enum fate fate = count_call("truncate", path);
	int result = -1;

	if (fate != FATE_FAILS) {
		journal_truncate(fd, bytes);
		result = (int)syscall(SYS_ftruncate, fd, bytes);
	}
	if (fate == FATE_POWER)
		cut_power();
	pthread_mutex_unlock(&shim.lock);
	return result;
}

int
ftruncate64(int fd, off64_t bytes)
{
	return ftruncate(fd, bytes);
}

/* ---- sync ---- */

static int
sync_any(int fd, const char *call)
{
	char path[PATH_MAX], under[PATH_MAX + 1];

	if (shim.state == NULL || !path_of_fd(fd, path))
		return (int)syscall(SYS_fsync, fd);
	snprintf(under, sizeof(under), "%s/", path); /* the folder itself is watched too */
	if (!is_watched(path) && strcmp(under, shim.folder) != 0)
		return (int)syscall(SYS_fsync, fd);
	pthread_mutex_lock(&shim.lock);
	enum fate fate = count_call(call, path);

	if (fate == FATE_POWER)
		cut_power();
	if (fate != FATE_FAILS && shim.kind != KIND_LIES)
		journal_synced(fd);
	pthread_mutex_unlock(&shim.lock);
	return fate == FATE_FAILS ? -1 : 0;
}

int
fsync(int fd)
{
	return sync_any(fd, "fsync");
}

int
fdatasync(int fd)
{
	return sync_any(fd, "fdatasync");
}

/* ---- names ---- */

static int
rename_watched(const char *from, const char *to, unsigned flags)
{
	char stashed[PATH_MAX + 32];
	enum fate fate = count_call("rename", to);

	if (fate == FATE_FAILS)
		return -1;
	snprintf(stashed, sizeof(stashed), "%s", journal_stash(to));
	int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);

	if (result == 0)
		journal_named(NAME_CHANGED, to, from, stashed);
	if (fate == FATE_POWER)
		cut_power();
	return result;
}

int
renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	char from_path[PATH_MAX], to_path[PATH_MAX];

	if (!name_is_watched(to_fd, to, to_path) || !path_of_name(from_fd, from, from_path))
		return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
	pthread_mutex_lock(&shim.lock);
	int result = rename_watched(from_path, to_path, flags);

	pthread_mutex_unlock(&shim.lock);
	return result;
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	return renameat2(from_fd, from, to_fd, to, 0);
}

int
rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlinkat(int folder_fd, const char *name, int flags)
{
	char path[PATH_MAX], stashed[PATH_MAX + 32];

	if ((flags & AT_REMOVEDIR) != 0 || !name_is_watched(folder_fd, name, path))
		return (int)syscall(SYS_unlinkat, folder_fd, name, flags);
	pthread_mutex_lock(&shim.lock);
	enum fate fate = count_call("unlink", path);
	int result = -1;

	if (fate != FATE_FAILS) {
		snprintf(stashed, sizeof(stashed), "%s", journal_stash(path));
		result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
		if (result == 0)
			journal_named(NAME_REMOVED, path, NULL, stashed);
	}
	if (fate == FATE_POWER)
		cut_power();
	pthread_mutex_unlock(&shim.lock);
	return result;
}

int
unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int
linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	char path[PATH_MAX];

	if (!name_is_watched(to_fd, to, path))
		return (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
	pthread_mutex_lock(&shim.lock);
	enum fate fate = count_call("link", path);
	int result = fate == FATE_FAILS ? -1 : (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);

	if (result == 0)
		journal_named(NAME_MADE, path, NULL, NULL);
	if (fate == FATE_POWER)
		cut_power();
	pthread_mutex_unlock(&shim.lock);
	return result;
}

int
link(const char *from, const char *to)
{
	return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
mkdirat(int folder_fd, const char *name, mode_t mode)
{
	char path[PATH_MAX];

	if (!name_is_watched(folder_fd, name, path))
		return (int)syscall(SYS_mkdirat, folder_fd, name, mode);
	pthread_mutex_lock(&shim.lock);
	enum fate fate = count_call("mkdir", path);
	int result = fate == FATE_FAILS ? -1 : (int)syscall(SYS_mkdirat, folder_fd, name, mode);

	if (result == 0)
		journal_named(NAME_MADE_FOLDER, path, NULL, NULL);
	if (fate == FATE_POWER)
		cut_power();
	pthread_mutex_unlock(&shim.lock);
	return result;
}

int
mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}
