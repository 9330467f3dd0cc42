#include "http/cosigning.h"
#include "base/day.h"
#include "base/log.h"
#include "http/witness_server.h"
#include "ledger/published_testing.h"

/* A log with its publisher, and witnesses of this very process. */
enum { WITNESSES = 2, PATIENCE_MS = 10000 };

struct watched {
	struct published *log;
	struct witness *witnesses[WITNESSES];
	struct witness_server *servers[WITNESSES];
	char urls[WITNESSES][64];
	struct strbuf vkeys[WITNESSES];
	struct cosigning_config config;
	struct cosigning *cosigning;
};

static void
open_witness(struct watched *w, int i, const char *listen)
{
	char folder[128], name[32];
	enum witness_trouble trouble = WITNESS_FINE;

	snprintf(folder, sizeof(folder), "%s/witness%d", w->log->log->folder, i);
	snprintf(name, sizeof(name), "witness.example/w%d", i);
	assert_int_equal(witness_open(folder, name, &w->log->signer->key, 1, &trouble, &w->witnesses[i]), OK);
	assert_int_equal(witness_server_start(w->witnesses[i], listen, &w->servers[i]), OK);
	snprintf(w->urls[i], sizeof(w->urls[i]), "http://127.0.0.1:%d", witness_server_port(w->servers[i]));
	strbuf_clear(&w->vkeys[i]);
	note_key_print(witness_key(w->witnesses[i]), &w->vkeys[i]);
}

static void
close_witness(struct watched *w, int i)
{
	witness_server_stop(TAKE(w->servers[i]));
	witness_close(TAKE(w->witnesses[i]));
}

static int
set_up(void **state)
{
	struct watched *w = calloc(1, sizeof(*w));
	void *log = NULL;

	log_threshold(LOG_ERROR + 1);
	set_up_published(&log);
	w->log = log;
	w->config.quorum = WITNESSES;
	w->config.alarm_seconds = 1;
	for (int i = 0; i < WITNESSES; i++) {
		open_witness(w, i, "127.0.0.1:0");
		assert_int_equal(cosigning_add(&w->config, w->urls[i], w->vkeys[i].text), OK);
	}
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct watched *w = *state;
	void *log = w->log;

	cosigning_stop(w->cosigning);
	for (int i = 0; i < WITNESSES; i++) {
		close_witness(w, i);
		strbuf_done(&w->vkeys[i]);
	}
	tear_down_published(&log);
	free(w);
	return 0;
}

static void
begin(struct watched *w)
{
	assert_int_equal(cosigning_start(&w->config, w->log->tlog, &w->cosigning), OK);
}

static struct cosigning_state
look(struct watched *w)
{
	struct cosigning_state state;

	cosigning_look(w->cosigning, &state);
	return state;
}

/* Until so many lines are under the published checkpoint. */
static void
wait_for_lines(struct watched *w, size_t count)
{
	int64_t until_us = monotonic_us() + (int64_t)PATIENCE_MS * 1000;

	while (look(w).cosigned != count && monotonic_us() < until_us)
		usleep(10000);
	assert_int_equal(look(w).cosigned, count);
}

static void
wait_for_reason(struct watched *w, const char *wanted)
{
	int64_t until_us = monotonic_us() + (int64_t)PATIENCE_MS * 1000;
	const char *found = NULL;

	do {
		const struct cosigning_state state = look(w);

		found = cosigning_reason(&state);
		usleep(10000);
	} while ((found == NULL) != (wanted == NULL) && monotonic_us() < until_us);
	if (wanted == NULL)
		assert_null(found);
	else
		assert_string_equal(found, wanted);
}

static void
every_checkpoint_gets_the_lines_of_all_witnesses(void **state)
{
	struct watched *w = *state;

	begin(w);
	assert_int_equal(look(w).cosigned, 0);
	for (uint64_t size = 5; size < 1500; size += 1 + size * 2) {
		AUTO(arena_free) struct arena *arena = arena_new();
		AUTO(strbuf_done) struct strbuf text = { 0 };
		struct note_mark marks[WITNESSES];
		struct note note;

		publish_at(w->log, size);
		wait_for_lines(w, WITNESSES);
		assert_int_equal(tlog_checkpoint(w->log->tlog, &text), OK);
		assert_int_equal(note_parse(arena, text.text, text.bytes, &note), OK);
		for (int i = 0; i < WITNESSES; i++) {
			assert_int_equal(note_verify(&note, witness_key(w->witnesses[i]), 1, &marks[i]), OK);
			assert_true(marks[i].is_signed);
			assert_true(marks[i].time_s > 1700000000);
		}
		assert_int_equal(note.line_count, 1 + WITNESSES);
		assert_published(w->log);
	}
	assert_int_equal(look(w).failures, 0);
	wait_for_reason(w, NULL);
}

/* Their lines are there: after a restart nobody is asked for what is known. */
static void
a_restart_goes_on_from_the_lines_that_are_there(void **state)
{
	struct watched *w = *state;

	publish_at(w->log, 300);
	begin(w);
	wait_for_lines(w, WITNESSES);
	cosigning_stop(TAKE(w->cosigning));
	begin(w);
	usleep(500000);
	assert_int_equal(look(w).cosigned, WITNESSES);
	assert_int_equal(look(w).lines, 0);
	publish_at(w->log, 700);
	wait_for_lines(w, WITNESSES);
}

/* Nothing is known here of what they have: they say it themselves. */
static void
what_a_witness_has_is_learnt_from_it(void **state)
{
	struct watched *w = *state;

	publish_at(w->log, 300);
	begin(w);
	wait_for_lines(w, WITNESSES);
	cosigning_stop(TAKE(w->cosigning));
	publish_at(w->log, 700);
	begin(w);
	wait_for_lines(w, WITNESSES);
	assert_int_equal(look(w).failures, 0);
}

static void
a_witness_that_is_gone_is_missed_and_found_again(void **state)
{
	struct watched *w = *state;
	char listen[32];

	snprintf(listen, sizeof(listen), "127.0.0.1:%d", witness_server_port(w->servers[1]));
	begin(w);
	publish_at(w->log, 10);
	wait_for_lines(w, 2);
	close_witness(w, 1);
	publish_at(w->log, 20);
	wait_for_lines(w, 1);
	wait_for_reason(w, "witness-quorum");
	assert_int_equal(look(w).away, 1);
	assert_true(look(w).failures > 0);
	open_witness(w, 1, listen);
	wait_for_lines(w, 2);
	wait_for_reason(w, NULL);
	assert_int_equal(look(w).away, 0);
}

/* It was told of another key: 403, and an alarm, but no less of the other's lines. */
static void
a_witness_that_refuses_raises_an_alarm(void **state)
{
	struct watched *w = *state;
	struct note_key stranger = w->log->signer->key;
	enum witness_trouble trouble = WITNESS_FINE;
	char folder[128], listen[32];

	w->config.quorum = 0;
	snprintf(listen, sizeof(listen), "127.0.0.1:%d", witness_server_port(w->servers[0]));
	snprintf(folder, sizeof(folder), "%s/witness0", w->log->log->folder);
	close_witness(w, 0);
	assert_int_equal(note_key_make(NOTE_LOG, ORIGIN, (unsigned char[32]){ 1 }, &stranger), OK);
	assert_int_equal(witness_open(folder, NULL, &stranger, 1, &trouble, &w->witnesses[0]), OK);
	assert_int_equal(witness_server_start(w->witnesses[0], listen, &w->servers[0]), OK);
	begin(w);
	publish_at(w->log, 20);
	wait_for_lines(w, 1);
	wait_for_reason(w, "witness-refuses");
	assert_int_equal(look(w).refusing, 1);
	/* Going away then takes nothing back. */
	close_witness(w, 0);
	usleep(1500000);
	wait_for_reason(w, "witness-refuses");
	/* Only a line does. */
	open_witness(w, 0, listen);
	wait_for_lines(w, 2);
	wait_for_reason(w, NULL);
}

static void
settings_that_cannot_be_meant_are_refused(void **state)
{
	struct watched *w = *state;
	struct cosigning_config config = { 0 };
	AUTO(strbuf_done) struct strbuf logs_key = { 0 };
	const char *vkey = w->vkeys[0].text;

	note_key_print(&w->log->signer->key, &logs_key);
	assert_int_equal(cosigning_add(&config, "http://witness.example", vkey), ERR_FORBIDDEN);
	assert_int_equal(cosigning_add(&config, "https://witness.example", "garbage"), ERR_BAD_INPUT);
	assert_int_equal(cosigning_add(&config, "https://witness.example", logs_key.text), ERR_BAD_INPUT);
	assert_int_equal(cosigning_add(&config, "https://witness.example", vkey), OK);
	assert_int_equal(cosigning_add(&config, "https://other.example", vkey), ERR_DUPLICATE);
	assert_int_equal(config.count, 1);
	config.count = COSIGNING_WITNESSES_MAX;
	assert_int_equal(cosigning_add(&config, "https://other.example", w->vkeys[1].text), ERR_TOO_LARGE);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WATCHED(every_checkpoint_gets_the_lines_of_all_witnesses),
		WATCHED(a_restart_goes_on_from_the_lines_that_are_there),
		WATCHED(what_a_witness_has_is_learnt_from_it),
		WATCHED(a_witness_that_is_gone_is_missed_and_found_again),
		WATCHED(a_witness_that_refuses_raises_an_alarm),
		WATCHED(settings_that_cannot_be_meant_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
