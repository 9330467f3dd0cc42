#include "ledger/testing.h"
#include "ledger/entry.h"
#include "ledger/seal.h"
#include "ledger/tree.h"

static void
header_and_detail_are_those_of_the_document(void **state)
{
	AUTO(strbuf_done) struct strbuf header = { 0 }, detail = { 0 };
	struct ledger_entry entry = known_entry();

	assert_int_equal(entry_write_header(&entry, &header), OK);
	assert_hex(header.text, header.bytes, known_header_hex);
	assert_int_equal(entry_write_detail(&entry, &detail), OK);
	assert_hex(detail.text, detail.bytes, known_detail_hex);
}

static void
the_sealed_entry_has_the_leaf_hash_of_the_document(void **state)
{
	unsigned char commitments[SEAL_PART_COUNT][LEDGER_HASH_BYTES];
	unsigned char tag[LEDGER_HASH_BYTES], leaf[LEDGER_HASH_BYTES], body[ENTRY_SEALED_BYTES];
	struct entry_body read;

	from_hex("0372361e7b7721bccdbf09151b4cabbd4410e6ec1fbbf5d81856ae115028f09f", tag);
	from_hex("2d11d09be1c7522cd6191475644e9d50dbf2ad734f66c545588692de2fb5430c", commitments[SEAL_HEADER]);
	from_hex("553882c4126b2b3d37d38b5c367f7587b3c3e1d88cf73b2e48c96e778ccbd42a", commitments[SEAL_DETAIL]);
	from_hex("31fe81bb85a20e3333876ce94d1dfc2532aef3df8fd6a0f35db652a56e9837f4", commitments[SEAL_PAYLOAD]);
	entry_seal(tag, commitments, body);
	tree_leaf_hash(body, sizeof(body), leaf);
	assert_hex(leaf, 32, "0c07ab07117454ecdf51037efb220ce0bbfc678552b5637ac388de1905350c62");

	assert_int_equal(entry_read_body(body, sizeof(body), &read), OK);
	assert_false(read.open);
	assert_memory_equal(read.tag, tag, sizeof(tag));
	assert_memory_equal(read.commitments[SEAL_PAYLOAD], commitments[SEAL_PAYLOAD], LEDGER_HASH_BYTES);
}

static void
the_genesis_is_that_of_the_document(void **state)
{
	static const char origin[] = "registers.example/ledger";
	AUTO(strbuf_done) struct strbuf body = { 0 };
	unsigned char leaf[LEDGER_HASH_BYTES];

	assert_int_equal(entry_write_open(LEDGER_OPEN_GENESIS, origin, strlen(origin), &body), OK);
	assert_hex(body.text, body.bytes, "01020001000000187265676973746572732e6578616d706c652f6c6564676572");
	tree_leaf_hash(body.text, body.bytes, leaf);
	assert_hex(leaf, 32, "9c31bf4fd59af5e433ad6b7ce1eb07ab33c9ab1f7d3ce2cabddfc68deb042b65");
}

/* Every key of header and detail is there. */
static struct ledger_entry
full_entry(void)
{
	static const unsigned char id[LEDGER_ID_BYTES] = "0123456789abcdef";
	static const uint32_t fields[] = { 0, 23, 24, 255, 256, 65536, UINT32_MAX };
	struct ledger_entry entry = known_entry();

	entry.kind = LEDGER_STREAM_ENDS;
	entry.record = id;
	entry.retention = 300;
	entry.reg = UINT64_MAX - 1;
	entry.fields = fields;
	entry.field_count = ARRAY_COUNT(fields);
	entry.refers_to = 70000;
	entry.refused = true;
	entry.part = 2;
	entry.parts = 25;
	entry.query = "Ахметова";
	entry.session = id;
	entry.origin = "203.0.113.7";
	return entry;
}

static void
assert_same(const struct ledger_entry *a, const struct ledger_entry *b)
{
	AUTO(strbuf_done) struct strbuf first = { 0 }, second = { 0 };

	assert_int_equal(entry_write_header(a, &first), OK);
	assert_int_equal(entry_write_detail(a, &first), OK);
	assert_int_equal(entry_write_header(b, &second), OK);
	assert_int_equal(entry_write_detail(b, &second), OK);
	assert_int_equal(first.bytes, second.bytes);
	assert_memory_equal(first.text, second.text, first.bytes);
}

static void
an_entry_is_read_back_as_it_was_written(void **state)
{
	AUTO(strbuf_done) struct strbuf header = { 0 }, detail = { 0 };
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ledger_entry entry = full_entry(), read;

	assert_int_equal(entry_write_header(&entry, &header), OK);
	assert_int_equal(entry_write_detail(&entry, &detail), OK);
	assert_int_equal(entry_read(arena, header.text, header.bytes, detail.text, detail.bytes, &read), OK);
	assert_same(&entry, &read);
	assert_int_equal(read.field_count, entry.field_count);
	assert_int_equal(read.parts, 25);
	assert_string_equal(read.query, "Ахметова");
	assert_true(read.refused);
}

/* Flips bits of one part: what is still read must be what these very bytes mean. */
static void
mutate(const struct strbuf *part, bool is_header, int bits)
{
	static const unsigned char outcome_done[] = { 0x0c, 0x00 };
	AUTO(arena_free) struct arena *arena = arena_new();
	unsigned char bytes[ENTRY_DETAIL_BYTES_MAX];
	int taken = 0;

	for (size_t i = 0; i < part->bytes; i++) {
		AUTO(strbuf_done) struct strbuf again = { 0 };
		struct ledger_entry read;

		memcpy(bytes, part->text, part->bytes);
		bytes[i] ^= (unsigned char)bits;
		arena_reset(arena);
		if (entry_read(arena, is_header ? bytes : NULL, part->bytes, is_header ? NULL : bytes, part->bytes,
			       &read) != OK)
			continue;
		taken++;
		/* "absent or 0 done": the one thing that has two spellings. */
		if (is_header && i > 0 && memcmp(bytes + i - 1, outcome_done, 2) == 0)
			continue;
		assert_int_equal(is_header ? entry_write_header(&read, &again) : entry_write_detail(&read, &again), OK);
		assert_int_equal(again.bytes, part->bytes);
		assert_memory_equal(again.text, bytes, part->bytes);
	}
	assert_true(taken > 0); /* bytes of ids are free */
}

static void
a_changed_byte_is_refused_or_means_exactly_what_it_says(void **state)
{
	struct ledger_entry entries[] = { known_entry(), full_entry() };

	for (size_t i = 0; i < ARRAY_COUNT(entries); i++) {
		AUTO(strbuf_done) struct strbuf header = { 0 }, detail = { 0 };

		assert_int_equal(entry_write_header(&entries[i], &header), OK);
		assert_int_equal(entry_write_detail(&entries[i], &detail), OK);
		for (int bits = 1; bits <= 0xff; bits++) {
			mutate(&header, true, bits);
			mutate(&detail, false, bits);
		}
	}
}

static void
a_part_cut_short_or_made_longer_is_refused(void **state)
{
	AUTO(strbuf_done) struct strbuf header = { 0 };
	AUTO(arena_free) struct arena *arena = arena_new();
	struct ledger_entry entry = full_entry(), read;

	assert_int_equal(entry_write_header(&entry, &header), OK);
	for (size_t bytes = 0; bytes < header.bytes; bytes++)
		assert_int_equal(entry_read(arena, header.text, bytes, NULL, 0, &read), ERR_BAD_INPUT);
	assert_int_equal(entry_read(arena, header.text, header.bytes + 1, NULL, 0, &read), ERR_BAD_INPUT);
}

static void
assert_refused(const struct ledger_entry *entry)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	enum error header = entry_write_header(entry, &out);
	enum error detail = entry_write_detail(entry, &out);

	assert_true(header == ERR_BAD_INPUT || detail == ERR_BAD_INPUT);
}
#define ASSERT_REFUSED(change)                            \
	do {                                              \
		struct ledger_entry entry = full_entry(); \
		change;                                   \
		assert_refused(&entry);                   \
	} while (0)

static void
what_the_document_does_not_allow_is_not_written(void **state)
{
	static const uint32_t falling[] = { 2, 1 }, twice[] = { 2, 2 };
	static uint32_t many[400];
	char long_text[1026];

	memset(long_text, 'x', sizeof(long_text));
	long_text[1025] = '\0';
	for (uint32_t i = 0; i < ARRAY_COUNT(many); i++)
		many[i] = 1000 + i;
	ASSERT_REFUSED(entry.event = NULL);
	ASSERT_REFUSED(entry.subject = NULL);
	ASSERT_REFUSED(entry.retention = UINT64_MAX);
	ASSERT_REFUSED(entry.kind = LEDGER_KIND_COUNT);
	ASSERT_REFUSED(entry.time_ms = -1);
	ASSERT_REFUSED(entry.time_ms = INT64_C(1) << 53);
	ASSERT_REFUSED((entry.fields = falling, entry.field_count = 2));
	ASSERT_REFUSED((entry.fields = twice, entry.field_count = 2));
	ASSERT_REFUSED((entry.fields = many, entry.field_count = ARRAY_COUNT(many)));
	ASSERT_REFUSED(entry.part = 0);
	ASSERT_REFUSED(entry.part = 26);
	ASSERT_REFUSED(entry.parts = 0);
	ASSERT_REFUSED(entry.actor = NULL);
	ASSERT_REFUSED(entry.case_text = "");
	ASSERT_REFUSED(entry.case_text = "two\nlines");
	ASSERT_REFUSED(entry.case_text = "\xff");
	ASSERT_REFUSED(entry.case_text = long_text + 1025 - 65);
	ASSERT_REFUSED(entry.query = long_text);
	ASSERT_REFUSED(entry.origin = long_text + 1025 - 65);
}

static void
an_entry_without_detail_has_none(void **state)
{
	AUTO(strbuf_done) struct strbuf detail = { 0 };
	struct ledger_entry entry = known_entry();

	entry.actor = NULL;
	entry.case_text = NULL;
	assert_int_equal(entry_write_detail(&entry, &detail), OK);
	assert_int_equal(detail.bytes, 0);
}

static void
an_open_body_of_the_wrong_form_is_refused(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct entry_body read;
	unsigned char bytes[300];

	memset(bytes, 'a', sizeof(bytes));
	assert_int_equal(entry_write_open(0, bytes, 32, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(5, bytes, 32, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_GENESIS, bytes, 0, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_GENESIS, bytes, 256, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_GENESIS, "\xff", 1, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_STREAM_INDEX, bytes, 63, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_RULES, bytes, 33, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_KEY, "\4\1timetimekey", 13, &out), ERR_BAD_INPUT);
	assert_int_equal(entry_write_open(LEDGER_OPEN_KEY, "\1\1timetime", 10, &out), ERR_BAD_INPUT);
	assert_int_equal(out.bytes, 0);

	assert_int_equal(entry_write_open(LEDGER_OPEN_KEY, "\1\1timetimekey", 13, &out), OK);
	assert_int_equal(entry_read_body(out.text, out.bytes, &read), OK);
	assert_true(read.open && read.kind == LEDGER_OPEN_KEY && read.byte_count == 13);
	for (size_t bytes_left = 0; bytes_left < out.bytes; bytes_left++)
		assert_int_equal(entry_read_body(out.text, bytes_left, &read), ERR_BAD_INPUT);
	assert_int_equal(entry_read_body(out.text, out.bytes + 1, &read), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_and_detail_are_those_of_the_document),
		cmocka_unit_test(the_sealed_entry_has_the_leaf_hash_of_the_document),
		cmocka_unit_test(the_genesis_is_that_of_the_document),
		cmocka_unit_test(an_entry_is_read_back_as_it_was_written),
		cmocka_unit_test(a_changed_byte_is_refused_or_means_exactly_what_it_says),
		cmocka_unit_test(a_part_cut_short_or_made_longer_is_refused),
		cmocka_unit_test(what_the_document_does_not_allow_is_not_written),
		cmocka_unit_test(an_entry_without_detail_has_none),
		cmocka_unit_test(an_open_body_of_the_wrong_form_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
