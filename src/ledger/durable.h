/* durable.h - files that are there whole or not at all, and stay so through a power cut. Knows not what is in them. */
#pragma once
#include "base/strbuf.h"

/* Written beside its name (PATH.new), fsynced, renamed; 0600. The new name itself is durable after durable_sync of its
 * folder. ERR_IO. */
NODISCARD enum error durable_write(const char *path, const void *bytes, size_t count);
/* The same, and its name is durable too. ERR_IO. */
NODISCARD enum error durable_keep(const char *path, const void *bytes, size_t count);
/* fsync of a folder. ERR_IO. */
NODISCARD enum error durable_sync(const char *folder);
/* fsync of a file that others wrote, and of its folder. ERR_IO. */
NODISCARD enum error durable_settle(const char *path);
/* The folder and those above it that are missing, 0700, their names durable. ERR_IO. */
NODISCARD enum error durable_make_folder(const char *path);
/* Zeros over the whole file, then its name goes; both durable. Nothing where there is none. ERR_IO. */
NODISCARD enum error durable_wipe(const char *path);
/* Appends the whole file. ERR_NOT_FOUND; ERR_TOO_LARGE: more than `most` bytes; ERR_IO. */
NODISCARD enum error durable_read(const char *path, size_t most, struct strbuf *out);

/* Tests: the nth operation from now that changes the disk fails with ERR_IO, a write after half of it, and so does
 * each one after it: the disk is gone, or we are. 0 ends it. Of the whole process. */
void durable_fail_at(int nth);
bool durable_fault_fired(void);
