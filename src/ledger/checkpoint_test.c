#include "ledger/testing.h"
#include "ledger/checkpoint.h"

static const char three[] = "log.example/test\n3\nlPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk=\n";
static const char three_line[] =
	"— log.example/test b/3xwBrLiblmy1xnPX0eNXG9cp0WtPruTAwfeEG2xizLewsf8rM9KYVzQGwl93HWrlcsZ"
	"YFgZUSlteGYbsQovsO8kwA=\n";
static const char log_vkey[] = "log.example/test+6ffdf1c0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
static const char other_vkey[] = "log.example/test+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk";

static struct note_key
key_of(const char *vkey)
{
	struct note_key key;

	assert_int_equal(note_key_parse(vkey, strlen(vkey), &key), OK);
	return key;
}

static void
three_lines_go_both_ways(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct checkpoint checkpoint;

	assert_int_equal(checkpoint_parse(three, strlen(three), &checkpoint), OK);
	assert_string_equal(checkpoint.origin, "log.example/test");
	assert_int_equal(checkpoint.size, 3);
	assert_hex(checkpoint.root, 32, "94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19");
	checkpoint_print(&checkpoint, &out);
	assert_string_equal(out.text, three);
}

#define ROOT "lPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk="

static void
anything_but_the_three_lines_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"log\n",
		"log\n3\n",
		"log\n3\n" ROOT,
		"log\n3\n" ROOT "\n\n",
		"log\n3\n" ROOT "\nextension\n",
		"\nlog\n3\n" ROOT "\n",
		"\n3\n" ROOT "\n",
		"log\n03\n" ROOT "\n",
		"log\n+3\n" ROOT "\n",
		"log\n-3\n" ROOT "\n",
		"log\n3 \n" ROOT "\n",
		"log\n\n" ROOT "\n",
		"log\n9223372036854775808\n" ROOT "\n",
		"log\n0\n" ROOT "\n",
		"lo g\n3\n" ROOT "\n",
		"lo+g\n3\n" ROOT "\n",
		"log\r\n3\n" ROOT "\n",
		"log\n3\n" ROOT "=\n",
		"log\n3\n AAAA\n",
		"log\n3\nlPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhl=\n",
		"log\n3\nlPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk\n",
		"log\n3\nlPvQ3YNvUDAWkubQ6t5yjuGexSv_8WBu2AfIV11aqhk=\n",
	};
	static const char none[] = "log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
	struct checkpoint checkpoint;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		if (checkpoint_parse(wrong[i], strlen(wrong[i]), &checkpoint) != ERR_BAD_INPUT)
			fail_msg("%zu: %s", i, wrong[i]);
	assert_int_equal(checkpoint_parse(none, strlen(none), &checkpoint), OK);
}

static void
a_signed_checkpoint_opens_under_its_log_s_key_only(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct note_key log = key_of(log_vkey), other = key_of(other_vkey);
	struct checkpoint checkpoint;

	strbuf_printf(&note, "%s\n%s", three, three_line);
	assert_int_equal(checkpoint_open(note.text, note.bytes, &log, &checkpoint), OK);
	assert_int_equal(checkpoint.size, 3);
	assert_int_equal(checkpoint_open(note.text, note.bytes, &other, &checkpoint), ERR_BAD_INPUT);
}

static void
a_signed_checkpoint_with_one_bit_changed_does_not_open(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct note_key log = key_of(log_vkey);
	struct checkpoint checkpoint;

	strbuf_printf(&note, "%s\n%s", three, three_line);
	for (size_t bit = 0; bit < note.bytes * 8; bit++) {
		note.text[bit / 8] = (char)(note.text[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(checkpoint_open(note.text, note.bytes, &log, &checkpoint), ERR_BAD_INPUT);
		note.text[bit / 8] = (char)(note.text[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t bytes = 0; bytes < note.bytes; bytes++)
		assert_int_equal(checkpoint_open(note.text, bytes, &log, &checkpoint), ERR_BAD_INPUT);
	assert_int_equal(checkpoint_open(note.text, note.bytes, &log, &checkpoint), OK);
}

/* The key is right and so is the signature, but it is not a checkpoint of that log. */
static void
assert_signed_text_refused(const char *text)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	unsigned char seed[NOTE_SEED_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct note_key log = key_of(log_vkey);
	struct checkpoint checkpoint;

	count_up(seed, sizeof(seed), 0);
	assert_int_equal(note_sign(seed, text, strlen(text), signature), OK);
	strbuf_printf(&note, "%s\n", text);
	note_line_print(&log, 0, signature, &note);
	assert_int_equal(checkpoint_open(note.text, note.bytes, &log, &checkpoint), ERR_BAD_INPUT);
}

static void
a_signature_over_something_else_is_no_checkpoint(void **state)
{
	assert_signed_text_refused("log.example/other\n3\n" ROOT "\n");
	assert_signed_text_refused("log.example/test\n3\n" ROOT "\nextension\n");
	assert_signed_text_refused("log.example/test\n03\n" ROOT "\n");
	assert_signed_text_refused("some text\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_lines_go_both_ways),
		cmocka_unit_test(anything_but_the_three_lines_is_refused),
		cmocka_unit_test(a_signed_checkpoint_opens_under_its_log_s_key_only),
		cmocka_unit_test(a_signed_checkpoint_with_one_bit_changed_does_not_open),
		cmocka_unit_test(a_signature_over_something_else_is_no_checkpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
