/* tlog_check.h - what was published and signed, held against the log while its entries pass (verify.h): the checkpoint's
 * signature and root, each tile and bundle byte for byte, partial ones too, and what the signer says that it signed.
 *
 * All of that is written after the store, by other hands: it is read first (tlog_check_new), the store's state is taken
 * then, so that the store is never behind. What was published meanwhile is not looked at. */
#pragma once
#include "ledger/checkpoint.h"
#include "ledger/verify.h"

enum tlog_check_part {
	TLOG_CHECK_CHECKPOINT,
	TLOG_CHECK_TILES,
	TLOG_CHECK_BUNDLES,
	TLOG_CHECK_SIGNER,
	TLOG_CHECK_PART_COUNT
};
enum tlog_check_state {
	TLOG_CHECK_SOUND,
	TLOG_CHECK_ABSENT,    /* nothing was published yet, or it was deleted: it will be made again */
	TLOG_CHECK_UNCHECKED, /* it could not be: the file cannot be read, or what it rests on is damaged */
	TLOG_CHECK_DAMAGED,
};
enum tlog_check_problem {
	TLOG_CHECK_NONE,
	TLOG_CHECK_UNREADABLE, /* not what the program writes */
	TLOG_CHECK_MISSING,
	TLOG_CHECK_DIFFERS,  /* other bytes than the store's */
	TLOG_CHECK_UNSIGNED, /* not by the log's key */
	TLOG_CHECK_ROOT,     /* not the root of so many entries */
	TLOG_CHECK_AHEAD,    /* of more entries than the store has */
	TLOG_CHECK_BEHIND,   /* the signer says less than what is published */
	TLOG_CHECK_KEY,      /* another key than the log states */
};
struct tlog_check_result {
	enum tlog_check_state state;
	enum tlog_check_problem problem;
	uint64_t checked; /* files; the checkpoint's and the signer's size */
	char place[128];  /* the file, inside the installation's folder */
};

struct tlog_check;
/* Reads the checkpoint and the signer's state. Paths: DIR/tlog, DIR/once/signer. Never NULL. */
struct tlog_check *tlog_check_new(const char *folder, const char *state_path);
void tlog_check_free(struct tlog_check *check);
DEFINE_AUTO(struct tlog_check, tlog_check_free)

/* The verify_watch's leaf. OK always. */
NODISCARD enum error tlog_check_leaf(void *context, const struct tree *tree, const void *body, size_t bytes,
				     const unsigned char leaf_hash[static LEDGER_HASH_BYTES]);
/* After the last entry of a sound log; of `origin`. Then the results can be read. */
void tlog_check_end(struct tlog_check *check, const char *origin, uint64_t log_size);
const struct tlog_check_result *tlog_check_result(const struct tlog_check *check, enum tlog_check_part part);
/* false: there is no checkpoint that can be read. */
bool tlog_check_checkpoint(const struct tlog_check *check, struct checkpoint *ret_checkpoint);
