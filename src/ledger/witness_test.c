#include "ledger/witness_testing.h"
#include "ledger/base64.h"

static struct toy_log ours, other;
static unsigned char seed[NOTE_SEED_BYTES];
static struct note_key witness;

static int
set_up(void **state)
{
	unsigned char public_key[NOTE_PUBLIC_BYTES];

	toy_open(&ours, "log.example/test", 1);
	toy_open(&other, "log.example/other", 2);
	count_up(seed, sizeof(seed), 100);
	assert_int_equal(note_public_key(seed, public_key), OK);
	assert_int_equal(note_key_make(NOTE_WITNESS, "witness.example/w1", public_key, &witness), OK);
	return 0;
}

/* What a witness that knows `log`, and of it cosigned so much, says to this body. */
static struct witness_verdict
decide(uint64_t size, const struct strbuf *body)
{
	const struct checkpoint last = toy_checkpoint(&ours, size);
	const struct witness_memory memory = { &ours.key, 1, &last, size == 0 ? 0 : 1 };
	struct witness_verdict verdict;

	assert_int_equal(witness_decide(&memory, body->text, body->bytes, &verdict), OK);
	return verdict;
}

static void
a_log_that_grows_is_cosigned_at_each_size(void **state)
{
	for (uint64_t old_size = 0; old_size <= 20; old_size++) {
		for (uint64_t size = old_size; size <= 40; size++) {
			AUTO(strbuf_done) struct strbuf body = { 0 };
			const struct checkpoint next = toy_checkpoint(&ours, size);

			toy_request(&ours, old_size, size, &body);
			struct witness_verdict verdict = decide(old_size, &body);

			assert_int_equal(verdict.status, WITNESS_COSIGNS);
			assert_int_equal(verdict.checkpoint.size, size);
			assert_memory_equal(verdict.checkpoint.root, next.root, sizeof(next.root));
		}
	}
}

static void
the_request_is_that_of_the_specification(void **state)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };
	struct witness_request request;

	toy_request(&ours, 3, 5, &body);
	assert_memory_equal(body.text, "old 3\n", 6);
	assert_non_null(strstr(body.text, "=\n\nlog.example/test\n5\n"));
	assert_int_equal(witness_request_parse(body.text, body.bytes, &request), OK);
	assert_int_equal(request.old_size, 3);
	assert_int_equal(request.proof.count, 4);
	assert_memory_equal(request.note, "log.example/test\n5\n", 19);
	assert_ptr_equal(request.note + request.note_bytes, body.text + body.bytes);
	assert_int_equal(witness_request_parse(body.text, 6, &request), ERR_BAD_INPUT);
	assert_int_equal(witness_request_parse("old 0\n\n", 7, &request), ERR_BAD_INPUT);
}

static void
another_size_than_it_has_is_a_conflict_that_tells_it(void **state)
{
	static const uint64_t wrong[] = { 0, 3, 6, 9 };

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		AUTO(strbuf_done) struct strbuf body = { 0 };

		toy_request(&ours, wrong[i], 10, &body);
		struct witness_verdict verdict = decide(5, &body);

		assert_int_equal(verdict.status, WITNESS_CONFLICT);
		assert_int_equal(verdict.size, 5);
	}
}

static void
a_smaller_tree_is_never_cosigned(void **state)
{
	for (uint64_t old_size = 0; old_size <= 6; old_size++) {
		AUTO(strbuf_done) struct strbuf body = { 0 };

		toy_request(&ours, old_size, 4, &body);
		struct witness_verdict verdict = decide(5, &body);

		assert_int_equal(verdict.status, old_size > 4 ? WITNESS_MALFORMED : WITNESS_CONFLICT);
	}
}

/* The same key, but the leaf at 7 is another. */
static void
a_fork_is_never_cosigned(void **state)
{
	static struct toy_log fork;

	fork = ours;
	memset(fork.leaves[7], 0xff, TREE_HASH_BYTES);
	for (uint64_t size = 8; size <= 40; size++) {
		AUTO(strbuf_done) struct strbuf body = { 0 };

		toy_request(&fork, 8, size, &body);
		struct witness_verdict verdict = decide(8, &body);

		assert_int_equal(verdict.status, size == 8 ? WITNESS_CONFLICT : WITNESS_UNPROVEN);
		assert_int_equal(verdict.is_fork, size == 8);
	}
}

/* Whoever does not know what the witness has, or lies about it, is told; only what the log signed makes it a fork. */
static void
a_fork_is_told_from_a_wrong_size(void **state)
{
	AUTO(strbuf_done) struct strbuf same = { 0 };
	AUTO(strbuf_done) struct strbuf forked = { 0 };
	AUTO(strbuf_done) struct strbuf unsigned_fork = { 0 };
	static struct toy_log fork, thief;

	toy_request(&ours, 0, 8, &same);
	assert_int_equal(decide(8, &same).status, WITNESS_CONFLICT);
	assert_false(decide(8, &same).is_fork);
	fork = ours;
	memset(fork.leaves[7], 0xff, TREE_HASH_BYTES);
	toy_request(&fork, 0, 8, &forked);
	assert_int_equal(decide(8, &forked).status, WITNESS_CONFLICT);
	assert_true(decide(8, &forked).is_fork);
	toy_open(&thief, ours.key.name, 9);
	toy_request(&thief, 0, 8, &unsigned_fork);
	assert_false(decide(8, &unsigned_fork).is_fork);
}

static void
an_unknown_log_and_an_unknown_key_are_told_apart(void **state)
{
	AUTO(strbuf_done) struct strbuf stranger = { 0 };
	AUTO(strbuf_done) struct strbuf false_key = { 0 };
	static struct toy_log thief;

	toy_request(&other, 0, 3, &stranger);
	assert_int_equal(decide(0, &stranger).status, WITNESS_STRANGER);
	toy_open(&thief, ours.key.name, 9);
	toy_request(&thief, 0, 3, &false_key);
	assert_int_equal(decide(0, &false_key).status, WITNESS_UNSIGNED);
}

static void
one_of_two_keys_of_a_log_is_enough(void **state)
{
	static struct toy_log next;
	AUTO(strbuf_done) struct strbuf body = { 0 };
	struct witness_verdict verdict;

	toy_open(&next, ours.key.name, 9);
	const struct note_key keys[] = { ours.key, other.key, next.key };
	const struct witness_memory memory = { keys, ARRAY_COUNT(keys), NULL, 0 };

	toy_request(&next, 0, 3, &body);
	assert_int_equal(witness_decide(&memory, body.text, body.bytes, &verdict), OK);
	assert_int_equal(verdict.status, WITNESS_COSIGNS);
}

/* What is signed decides, not who asks: a byte changed anywhere is never cosigned as it is. */
static void
a_changed_byte_anywhere_is_never_cosigned_as_it_is(void **state)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };

	toy_request(&ours, 5, 11, &body);
	for (size_t i = 0; i < body.bytes; i++) {
		AUTO(strbuf_done) struct strbuf changed = { 0 };

		strbuf_add(&changed, body.text, body.bytes);
		changed.text[i] ^= 1;
		assert_int_not_equal(decide(5, &changed).status, WITNESS_COSIGNS);
	}
	assert_int_equal(decide(5, &body).status, WITNESS_COSIGNS);
}

static void
bodies_of_another_form_are_malformed(void **state)
{
	static const char *const bad[] = { "",
					   "old",
					   "old 0",
					   "old 0\n",
					   "old 0\n\n",
					   "new 0\n\nx\n",
					   "old -1\n\nx\n",
					   "old 01\n\nx\n",
					   "old  1\n\nx\n",
					   "old 9223372036854775808\n\nx\n",
					   "old 1\nAAAA\n\nx\n",
					   "old 1\n\n\n\n",
					   "old 0\n\nlog.example/test\n0\n" };
	AUTO(strbuf_done) struct strbuf many = { 0 };
	AUTO(strbuf_done) struct strbuf proof = { 0 };
	const unsigned char zeros[TREE_HASH_BYTES] = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		AUTO(strbuf_done) struct strbuf body = { 0 };

		strbuf_text(&body, bad[i]);
		assert_int_equal(decide(0, &body).status, WITNESS_MALFORMED);
	}
	toy_request(&ours, 0, 3, &proof);
	strbuf_text(&many, "old 0\n");
	for (int i = 0; i < WITNESS_PROOF_HASHES_MAX + 1; i++) {
		base64_print(&many, zeros, sizeof(zeros));
		strbuf_char(&many, '\n');
	}
	strbuf_add(&many, proof.text + 6, proof.bytes - 6);
	assert_int_equal(decide(0, &many).status, WITNESS_MALFORMED);
	/* With one line less it is only wrong. */
	many.text[5 + 45 - 1] = '\n';
	AUTO(strbuf_done) struct strbuf fewer = { 0 };

	strbuf_printf(&fewer, "old 0\n%s", many.text + 6 + 45);
	assert_int_equal(decide(0, &fewer).status, WITNESS_UNPROVEN);
}

/* ---- the memory ---- */

static void
the_memory_is_read_as_it_was_written(void **state)
{
	struct checkpoint rows[] = { toy_checkpoint(&ours, 20), toy_checkpoint(&other, 0) }, read[WITNESS_LOGS_MAX];
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf again = { 0 };
	struct note_key key;
	size_t count = 0;

	witness_memory_print(&witness, rows, 2, &text);
	assert_int_equal(witness_memory_parse(text.text, text.bytes, &key, read, &count), OK);
	assert_int_equal(count, 2);
	witness_memory_print(&key, read, count, &again);
	assert_string_equal(again.text, text.text);
	/* Cut anywhere but behind a line it is refused. */
	for (size_t bytes = 0; bytes < text.bytes; bytes++)
		if (bytes == 0 || text.text[bytes - 1] != '\n')
			assert_int_equal(witness_memory_parse(text.text, bytes, &key, read, &count), ERR_BAD_INPUT);
	rows[1] = rows[0];
	strbuf_clear(&again);
	witness_memory_print(&witness, rows, 2, &again);
	assert_int_equal(witness_memory_parse(again.text, again.bytes, &key, read, &count), ERR_BAD_INPUT);
	strbuf_clear(&again);
	witness_memory_print(&ours.key, rows, 1, &again);
	assert_int_equal(witness_memory_parse(again.text, again.bytes, &key, read, &count), ERR_BAD_INPUT);
}

/* ---- the log's side ---- */

static void
cosign(const struct strbuf *text, uint64_t time_s, struct strbuf *answer)
{
	unsigned char signature[NOTE_SIGNATURE_BYTES];

	assert_int_equal(note_cosign(seed, time_s, text->text, text->bytes, signature), OK);
	note_line_print(&witness, time_s, signature, answer);
}

static enum error
read_answer(const struct strbuf *text, const struct strbuf *answer, struct strbuf *line, size_t *others)
{
	return witness_answer_line(text->text, text->bytes, &witness, answer->bytes == 0 ? "" : answer->text,
				   answer->bytes, line, others);
}

static void
the_witnesss_line_is_found_among_those_of_others(void **state)
{
	const struct checkpoint checkpoint = toy_checkpoint(&ours, 5);
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf note = { 0 };
	AUTO(strbuf_done) struct strbuf wanted = { 0 };
	AUTO(strbuf_done) struct strbuf answer = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	size_t others = 0;

	checkpoint_print(&checkpoint, &text);
	toy_sign(&ours, &checkpoint, &note);
	cosign(&text, 1700000000, &wanted);
	strbuf_add(&answer, note.text + text.bytes + 1, note.bytes - text.bytes - 1);
	assert_int_equal(read_answer(&text, &answer, &line, &others), ERR_NOT_FOUND);
	assert_int_equal(others, 1);
	strbuf_add(&answer, wanted.text, wanted.bytes);
	assert_int_equal(read_answer(&text, &answer, &line, &others), OK);
	assert_int_equal(others, 1);
	assert_string_equal(line.text, wanted.text);
}

static void
false_lines_and_garbage_are_refused(void **state)
{
	const struct checkpoint checkpoint = toy_checkpoint(&ours, 5), another = toy_checkpoint(&ours, 6);
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf another_text = { 0 };
	AUTO(strbuf_done) struct strbuf good = { 0 };
	AUTO(strbuf_done) struct strbuf replayed = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	size_t others = 0;

	checkpoint_print(&checkpoint, &text);
	checkpoint_print(&another, &another_text);
	cosign(&text, 1700000000, &good);
	cosign(&another_text, 1700000000, &replayed);
	assert_int_equal(read_answer(&text, &replayed, &line, &others), ERR_BAD_INPUT);
	/* Before a good line too: the note would be spoilt for whoever knows the key. */
	strbuf_add(&replayed, good.text, good.bytes);
	assert_int_equal(read_answer(&text, &replayed, &line, &others), ERR_BAD_INPUT);

	static const char *const bad[] = { "", "\n", "garbage\n", "<html>\n", "— witness.example/w1 AAAA\n" };

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		AUTO(strbuf_done) struct strbuf answer = { 0 };

		strbuf_text(&answer, bad[i]);
		assert_int_equal(read_answer(&text, &answer, &line, &others), ERR_BAD_INPUT);
	}
	/* An empty line would make the answer's own text a part of the one that is signed: and signed it is. */
	AUTO(strbuf_done) struct strbuf longer = { 0 };
	AUTO(strbuf_done) struct strbuf smuggled = { 0 };

	strbuf_printf(&longer, "%s\nmore\n", text.text);
	strbuf_text(&smuggled, "more\n\n");
	cosign(&longer, 1700000000, &smuggled);
	assert_int_equal(read_answer(&text, &smuggled, &line, &others), ERR_BAD_INPUT);
	assert_int_equal(line.bytes, 0);
}

static void
a_size_is_a_number_and_a_newline(void **state)
{
	static const char *const bad[] = { "",     "\n", "5",    "5\n\n", " 5\n",
					   "05\n", "57", "-1\n", "5\r\n", "9223372036854775808\n" };
	uint64_t size = 0;

	assert_int_equal(witness_answer_size("20852014\n", 9, &size), OK);
	assert_int_equal(size, 20852014);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(witness_answer_size(bad[i], strlen(bad[i]), &size), ERR_BAD_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_that_grows_is_cosigned_at_each_size),
		cmocka_unit_test(the_request_is_that_of_the_specification),
		cmocka_unit_test(another_size_than_it_has_is_a_conflict_that_tells_it),
		cmocka_unit_test(a_smaller_tree_is_never_cosigned),
		cmocka_unit_test(a_fork_is_never_cosigned),
		cmocka_unit_test(a_fork_is_told_from_a_wrong_size),
		cmocka_unit_test(an_unknown_log_and_an_unknown_key_are_told_apart),
		cmocka_unit_test(one_of_two_keys_of_a_log_is_enough),
		cmocka_unit_test(a_changed_byte_anywhere_is_never_cosigned_as_it_is),
		cmocka_unit_test(bodies_of_another_form_are_malformed),
		cmocka_unit_test(the_memory_is_read_as_it_was_written),
		cmocka_unit_test(the_witnesss_line_is_found_among_those_of_others),
		cmocka_unit_test(false_lines_and_garbage_are_refused),
		cmocka_unit_test(a_size_is_a_number_and_a_newline),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
