#include "ledger/testing.h"
#include "ledger/note.h"
#include "text/utf8.h"

/* golang.org/x/mod/sumdb/note, package documentation: a key, a text and its signature made by others. */
static const char neumann_vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
static const char neumann_seed_hex[] = "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173";
static const char neumann_text[] = "If you think cryptography is the answer to your problem,\n"
				   "then you don't know what your problem is.\n";
static const char neumann_line[] = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvq"
				   "fqdngotpRZb6KE6RyyBwJnAM=\n";

/* Made with Go's crypto/ed25519: a log key with the seed 00 01 … 1f, a witness with 20 21 … 3f. */
static const char log_vkey[] = "log.example/test+6ffdf1c0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
static const char log_text[] = "log.example/test\n3\nlPvQ3YNvUDAWkubQ6t5yjuGexSv/8WBu2AfIV11aqhk=\n";
static const char log_line[] =
	"— log.example/test b/3xwBrLiblmy1xnPX0eNXG9cp0WtPruTAwfeEG2xizLewsf8rM9KYVzQGwl93HWrlcsZYF"
	"gZUSlteGYbsQovsO8kwA=\n";
static const char witness_vkey[] = "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X";
static const char witness_line[] =
	"— witness.example/w1 IDJKvgAAAABkGFDLySoMJ02NL3Xg6XzyjFfuM6joNQSXSTqRSXiHmTjfsI+eG2dWv"
	"XprwO+2dAngw800Uq78T7DQ6tJKXMwqRg7DCw==\n";
static const uint64_t witness_time_s = 1679315147;

static struct note_key
key_of(const char *vkey)
{
	struct note_key key;

	assert_int_equal(note_key_parse(vkey, strlen(vkey), &key), OK);
	return key;
}

static enum error
open_note(const char *bytes, size_t count, const struct note_key *keys, size_t key_count, struct note_mark *ret_marks)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct note note;

	TRY(note_parse(arena, bytes, count, &note));
	return note_verify(&note, keys, key_count, ret_marks);
}

static void
a_vkey_is_that_of_the_document(void **state)
{
	static const char printed[] = "log.example/test+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk";
	AUTO(strbuf_done) struct strbuf out = { 0 };
	unsigned char public_key[NOTE_PUBLIC_BYTES];
	struct note_key key, parsed = key_of(printed);

	from_hex("66f83af58c878a01bba053eb28adf93b0589f2a69deb87af567200cff75115e4", public_key);
	assert_int_equal(note_key_make(NOTE_LOG, "log.example/test", public_key, &key), OK);
	note_key_print(&key, &out);
	assert_string_equal(out.text, printed);
	assert_hex(key.id, NOTE_ID_BYTES, "10ab04e2");
	assert_memory_equal(&parsed, &key, sizeof(key));
}

static void
any_other_spelling_of_a_vkey_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"log.example/test",
		"log.example/test+10ab04e2",
		"log.example/test+10ab04e2+",
		"log.example/test+10AB04E2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk",
		"log.example/test+10ab04e3+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk",
		"log.example/tesT+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk",
		"log.example/test+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXl",
		"log.example/test+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URX=",
		"log.example/test+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk\n",
		"log.example/test +10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk",
		"+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk",
	};
	struct note_key key;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(note_key_parse(wrong[i], strlen(wrong[i]), &key), ERR_BAD_INPUT);
}

static void
a_key_of_an_unknown_type_is_read_and_verifies_nothing(void **state)
{
	/* H("log.example/test" || 0x0a || ff 01) begins with 9d4a288e. */
	static const char vkey[] = "log.example/test+9d4a288e+/wE=";
	AUTO(strbuf_done) struct strbuf bytes = { 0 };
	struct note_key key = key_of(vkey);
	struct note_mark mark = { .is_signed = true };

	assert_int_equal(key.type, 0xff);
	/* id || one byte, under that name: it may be right for all we know. */
	strbuf_printf(&bytes, "text\n\n— log.example/test nUoojgA=\n");
	assert_int_equal(open_note(bytes.text, bytes.bytes, &key, 1, &mark), OK);
	assert_false(mark.is_signed);
}

static void
names_have_no_space_no_plus_and_no_control_character(void **state)
{
	static const char *const wrong[] = {
		"",         "a b",          "a+b",          "a\nb",         "a\tb", "\x7f",     "\xc2\x85",
		"\xc2\xa0", "\xe2\x80\x83", "\xe3\x80\x80", "\xe1\x9a\x80", "\xff", "\xc0\xaf", "\xe2\x80"
	};
	static const uint32_t spaces[] = { ' ',    0x85,   0xA0,   0x1680, 0x2000, 0x200A,
					   0x2028, 0x2029, 0x202F, 0x205F, 0x3000 };
	static const char *const good[] = { "a", "log.example/test", "тіркеу.қз/дәптер", "a-b_c.d/e:1" };
	static const unsigned char public_key[NOTE_PUBLIC_BYTES];
	char longest[NOTE_NAME_BYTES_MAX + 2];
	struct note_key key;

	for (size_t i = 0; i < ARRAY_COUNT(spaces); i++) {
		AUTO(strbuf_done) struct strbuf name = { 0 };

		utf8_add(&name, spaces[i]);
		assert_false(note_name_is_valid(name.text, name.bytes));
	}
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		assert_false(note_name_is_valid(wrong[i], strlen(wrong[i])));
		assert_int_equal(note_key_make(NOTE_LOG, wrong[i], public_key, &key), ERR_BAD_INPUT);
	}
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		assert_true(note_name_is_valid(good[i], strlen(good[i])));
	memset(longest, 'a', sizeof(longest));
	assert_true(note_name_is_valid(longest, NOTE_NAME_BYTES_MAX));
	assert_false(note_name_is_valid(longest, NOTE_NAME_BYTES_MAX + 1));
	assert_false(note_name_is_valid("a\0b", 3));
}

static void
ed25519_is_that_of_rfc_8032(void **state)
{
	unsigned char seed[NOTE_SEED_BYTES], public_key[NOTE_PUBLIC_BYTES], signature[NOTE_SIGNATURE_BYTES];

	/* Section 7.1, test 2. */
	from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed);
	assert_int_equal(note_public_key(seed, public_key), OK);
	assert_hex(public_key, 32, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
	assert_int_equal(note_sign(seed, "\x72", 1, signature), OK);
	assert_hex(signature, 64,
		   "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
		   "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

static void
a_note_of_others_is_signed_the_same_and_verifies(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	unsigned char seed[NOTE_SEED_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct note_key key = key_of(neumann_vkey);
	struct note_mark mark;

	from_hex(neumann_seed_hex, seed);
	assert_int_equal(note_sign(seed, neumann_text, strlen(neumann_text), signature), OK);
	strbuf_printf(&note, "%s\n", neumann_text);
	note_line_print(&key, 0, signature, &note);
	assert_string_equal(note.text + strlen(neumann_text) + 1, neumann_line);
	assert_int_equal(open_note(note.text, note.bytes, &key, 1, &mark), OK);
	assert_true(mark.is_signed);
	assert_int_equal(mark.time_s, 0);
}

static void
a_cosignature_is_made_and_verified(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 }, line = { 0 };
	unsigned char seed[NOTE_SEED_BYTES], signature[NOTE_SIGNATURE_BYTES], public_key[NOTE_PUBLIC_BYTES];
	struct note_key keys[] = { key_of(log_vkey), key_of(witness_vkey), key_of(neumann_vkey) }, made;
	struct note_mark marks[3];

	count_up(seed, sizeof(seed), 0x20);
	assert_int_equal(note_public_key(seed, public_key), OK);
	assert_int_equal(note_key_make(NOTE_WITNESS, "witness.example/w1", public_key, &made), OK);
	assert_memory_equal(&made, &keys[1], sizeof(made));
	assert_int_equal(note_cosign(seed, witness_time_s, log_text, strlen(log_text), signature), OK);
	note_line_print(&made, witness_time_s, signature, &line);
	assert_string_equal(line.text, witness_line);
	strbuf_printf(&note, "%s\n%s%s", log_text, log_line, witness_line);
	assert_int_equal(open_note(note.text, note.bytes, keys, 3, marks), OK);
	assert_true(marks[0].is_signed && marks[0].time_s == 0);
	assert_true(marks[1].is_signed && marks[1].time_s == witness_time_s);
	assert_false(marks[2].is_signed);
}

static void
the_latest_of_a_witness_s_cosignatures_counts(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	unsigned char seed[NOTE_SEED_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct note_key key = key_of(witness_vkey);
	struct note_mark mark;

	count_up(seed, sizeof(seed), 0x20);
	assert_int_equal(note_cosign(seed, witness_time_s + 60, log_text, strlen(log_text), signature), OK);
	strbuf_printf(&note, "%s\n", log_text);
	note_line_print(&key, witness_time_s + 60, signature, &note);
	strbuf_text(&note, witness_line);
	assert_int_equal(open_note(note.text, note.bytes, &key, 1, &mark), OK);
	assert_int_equal(mark.time_s, witness_time_s + 60);
}

static void
a_byte_changed_anywhere_under_a_known_signature_is_refused(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct note_key keys[] = { key_of(log_vkey), key_of(witness_vkey) };
	struct note_mark marks[2];
	size_t changes = 0;

	strbuf_printf(&note, "%s\n%s%s", log_text, log_line, witness_line);
	for (size_t i = 0; i < note.bytes; i++) {
		for (int bit = 0; bit < 8; bit++) {
			note.text[i] = (char)(note.text[i] ^ 1 << bit);
			enum error e = open_note(note.text, note.bytes, keys, 2, marks);

			/* A changed name or id makes a line another's, of whom nothing is known. */
			assert_true(e == ERR_BAD_INPUT || !marks[0].is_signed || !marks[1].is_signed);
			if (i < strlen(log_text))
				assert_int_equal(e, ERR_BAD_INPUT);
			note.text[i] = (char)(note.text[i] ^ 1 << bit);
			changes++;
		}
	}
	assert_true(changes > 1000);
	assert_int_equal(open_note(note.text, note.bytes, keys, 2, marks), OK);
}

static void
a_known_key_s_bad_line_spoils_the_note_and_an_unknown_one_does_not(void **state)
{
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct note_key keys[] = { key_of(log_vkey), key_of(witness_vkey) };
	struct note_mark marks[2];

	/* The log's own signature over another text, after the good one. */
	strbuf_printf(&note, "%s\n%s— PeterNeumann x08go/ZJkuBS\n", log_text, log_line);
	assert_int_equal(open_note(note.text, note.bytes, keys, 2, marks), OK);
	assert_true(marks[0].is_signed && !marks[1].is_signed);
	strbuf_text(&note, "— log.example/test b/3xwBrL\n");
	assert_int_equal(open_note(note.text, note.bytes, keys, 2, marks), ERR_BAD_INPUT);
	/* Known by name only: another id. */
	strbuf_clear(&note);
	strbuf_printf(&note, "%s\n%s— log.example/test AAAAABrL\n", log_text, log_line);
	assert_int_equal(open_note(note.text, note.bytes, keys, 2, marks), OK);
}

static void
what_is_no_note_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"\n",
		"\n\n",
		"text\n",
		"text\n\n",
		"text\n\n\n",
		"text\n— name AAAAAAA=\n",
		"text\n\n— name AAAAAAA=",
		"text\n\n— name AAAAAAA=\r\n",
		"text\r\n\n— name AAAAAAA=\n",
		"te\txt\n\n— name AAAAAAA=\n",
		"te\xffxt\n\n— name AAAAAAA=\n",
		"te\xc2\x9ext\n\n— name AAAAAAA=\n",
		"te\x7fxt\n\n— name AAAAAAA=\n",
		"text\n\n- name AAAAAAA=\n",
		"text\n\n—name AAAAAAA=\n",
		"text\n\n—  AAAAAAA=\n",
		"text\n\n— name\n",
		"text\n\n— name \n",
		"text\n\n— name AAAAAA==\n",
		"text\n\n— name AAAAAAA\n",
		"text\n\n— name AAAAAAB=\n",
		"text\n\n— name  AAAAAAA=\n",
		"text\n\n— name AAAAAAA= \n",
		"text\n\n— na+me AAAAAAA=\n",
		"text\n\n— name AAAAAAA=\nmore\n",
		"text\n\n— name AAAAAAA=\n\n",
		"text\n\n— name AAAAAAA=\n\nmore\n",
	};
	AUTO(arena_free) struct arena *arena = arena_new();
	static const char good[] = "text\n\nmore\n\n— name AAAAAAA=\n";
	struct note note;

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++)
		if (note_parse(arena, wrong[i], strlen(wrong[i]), &note) != ERR_BAD_INPUT)
			fail_msg("%zu: %s", i, wrong[i]);
	assert_int_equal(note_parse(arena, good, strlen(good), &note), OK);
	/* The last empty line splits. */
	assert_int_equal(note.text_bytes, strlen("text\n\nmore\n"));
	assert_int_equal(note.line_count, 1);
	assert_int_equal(note.lines[0].signature_bytes, 1);
	assert_string_equal(note.lines[0].name, "name");
	assert_int_equal(note.lines[0].text_bytes, strlen("— name AAAAAAA=\n"));
}

static void
a_note_has_at_most_a_hundred_lines(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf note = { 0 };
	struct note parsed;

	strbuf_text(&note, "text\n\n");
	for (int i = 0; i < NOTE_LINES_MAX; i++)
		strbuf_text(&note, "— name AAAAAAA=\n");
	assert_int_equal(note_parse(arena, note.text, note.bytes, &parsed), OK);
	assert_int_equal(parsed.line_count, NOTE_LINES_MAX);
	strbuf_text(&note, "— name AAAAAAA=\n");
	assert_int_equal(note_parse(arena, note.text, note.bytes, &parsed), ERR_BAD_INPUT);
}

static void
a_note_has_a_length_that_is_read_and_no_more(void **state)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf note = { 0 };
	static const char end[] = "\n\n— name AAAAAAA=\n";
	struct note parsed;

	while (note.bytes < NOTE_BYTES_MAX - strlen(end))
		strbuf_char(&note, 'a');
	strbuf_text(&note, end);
	assert_int_equal(note_parse(arena, note.text, note.bytes, &parsed), OK);
	strbuf_clear(&note);
	while (note.bytes <= NOTE_BYTES_MAX - strlen(end))
		strbuf_char(&note, 'a');
	strbuf_text(&note, end);
	assert_int_equal(note_parse(arena, note.text, note.bytes, &parsed), ERR_BAD_INPUT);
}

static void
a_time_of_2_63_is_refused_however_well_it_is_signed(void **state)
{
	static const uint64_t times[] = { INT64_MAX, (uint64_t)INT64_MAX + 1 };
	unsigned char seed[NOTE_SEED_BYTES], signature[NOTE_SIGNATURE_BYTES];
	struct note_key key = key_of(witness_vkey);
	struct note_mark mark;

	count_up(seed, sizeof(seed), 0x20);
	for (size_t i = 0; i < ARRAY_COUNT(times); i++) {
		AUTO(strbuf_done) struct strbuf note = { 0 }, text = { 0 };

		strbuf_printf(&text, "cosignature/v1\ntime %llu\n%s", (unsigned long long)times[i], log_text);
		assert_int_equal(note_sign(seed, text.text, text.bytes, signature), OK);
		strbuf_printf(&note, "%s\n", log_text);
		note_line_print(&key, times[i], signature, &note);
		assert_int_equal(open_note(note.text, note.bytes, &key, 1, &mark), i == 0 ? OK : ERR_BAD_INPUT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vkey_is_that_of_the_document),
		cmocka_unit_test(any_other_spelling_of_a_vkey_is_refused),
		cmocka_unit_test(a_key_of_an_unknown_type_is_read_and_verifies_nothing),
		cmocka_unit_test(names_have_no_space_no_plus_and_no_control_character),
		cmocka_unit_test(ed25519_is_that_of_rfc_8032),
		cmocka_unit_test(a_note_of_others_is_signed_the_same_and_verifies),
		cmocka_unit_test(a_cosignature_is_made_and_verified),
		cmocka_unit_test(the_latest_of_a_witness_s_cosignatures_counts),
		cmocka_unit_test(a_byte_changed_anywhere_under_a_known_signature_is_refused),
		cmocka_unit_test(a_known_key_s_bad_line_spoils_the_note_and_an_unknown_one_does_not),
		cmocka_unit_test(what_is_no_note_is_refused),
		cmocka_unit_test(a_note_has_at_most_a_hundred_lines),
		cmocka_unit_test(a_note_has_a_length_that_is_read_and_no_more),
		cmocka_unit_test(a_time_of_2_63_is_refused_however_well_it_is_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
