/* Signed notes, keys, checkpoints and base64: what the readers take, the writers write again byte for byte. */
#include <string.h>
#include "fuzz.h"
#include "ledger/base64.h"
#include "ledger/checkpoint.h"

/* The keys of fuzz/corpus/note, so that signatures are verified too. */
static const char *const vkeys[] = {
	"log.example/test+6ffdf1c0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
	"witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X",
};

static void
check_base64(const char *text, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	unsigned char raw[1024];
	size_t count = 0;

	if (base64_parse(text, bytes, sizeof(raw), raw, &count) != OK)
		return;
	base64_print(&out, raw, count);
	assert(out.bytes == bytes && (bytes == 0 || memcmp(out.text, text, bytes) == 0));
}

static void
check_key(const char *text, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct note_key key;

	if (note_key_parse(text, bytes, &key) != OK || (key.type != NOTE_LOG && key.type != NOTE_WITNESS))
		return;
	note_key_print(&key, &out);
	assert(out.bytes == bytes && memcmp(out.text, text, bytes) == 0);
}

static void
check_checkpoint(const char *text, size_t bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct checkpoint checkpoint;

	if (checkpoint_parse(text, bytes, &checkpoint) != OK)
		return;
	checkpoint_print(&checkpoint, &out);
	assert(out.bytes == bytes && memcmp(out.text, text, bytes) == 0);
}

static void
check_note(const char *bytes, size_t count)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct note_key keys[ARRAY_COUNT(vkeys)];
	struct note_mark marks[ARRAY_COUNT(vkeys)];
	struct checkpoint checkpoint;
	struct note note;

	for (size_t i = 0; i < ARRAY_COUNT(vkeys); i++) {
		enum error e = note_key_parse(vkeys[i], strlen(vkeys[i]), &keys[i]);

		assert(e == OK);
	}
	if (note_parse(arena, bytes, count, &note) != OK) {
		assert(checkpoint_open(bytes, count, &keys[0], &checkpoint) != OK);
		return;
	}
	const char *at = note.text + note.text_bytes + 1;

	/* Text, empty line, lines: nothing between and nothing behind. */
	for (size_t i = 0; i < note.line_count; i++) {
		assert(note.lines[i].text == at && note_name_is_valid(note.lines[i].name, strlen(note.lines[i].name)));
		at += note.lines[i].text_bytes;
	}
	assert(at == bytes + count);
	check_checkpoint(note.text, note.text_bytes);
	enum error verified = note_verify(&note, keys, ARRAY_COUNT(keys), marks);
	enum error opened = checkpoint_open(bytes, count, &keys[0], &checkpoint);

	assert(verified != OK || marks[0].is_signed || opened != OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
	const char *text = (const char *)bytes;

	check_base64(text, count);
	check_key(text, count);
	check_checkpoint(text, count);
	check_note(text, count);
	return 0;
}
