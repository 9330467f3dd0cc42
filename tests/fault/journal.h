/* journal.h - what a power cut would lose: for each file the writes since its last fsync, for each folder the names made,
 * changed and removed since its own last fsync. journal_cut undoes a seeded choice of them.
 *
 * The rules are POSIX's, not one file system's: fsync of a file says nothing about its name, a rename may outlive the
 * bytes that it renamed, and of writes that were never synced any sectors may have arrived, in any order. The names of
 * one folder are lost from the last one back, as journaling file systems do it.
 * The caller holds one lock around every call and around the file call that goes with it. Knows no faults. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum journal_name { NAME_MADE, NAME_MADE_FOLDER, NAME_CHANGED, NAME_REMOVED };

/* `stash`: a folder on the same file system, outside what is watched, for what names pointed to before. */
void journal_begin(const char *stash);
/* `fd` has just been opened in the watched folder; a file made by it is told by journal_named as well. */
void journal_opened(int fd);
bool journal_knows(int fd);
/* Before the call that changes the file. */
void journal_write(int fd, int64_t offset, const void *bytes, size_t count);
void journal_truncate(int fd, int64_t bytes);
/* After fsync or fdatasync, of a file or of a folder. */
void journal_synced(int fd);
/* Keeps what `path` names, before it is replaced or removed: "" when there is nothing or it is a folder. In static
 * memory, until the next call. */
const char *journal_stash(const char *path);
/* After the call. `from` only for NAME_CHANGED, `stashed` what journal_stash gave for `path`, or "". */
void journal_named(enum journal_name kind, const char *path, const char *from, const char *stashed);
/* The power goes. */
void journal_cut(uint64_t seed);
