/* reject.h - the rejects of an import as a CSV that people mend and import again: the rows as they stood, and behind
 * them the columns line, column, reason. */
#pragma once
#include "base/strbuf.h"
#include "registry/import.h"

/* `text` is the imported file, `rejects` are in order of their rows. The separator, a BOM and the line ends are the
 * file's own. A row that is no row of its header (broken, too many cells) stands whole in the first cell. */
void reject_print(const char *text, size_t bytes, const struct import_reject *rejects, size_t count,
		  struct strbuf *out);
/* 0600, since the rows name people; whole or not at all. ERR_IO with errno. */
NODISCARD enum error reject_write_file(const char *path, const struct strbuf *content);
