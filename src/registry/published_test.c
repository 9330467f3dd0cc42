#include "registry/fixture.h"

struct publishing {
	struct fixture *f;
	struct signer *signer;
	unsigned char seed[NOTE_SEED_BYTES];
	char state[96], tiles[96];
	enum alarm alarm;
};

/* The registry of the same store with this key; `seed` NULL: as an older program opens it, without any. */
static void
reopen(struct publishing *p, const unsigned char *seed)
{
	struct registry_config config = p->f->registry == NULL ? (struct registry_config){ 0 } : p->f->registry->config;

	registry_close(TAKE(p->f->registry));
	signer_close(TAKE(p->signer));
	config.db_path = p->f->path;
	config.origin = "registers.test/ledger";
	config.tlog_folder = NULL;
	config.signer = NULL;
	if (seed != NULL) {
		const struct signer_config signing = {
			.origin = config.origin, .seed = seed, .state_path = p->state, .folder = p->tiles
		};

		if (access(p->state, F_OK) != 0)
			must(signer_file_begin(&signing));
		must(signer_file_open(&signing, &p->alarm, &p->signer));
		config.tlog_folder = p->tiles;
		config.signer = p->signer;
	}
	must(registry_open(&config, &p->f->registry));
}

static int
begin(void **state)
{
	struct publishing *p = calloc(1, sizeof(*p));

	p->f = fixture_open("tests/packs/library");
	memset(p->seed, 7, sizeof(p->seed));
	snprintf(p->state, sizeof(p->state), "%s/signer", p->f->folder);
	snprintf(p->tiles, sizeof(p->tiles), "%s/tlog", p->f->folder);
	*state = p;
	return 0;
}

static int
end(void **state)
{
	struct publishing *p = *state;

	registry_close(TAKE(p->f->registry));
	signer_close(p->signer);
	fixture_close(p->f);
	free(p);
	return 0;
}

static int64_t
key_entries(struct publishing *p)
{
	return count_of(p->f, "SELECT count(*) FROM ledger_entry WHERE hex(substr(body, 1, 4)) = '01020003'");
}

static enum error
publish(struct publishing *p)
{
	AUTO(db_close) struct db *db = NULL;

	bool more = false;

	must(registry_reader(p->f->registry, &db));
	return registry_publish(p->f->registry, db, &more);
}

static void
an_older_store_states_its_key_once(void **state)
{
	struct publishing *p = *state;

	assert_null(registry_tlog(p->f->registry));
	assert_string_equal(registry_log_key(p->f->registry), "");
	assert_int_equal(key_entries(p), 0);
	for (int i = 0; i < 3; i++) {
		reopen(p, p->seed);
		assert_int_equal(key_entries(p), 1);
		must(publish(p));
		assert_int_equal(tlog_alarm(registry_tlog(p->f->registry), NULL), ALARM_NONE);
	}
	assert_memory_equal(registry_log_key(p->f->registry), "registers.test/ledger+", 22);
}

static void
under_another_key_nothing_is_published(void **state)
{
	struct publishing *p = *state;
	const unsigned char other[NOTE_SEED_BYTES] = { 8 };
	struct checkpoint checkpoint;

	reopen(p, p->seed);
	assert_int_equal(unlink(p->state), 0); /* as if all that remembers the first key were gone */
	reopen(p, other);
	assert_int_equal(tlog_alarm(registry_tlog(p->f->registry), NULL), ALARM_KEY_DIFFERS);
	assert_int_equal(publish(p), ERR_CONFLICT);
	assert_false(tlog_published(registry_tlog(p->f->registry), &checkpoint));
	assert_int_equal(key_entries(p), 1);
}

static void
without_a_signer_the_alarm_says_why_and_the_registers_work(void **state)
{
	struct publishing *p = *state;
	struct registry_config config = p->f->registry->config;
	const struct actor ida = actor_with(p->f, 5, 0, "librarian", NULL, 0);

	registry_close(TAKE(p->f->registry));
	config.db_path = p->f->path;
	config.origin = "registers.test/ledger";
	config.tlog_folder = p->tiles;
	config.tlog_alarm = ALARM_SIGNER_LOST;
	must(registry_open(&config, &p->f->registry));
	assert_int_equal(tlog_alarm(registry_tlog(p->f->registry), NULL), ALARM_SIGNER_LOST);
	assert_int_equal(publish(p), ERR_CONFLICT);
	ok_act(p->f, &ida, "member", "join", 0,
	       "{\"family_name\": \"Omarova\", \"given_name\": \"Dana\", \"birth_day\": \"1885-03-02\", "
	       "\"card\": \"AB0001\", \"email\": \"dana@demo.invalid\"}");
	assert_int_equal(key_entries(p), 0);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_STORE(an_older_store_states_its_key_once),
		WITH_STORE(under_another_key_nothing_is_published),
		WITH_STORE(without_a_signer_the_alarm_says_why_and_the_registers_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
