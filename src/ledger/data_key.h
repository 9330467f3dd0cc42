/* data_key.h - the keys under which the parts of entries lie in the store (docs/ledger.md 6): for each retention rule
 * and month one key each for header, detail and payload. They are kept in one file apart from the store and its
 * backups, so that destroying a key destroys every copy of what it covers: in backups, replicas and write-ahead logs.
 * Safe for several threads; one at a time adds or destroys. */
#pragma once
#include "base/arena.h"
#include "base/strbuf.h"
#include "ledger/seal.h"

enum { DATA_KEY_IV_BYTES = 16 };

struct data_keys;

/* The keys of one rule and month. */
struct data_key {
	uint32_t number; /* random, 1 to 2^31 - 1; what an entry's row says */
	uint32_t rule;   /* retention rule */
	uint32_t month;  /* year * 12 + month - 1, UTC, of the entries' time */
	uint64_t first;  /* no entry before this index lies under it */
	bool destroyed[SEAL_PART_COUNT];
};

/* A file without keys. `path` is DIR/keys/data.keys. ERR_IO. */
NODISCARD enum error data_keys_make(const char *path);
/* ERR_NOT_FOUND: there is no such file; ERR_DAMAGED: it is not what was written; ERR_IO. */
NODISCARD enum error data_keys_open(const char *path, struct data_keys **ret_keys);
/* Wipes them. */
void data_keys_free(struct data_keys *keys);
DEFINE_AUTO(struct data_keys, data_keys_free)

uint32_t data_key_month(int64_t time_ms);
/* The number of the rule's keys of that month, for entries from `size` on. New ones are in the file, durably, before this
 * returns. Once there are keys of a month more than one later, an earlier month's are not given any more, and never those
 * that begin behind `size`: so what lies under a key stands between its first index and that of the next but one month,
 * also when a clock was put back or an older store was restored. ERR_IO. */
NODISCARD enum error data_keys_find(struct data_keys *keys, uint32_t rule, uint32_t month, uint64_t size,
				    uint32_t *ret_number);

size_t data_keys_count(struct data_keys *keys);
/* By place, oldest first. */
void data_keys_at(struct data_keys *keys, size_t place, struct data_key *ret_key);
/* false: there is none of that number. */
bool data_keys_get(struct data_keys *keys, uint32_t number, struct data_key *ret_key);

/* Appends salt || data as it lies in the store: AES-256 in counter mode, as long as what went in. `iv` is random and
 * the same for the three parts of one entry, whose keys differ. That nothing was changed the entry's commitments tell.
 * ERR_GONE: the key is destroyed. */
NODISCARD enum error data_key_hide(struct data_keys *keys, uint32_t number, enum seal_part part,
				   const unsigned char iv[static DATA_KEY_IV_BYTES],
				   const unsigned char salt[static SEAL_SALT_BYTES], const void *data, size_t bytes,
				   struct strbuf *out);
/* The reverse, in `arena`. ERR_GONE: the key is destroyed; ERR_DAMAGED: there is no such key, or `bytes` are too few. */
NODISCARD enum error data_key_show(struct data_keys *keys, uint32_t number, enum seal_part part,
				   const unsigned char iv[static DATA_KEY_IV_BYTES], const void *hidden, size_t bytes,
				   struct arena *arena, const unsigned char **ret_salt, const void **ret_data,
				   size_t *ret_bytes);

/* Destroys the keys of these parts (ledger/erasure.h), durably; the bytes of the old file are overwritten before it goes.
 * Again: finishes that when a crash came between, else nothing. ERR_NOT_FOUND, ERR_IO. */
NODISCARD enum error data_key_destroy(struct data_keys *keys, uint32_t number, unsigned parts);
