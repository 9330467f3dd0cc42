/* record_id.h - what the log calls a record (docs/ledger.md 2.4): the AES-128 block of u64 register code || u64 record
 * id under the installation's key. Whoever has the key can go both ways; to others it says nothing. For one thread at
 * a time. */
#pragma once
#include "ledger/ledger.h"

struct record_key;
/* `key`: 16 bytes. Never NULL. */
struct record_key *record_key_new(const unsigned char *key);
void record_key_free(struct record_key *key);
DEFINE_AUTO(struct record_key, record_key_free)

void record_id_make(const struct record_key *key, uint32_t reg_code, int64_t record,
		    unsigned char ret_id[static LEDGER_ID_BYTES]);
/* The other way. Any 16 bytes give something: a register code that no pack has tells that it was none of ours. */
void record_id_read(const struct record_key *key, const unsigned char id[static LEDGER_ID_BYTES],
		    uint64_t *ret_reg_code, uint64_t *ret_record);
