#include "rows.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static void
stop(const char *path, size_t line, const char *what)
{
	fprintf(stderr, "load: %s:%zu: %s\n", path, line, what);
	exit(2);
}

static struct span
map_file(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) != 0 || status.st_size == 0)
		stop(path, 0, "cannot be read, or is empty");
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);

	if (bytes == MAP_FAILED)
		stop(path, 0, "cannot be mapped");
	return (struct span){ bytes, (size_t)status.st_size };
}

/* Cuts the next field off `line`; a lone "-" is empty. */
static bool
next_field(struct span *line, struct span *ret_field)
{
	if (line->text == NULL)
		return false;
	const char *tab = memchr(line->text, '\t', line->bytes);
	size_t bytes = tab == NULL ? line->bytes : (size_t)(tab - line->text);

	*ret_field = (struct span){ line->text, bytes };
	if (bytes == 1 && *line->text == '-')
		ret_field->bytes = 0;
	*line = tab == NULL ? (struct span){ NULL, 0 } : (struct span){ tab + 1, line->bytes - bytes - 1 };
	return true;
}

void
rows_open(const char *path, struct rows *ret_rows)
{
	struct span file = map_file(path);
	size_t room = 0, line = 0;

	*ret_rows = (struct rows){ 0 };
	for (const char *p = file.text, *end = p + file.bytes; p < end;) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		struct span rest = { p, (size_t)((eol == NULL ? end : eol) - p) };
		struct row row;

		line++;
		if (!next_field(&rest, &row.method) || !next_field(&rest, &row.path) ||
		    !next_field(&rest, &row.token) || !next_field(&rest, &row.body) || rest.text != NULL)
			stop(path, line, "is not METHOD, PATH, TOKEN, BODY");
		if (ret_rows->count == room) {
			room = room == 0 ? 1024 : 2 * room;
			ret_rows->items = reallocarray(ret_rows->items, room, sizeof(struct row));
			if (ret_rows->items == NULL)
				stop(path, line, "does not fit into memory");
		}
		ret_rows->items[ret_rows->count++] = row;
		p = eol == NULL ? end : eol + 1;
	}
}

void
rows_of_get(const char *path, struct rows *ret_rows)
{
	struct row *row = calloc(1, sizeof(*row));

	if (row == NULL)
		abort();
	row->method = (struct span){ "GET", 3 };
	row->path = (struct span){ path, strlen(path) };
	*ret_rows = (struct rows){ row, 1 };
}
