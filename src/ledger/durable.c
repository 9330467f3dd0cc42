#include "ledger/durable.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_at, operations;

void
durable_fail_at(int nth)
{
	fail_at = nth;
	operations = 0;
}

bool
durable_fault_fired(void)
{
	return fail_at > 0 && operations >= fail_at;
}

static bool
fails(void)
{
	return fail_at > 0 && ++operations >= fail_at;
}

static enum error
write_all(int fd, const char *from, size_t count)
{
	size_t wanted = fails() ? count / 2 : count, left = wanted;

	while (left > 0) {
		ssize_t written = write(fd, from, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return ERR_IO;
		from += written;
		left -= (size_t)written;
	}
	return wanted == count && !durable_fault_fired() ? OK : ERR_IO;
}

static enum error
write_fresh(const char *path, const void *bytes, size_t count)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return ERR_IO;
	enum error e = write_all(fd, bytes, count);
	if (e == OK && (fails() || fsync(fd) != 0))
		e = ERR_IO;
	if (close(fd) != 0)
		e = ERR_IO;
	return e;
}

enum error
durable_write(const char *path, const void *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf fresh = { 0 };

	strbuf_printf(&fresh, "%s.new", path);
	TRY(write_fresh(fresh.text, bytes, count));
	return !fails() && rename(fresh.text, path) == 0 ? OK : ERR_IO;
}

enum error
durable_sync(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	enum error e = !fails() && fsync(fd) == 0 ? OK : ERR_IO;
	close(fd);
	return e;
}

static const char *
above(const char *path, struct strbuf *out)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	if (slash == path)
		return "/";
	strbuf_add(out, path, (size_t)(slash - path));
	return out->text;
}

enum error
durable_keep(const char *path, const void *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };

	TRY(durable_write(path, bytes, count));
	return durable_sync(above(path, &text));
}

enum error
durable_settle(const char *path)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_IO;
	enum error e = !fails() && fsync(fd) == 0 ? OK : ERR_IO;

	close(fd);
	return e == OK ? durable_sync(above(path, &text)) : e;
}

enum error
durable_make_folder(const char *path)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	bool again = true;

	while (!fails()) {
		if (mkdir(path, 0700) == 0)
			return durable_sync(above(path, &text));
		if (errno == EEXIST)
			return OK;
		if (errno != ENOENT || !again)
			return ERR_IO;
		again = false;
		TRY(durable_make_folder(above(path, &text)));
		strbuf_clear(&text);
	}
	return ERR_IO;
}

static enum error
write_zeros(int fd)
{
	static const char zeros[4096];
	off_t left = lseek(fd, 0, SEEK_END);
	enum error e = left >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? OK : ERR_IO;

	for (; e == OK && left > 0; left -= (off_t)sizeof(zeros))
		e = write_all(fd, zeros, left < (off_t)sizeof(zeros) ? (size_t)left : sizeof(zeros));
	return e == OK && !fails() && fsync(fd) == 0 ? OK : ERR_IO;
}

enum error
durable_wipe(const char *path)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? OK : ERR_IO;
	enum error e = write_zeros(fd);

	close(fd);
	TRY(e);
	return !fails() && unlink(path) == 0 ? durable_sync(above(path, &text)) : ERR_IO;
}

static enum error
read_all(int fd, size_t most, struct strbuf *out)
{
	char block[16384];
	size_t sum = 0;
	ssize_t got = 0;

	while ((got = read(fd, block, sizeof(block))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ERR_IO;
		sum += (size_t)got;
		if (sum > most)
			return ERR_TOO_LARGE;
		strbuf_add(out, block, (size_t)got);
	}
	return OK;
}

enum error
durable_read(const char *path, size_t most, struct strbuf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO;
	enum error e = read_all(fd, most, out);
	close(fd);
	return e;
}
