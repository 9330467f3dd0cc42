/* testing.h - for tests only: hex, and the entry of docs/ledger.md section 7. */
#pragma once
#include "base/testing.h"
#include "ledger/ledger.h"

static const char known_header_hex[] __attribute__((unused)) =
	"aa0003015000000000000000000000000000000000021b0000019b76daa87b0350000102030405060708090a0b0c0d0e0f"
	"04010501070a080209020a83010205";
static const char known_detail_hex[] __attribute__((unused)) = "a20050101112131415161718191a1b1c1d1e1f0166434153452d37";

static inline size_t
from_hex(const char *hex, unsigned char *to)
{
	size_t bytes = strlen(hex) / 2;

	for (size_t i = 0; i < bytes; i++) {
		unsigned value;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &value), 1);
		to[i] = (unsigned char)value;
	}
	return bytes;
}

static inline void
assert_hex(const void *bytes, size_t count, const char *hex)
{
	unsigned char wanted[1024];

	assert_true(strlen(hex) / 2 <= sizeof(wanted));
	assert_int_equal(count, from_hex(hex, wanted));
	assert_memory_equal(bytes, wanted, count);
}

/* first, first + 1, ... */
static inline void
count_up(unsigned char *to, size_t bytes, unsigned first)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)(first + i);
}

/* A look-up of fields 1, 2 and 5 of a person by a body's official, case CASE-7. */
static inline struct ledger_entry
known_entry(void)
{
	static const unsigned char event[LEDGER_ID_BYTES];
	static unsigned char subject[LEDGER_ID_BYTES], actor[LEDGER_ID_BYTES];
	static const uint32_t fields[] = { 1, 2, 5 };
	struct ledger_entry entry;

	count_up(subject, sizeof(subject), 0x00);
	count_up(actor, sizeof(actor), 0x10);
	ledger_entry_init(&entry);
	entry.kind = LEDGER_LOOKUP;
	entry.event = event;
	entry.time_ms = INT64_C(0x19b76daa87b);
	entry.subject = subject;
	entry.retention = 1;
	entry.reg = 1;
	entry.body = 10;
	entry.role = 2;
	entry.purpose = 2;
	entry.fields = fields;
	entry.field_count = ARRAY_COUNT(fields);
	entry.actor = actor;
	entry.case_text = "CASE-7";
	return entry;
}
