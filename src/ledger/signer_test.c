#include "ledger/published_testing.h"

static struct checkpoint
checkpoint_of(struct published *p)
{
	struct checkpoint checkpoint = { .origin = ORIGIN, .size = ledger_size(p->log->ledger) };

	ledger_root(p->log->ledger, checkpoint.root);
	return checkpoint;
}

/* Asks for a signature; OK and ALARM_NONE, or ERR_CONFLICT and the alarm. */
static enum alarm
ask(struct published *p, const struct checkpoint *checkpoint)
{
	AUTO(strbuf_done) struct strbuf line = { 0 };
	enum alarm alarm = ALARM_NONE;
	enum error e = p->signer->sign(p->signer, checkpoint, &line, &alarm);

	assert_int_equal(e, alarm == ALARM_NONE ? OK : ERR_CONFLICT);
	assert_int_equal(line.bytes > 0, e == OK);
	return alarm;
}

static void
read_state_file(struct published *p, struct strbuf *out)
{
	strbuf_clear(out);
	read_whole(p->state, out);
}

static void
it_signs_the_same_checkpoint_again(void **state)
{
	struct published *p = *state;
	struct checkpoint checkpoint;

	publish_at(p, 300);
	checkpoint = checkpoint_of(p);
	assert_int_equal(ask(p, &checkpoint), ALARM_NONE);
	reopen_publishing(p);
	assert_int_equal(ask(p, &checkpoint), ALARM_NONE);
}

static void
it_refuses_a_smaller_size(void **state)
{
	struct published *p = *state;
	struct checkpoint old;

	publish_at(p, 300);
	old = checkpoint_of(p);
	publish_at(p, 301);
	assert_int_equal(ask(p, &old), ALARM_SIGNER_AHEAD);
	reopen_publishing(p);
	assert_int_equal(ask(p, &old), ALARM_SIGNER_AHEAD);
}

static void
it_refuses_a_root_that_it_did_not_compute(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf before = { 0 };
	AUTO(strbuf_done) struct strbuf after = { 0 };
	struct checkpoint checkpoint;

	publish_at(p, 300);
	read_state_file(p, &before);
	checkpoint = checkpoint_of(p);
	checkpoint.root[7] ^= 1;
	assert_int_equal(ask(p, &checkpoint), ALARM_SIGNER_ROOT);
	/* The size before is right, the bundles are there, the root is not theirs. */
	grow_to(p, 310);
	const struct tile tile = { .entries = true, .number = 1, .width = 54 };
	AUTO(strbuf_done) struct strbuf bundle = { 0 };
	AUTO(strbuf_done) struct strbuf folder = { 0 };

	in_tiles(p, "cp tile/entries/001.p/44 ../b");
	read_whole("tests/packs/library/pack.yaml", &folder); /* bytes of any kind, as entries */
	AUTO(strbuf_done) struct strbuf path = { 0 };

	strbuf_printf(&path, "%s/b", p->log->folder);
	read_whole(path.text, &bundle);
	for (int i = 0; i < 10; i++)
		bundle_add(&bundle, folder.text + i, 20);
	assert_int_equal(tile_file_keep(p->tiles, &tile, bundle.text, bundle.bytes, &folder), OK);
	checkpoint = checkpoint_of(p);
	assert_int_equal(ask(p, &checkpoint), ALARM_SIGNER_ROOT);
	read_state_file(p, &after);
	assert_string_equal(before.text, after.text);
}

static void
it_refuses_what_it_cannot_read(void **state)
{
	struct published *p = *state;
	struct checkpoint checkpoint;

	publish_at(p, 300);
	grow_to(p, 700);
	checkpoint = checkpoint_of(p);
	assert_int_equal(ask(p, &checkpoint), ALARM_SIGNER_BUNDLES);
}

static void
it_refuses_another_origin(void **state)
{
	struct published *p = *state;
	struct checkpoint checkpoint;

	publish_at(p, 300);
	checkpoint = checkpoint_of(p);
	strcpy(checkpoint.origin, "other.example");
	assert_int_equal(ask(p, &checkpoint), ALARM_KEY_DIFFERS);
}

/* Whatever fails, no signature leaves whose size is not durable, and the state can be read afterwards. */
static void
its_state_is_durable_before_a_signature_leaves(void **state)
{
	struct published *p = *state;
	const struct signer_config config = signer_config_of(p);
	AUTO(strbuf_done) struct strbuf old = { 0 };
	AUTO(strbuf_done) struct strbuf new = { 0 };
	AUTO(strbuf_done) struct strbuf now = { 0 };
	struct checkpoint checkpoint;
	bool fired = true;
	int faults = 0;

	publish_at(p, 300);
	read_state_file(p, &old);
	publish_at(p, 600);
	read_state_file(p, &new);
	checkpoint = checkpoint_of(p);
	for (int nth = 1; fired; nth++, faults++) {
		AUTO(strbuf_done) struct strbuf line = { 0 };
		AUTO(signer_close) struct signer *signer = NULL;
		enum alarm alarm = ALARM_NONE;

		assert_int_equal(durable_write(p->state, old.text, old.bytes), OK);
		assert_int_equal(signer_file_open(&config, &alarm, &signer), OK);
		durable_fail_at(nth);
		enum error e = signer->sign(signer, &checkpoint, &line, &alarm);

		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e, fired ? ERR_IO : OK);
		assert_int_equal(line.bytes > 0, !fired);
		read_state_file(p, &now);
		assert_true(strcmp(now.text, new.text) == 0 || (fired && strcmp(now.text, old.text) == 0));
		assert_int_equal(signer->sign(signer, &checkpoint, &line, &alarm), OK);
	}
	assert_int_equal(faults, 5); /* write, fsync, rename, fsync of the folder; then none */
}

/* What it reads at its opening another may have written and not synced: the same size is signed on it again. */
static void
a_state_that_cannot_be_made_durable_is_not_opened(void **state)
{
	struct published *p = *state;
	const struct signer_config config = signer_config_of(p);

	publish_at(p, 300);
	for (int nth = 1; nth <= 2; nth++) { /* the file, the folder */
		struct signer *signer = NULL;
		enum alarm alarm = ALARM_NONE;

		durable_fail_at(nth);
		assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_IO);
		durable_fail_at(0);
	}
}

static void
any_changed_byte_of_its_state_stops_it(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf sound = { 0 };
	const struct signer_config config = signer_config_of(p);
	enum alarm alarm = ALARM_NONE;
	struct signer *signer = NULL;

	publish_at(p, 300);
	read_state_file(p, &sound);
	for (size_t at = 0; at < sound.bytes; at++) {
		char was = sound.text[at];

		sound.text[at] ^= (char)(1 << at % 8);
		assert_int_equal(durable_write(p->state, sound.text, sound.bytes), OK);
		assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
		assert_int_equal(alarm, ALARM_SIGNER_LOST);
		sound.text[at] = was;
	}
	assert_int_equal(durable_write(p->state, sound.text, sound.bytes - 1), OK);
	assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
	strbuf_char(&sound, '\n');
	assert_int_equal(durable_write(p->state, sound.text, sound.bytes), OK);
	assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
	assert_int_equal(unlink(p->state), 0);
	assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
	assert_int_equal(alarm, ALARM_SIGNER_LOST);
}

static void
another_key_or_none_stops_it(void **state)
{
	struct published *p = *state;
	struct signer_config config = signer_config_of(p);
	const unsigned char other[NOTE_SEED_BYTES] = { 9 };
	enum alarm alarm = ALARM_NONE;
	struct signer *signer = NULL;

	publish_at(p, 300);
	config.seed = other;
	assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
	assert_int_equal(alarm, ALARM_SIGNER_LOST);
	config.seed = NULL;
	assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
	assert_int_equal(alarm, ALARM_KEY_LOST);
	config.seed = p->seed;
	config.origin = "other.example";
	assert_int_equal(signer_file_open(&config, &alarm, &signer), ERR_CONFLICT);
	assert_int_equal(alarm, ALARM_SIGNER_LOST);
}

static void
a_state_that_has_signed_is_never_begun_again(void **state)
{
	struct published *p = *state;
	const struct signer_config config = signer_config_of(p);

	assert_int_equal(signer_file_begin(&config), OK);
	publish_at(p, 2);
	assert_int_equal(signer_file_begin(&config), ERR_DUPLICATE);
	assert_int_equal(durable_write(p->state, "?", 1), OK);
	assert_int_equal(signer_file_begin(&config), ERR_DUPLICATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PUBLISHED(it_signs_the_same_checkpoint_again),
		PUBLISHED(it_refuses_a_smaller_size),
		PUBLISHED(it_refuses_a_root_that_it_did_not_compute),
		PUBLISHED(it_refuses_what_it_cannot_read),
		PUBLISHED(it_refuses_another_origin),
		PUBLISHED(its_state_is_durable_before_a_signature_leaves),
		PUBLISHED(a_state_that_cannot_be_made_durable_is_not_opened),
		PUBLISHED(any_changed_byte_of_its_state_stops_it),
		PUBLISHED(another_key_or_none_stops_it),
		PUBLISHED(a_state_that_has_signed_is_never_begun_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
