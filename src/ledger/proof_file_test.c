#include "ledger/testing.h"
#include "ledger/proof_file.h"
#include "ledger/tree_testing.h"

/* A log of 13 entries, its key's seed 00 01 … 1f. */
struct fixture {
	struct memory_tree tree;
	struct note_key log;
	struct strbuf checkpoint;
};

static void
fixture_done(struct fixture *fixture)
{
	memory_tree_done(&fixture->tree);
	strbuf_done(&fixture->checkpoint);
}
DEFINE_AUTO_DONE(struct fixture, fixture_done)

static void
fixture_init(struct fixture *fixture)
{
	unsigned char seed[NOTE_SEED_BYTES], public_key[NOTE_PUBLIC_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct checkpoint checkpoint = { .origin = "log.example/test", .size = 13 };

	memory_tree_init(&fixture->tree, checkpoint.size);
	count_up(seed, sizeof(seed), 0);
	assert_int_equal(note_public_key(seed, public_key), OK);
	assert_int_equal(note_key_make(NOTE_LOG, checkpoint.origin, public_key, &fixture->log), OK);
	assert_int_equal(proof_root(&fixture->tree.source, checkpoint.size, checkpoint.root), OK);
	checkpoint_print(&checkpoint, &fixture->checkpoint);
	assert_int_equal(note_sign(seed, fixture->checkpoint.text, fixture->checkpoint.bytes, signature), OK);
	strbuf_char(&fixture->checkpoint, '\n');
	note_line_print(&fixture->log, 0, signature, &fixture->checkpoint);
}

static void
print_file(const struct fixture *fixture, uint64_t index, struct strbuf *out)
{
	struct proof proof;

	assert_int_equal(proof_inclusion(&fixture->tree.source, index, fixture->tree.size, &proof), OK);
	proof_file_print(index, &proof, fixture->checkpoint.text, fixture->checkpoint.bytes, out);
}

/* Read and check as somebody does who has the file, the key and the entry. */
static enum error
check_file(const struct fixture *fixture, const char *bytes, size_t count, uint64_t entry)
{
	struct checkpoint checkpoint;
	struct proof_file file;

	TRY(proof_file_parse(bytes, count, &file));
	TRY(proof_file_check(&file, &fixture->log, fixture->tree.levels[0][entry], &checkpoint));
	assert_int_equal(checkpoint.size, 13);
	assert_int_equal(file.index, entry);
	return OK;
}

static void
a_file_proves_its_entry_and_no_other(void **state)
{
	AUTO(fixture_done) struct fixture fixture = { 0 };

	fixture_init(&fixture);
	for (uint64_t index = 0; index < 13; index++) {
		AUTO(strbuf_done) struct strbuf file = { 0 };

		print_file(&fixture, index, &file);
		for (uint64_t entry = 0; entry < 13; entry++)
			assert_int_equal(check_file(&fixture, file.text, file.bytes, entry),
					 entry == index ? OK : ERR_BAD_INPUT);
	}
}

static void
a_file_looks_as_c2sp_writes_it(void **state)
{
	AUTO(fixture_done) struct fixture fixture = { 0 };
	AUTO(strbuf_done) struct strbuf file = { 0 };
	const char *checkpoint = NULL;
	int newlines = 0;

	fixture_init(&fixture);
	print_file(&fixture, 12, &file);
	assert_int_equal(strncmp(file.text, "c2sp.org/tlog-proof@v1\nindex 12\n", 32), 0);
	checkpoint = strstr(file.text, "\n\n") + 2;
	for (const char *at = file.text; at < checkpoint; at++)
		newlines += *at == '\n';
	/* Two lines, the two hashes of 13 = 8 + 4 + 1, the empty line. */
	assert_int_equal(newlines, 5);
	assert_string_equal(checkpoint, fixture.checkpoint.text);
}

static void
a_file_with_one_bit_changed_proves_nothing(void **state)
{
	AUTO(fixture_done) struct fixture fixture = { 0 };
	AUTO(strbuf_done) struct strbuf file = { 0 };

	fixture_init(&fixture);
	print_file(&fixture, 5, &file);
	for (size_t bit = 0; bit < file.bytes * 8; bit++) {
		file.text[bit / 8] = (char)(file.text[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(check_file(&fixture, file.text, file.bytes, 5), ERR_BAD_INPUT);
		file.text[bit / 8] = (char)(file.text[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t bytes = 0; bytes < file.bytes; bytes++)
		assert_int_equal(check_file(&fixture, file.text, bytes, 5), ERR_BAD_INPUT);
	assert_int_equal(check_file(&fixture, file.text, file.bytes, 5), OK);
}

#define HEAD "c2sp.org/tlog-proof@v1\n"
#define HASH "lPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk=\n"

static void
what_is_no_proof_file_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		HEAD,
		HEAD "index 1\n",
		HEAD "index 1\n\n",
		HEAD "index 1\n" HASH,
		HEAD "index 01\n\nx",
		HEAD "index\n\nx",
		HEAD "index \n\nx",
		HEAD "index  1\n\nx",
		HEAD "Index 1\n\nx",
		HEAD "index -1\n\nx",
		HEAD "index 1\r\n\nx",
		HEAD "extra AAAA\nindex 1\n\nx",
		HEAD "index 1\n " HASH "\nx",
		HEAD "index 1\nAAAA\n\nx",
		"c2sp.org/tlog-proof@v2\nindex 1\n\nx",
		"\n" HEAD "index 1\n\nx",
	};
	AUTO(strbuf_done) struct strbuf many = { 0 };
	struct proof_file file;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		if (proof_file_parse(wrong[i], strlen(wrong[i]), &file) != ERR_BAD_INPUT)
			fail_msg("%zu: %s", i, wrong[i]);
	assert_int_equal(proof_file_parse(HEAD "index 1\n\nx", strlen(HEAD "index 1\n\nx"), &file), OK);
	strbuf_text(&many, HEAD "index 1\n");
	for (int i = 0; i < PROOF_HASHES_MAX + 1; i++)
		strbuf_text(&many, HASH);
	strbuf_text(&many, "\nx");
	assert_int_equal(proof_file_parse(many.text, many.bytes, &file), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_proves_its_entry_and_no_other),
		cmocka_unit_test(a_file_looks_as_c2sp_writes_it),
		cmocka_unit_test(a_file_with_one_bit_changed_proves_nothing),
		cmocka_unit_test(what_is_no_proof_file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
