/* tlog.h - the published log as it is read: the folder DIR/tlog with its checkpoint, tiles and bundles (docs/ledger.md
 * section 4). The publisher fills it from the store; it can be deleted and is made again. Nothing beyond the published
 * size is given out. Safe for several threads. */
#pragma once
#include "ledger/alarm.h"
#include "ledger/checkpoint.h"
#include "ledger/proof.h"

struct tlog;

enum { TLOG_CHECKPOINT_BYTES_MAX = 64 * 1024 };

/* Takes the checkpoint that is there, when it is one of this origin; the folder may be missing. */
NODISCARD enum error tlog_open(const char *folder, const char *origin, struct tlog **ret_tlog);
void tlog_close(struct tlog *tlog);
DEFINE_AUTO(struct tlog, tlog_close)
const char *tlog_folder(const struct tlog *tlog);

/* false: nothing is published yet. */
bool tlog_published(struct tlog *tlog, struct checkpoint *ret_checkpoint);
/* Appends the signed checkpoint as it is served. ERR_NOT_FOUND: nothing is published yet. */
NODISCARD enum error tlog_checkpoint(struct tlog *tlog, struct strbuf *out);
/* The file of "tile/0/000", "tile/entries/000.p/5" ... for reading; the caller closes it. ERR_NOT_FOUND: no such
 * path, or not all of it is published. */
NODISCARD enum error tlog_open_tile(struct tlog *tlog, const char *path, int *ret_fd, size_t *ret_bytes);

/* ERR_NOT_PUBLISHED: the entry is not yet under a checkpoint. ERR_DAMAGED: tiles are missing or cut short. */
NODISCARD enum error tlog_inclusion(struct tlog *tlog, uint64_t index, struct proof *ret_proof,
				    struct checkpoint *ret_checkpoint);
/* Appends the proof file of docs/ledger.md 4.3, after checking it: ERR_NOT_PUBLISHED also when what was published at
 * this index is not the entry with this leaf hash, as after an old backup was restored. */
NODISCARD enum error tlog_proof_file(struct tlog *tlog, uint64_t index,
				     const unsigned char leaf[static TREE_HASH_BYTES], struct strbuf *out);

/* The tree of a published size as a hash_source, for whoever makes many proofs; one thread's. It keeps the last tile
 * of each level. `tlog` outlives it. */
struct tlog_view;
struct tlog_view *tlog_view_new(struct tlog *tlog, uint64_t size);
void tlog_view_free(struct tlog_view *view);
DEFINE_AUTO(struct tlog_view, tlog_view_free)
const struct hash_source *tlog_view_source(const struct tlog_view *view);

/* Why publishing has stopped for good; ALARM_NONE: it has not. `ret_failing` (may be NULL): the last run failed for a
 * reason that may pass. */
enum alarm tlog_alarm(const struct tlog *tlog, bool *ret_failing);

/* ---- the publisher's ---- */
/* The first alarm stays until the program ends. */
void tlog_raise(struct tlog *tlog, enum alarm alarm);
void tlog_failing(struct tlog *tlog, bool failing);
/* Writes the signed checkpoint and gives it out from now on. ERR_IO. */
NODISCARD enum error tlog_publish(struct tlog *tlog, const struct checkpoint *checkpoint, const char *note,
				  size_t bytes);
/* What stands in the folder's checkpoint already. */
void tlog_announce(struct tlog *tlog, const struct checkpoint *checkpoint, const char *note, size_t bytes);

/* ---- a witness's (docs/ledger.md 4.2) ---- */
/* Puts a signature line under the published checkpoint, if that is still this one: ERR_GONE when it is not.
 * ERR_TOO_LARGE: there are too many, or it is no such line; ERR_IO. The line must have been verified. */
NODISCARD enum error tlog_add_line(struct tlog *tlog, const struct checkpoint *checkpoint, const char *line,
				   size_t bytes);
