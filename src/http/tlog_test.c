#include "http/fixture_testing.h"
#include "ledger/proof_file.h"

enum { INTERVAL_S = 1, PATIENCE_MS = 20000 };

static struct fixture *f;
static const char *librarian, *keeper;

static int
open_server(void **state)
{
	const struct server_config config = { .listen = "127.0.0.1:0", .tlog_seconds = INTERVAL_S, .no_clock = true };

	fixture_publishes = true;
	f = fixture_open("tests/packs/library", &config);
	fixture_account(f, "ida", "librarian", 0);
	fixture_account(f, "kim", "keeper", 0);
	librarian = fixture_sign_in(f, "ida");
	keeper = fixture_sign_in(f, "kim");
	return 0;
}

static int
close_server(void **state)
{
	fixture_close(f);
	return 0;
}

static struct answer
get(const char *path, const char *headers)
{
	return fixture_ask(f, "GET", path, headers, NULL);
}

static struct note_key
log_key(void)
{
	struct answer answer = get("/tlog/vkey", "");
	struct note_key key;

	assert_int_equal(answer.status, 200);
	assert_int_equal(note_key_parse(answer.body, answer.body_bytes - 1, &key), OK);
	return key;
}

/* The checkpoint, once it has at least `size` entries. */
static struct checkpoint
checkpoint_of(uint64_t size)
{
	const struct note_key key = log_key();
	struct checkpoint checkpoint = { 0 };

	for (int64_t until_us = monotonic_us() + (int64_t)PATIENCE_MS * 1000; monotonic_us() < until_us;
	     usleep(20000)) {
		struct answer answer = get("/tlog/checkpoint", "");

		if (answer.status == 404)
			continue;
		assert_int_equal(answer.status, 200);
		assert_int_equal(checkpoint_open(answer.body, answer.body_bytes, &key, &checkpoint), OK);
		if (checkpoint.size >= size)
			return checkpoint;
	}
	fail_msg("no checkpoint of %d entries came", (int)size);
	return checkpoint;
}

/* A member joins: at least one entry more. */
static void
join(int card)
{
	struct answer answer = fixture_ask(
		f, "POST", "/api/registers/member/join",
		arena_printf(f->arena, "%sIdempotency-Key: card-%06d\r\n", librarian, card),
		arena_printf(f->arena,
			     "{\"family_name\":\"Omarova\",\"given_name\":\"Dana\",\"birth_day\":\"1885-03-02\","
			     "\"card\":\"AB%04d\",\"email\":\"dana@demo.invalid\"}",
			     card));

	assert_int_equal(answer.status, 201);
}

static uint64_t
entries(void)
{
	struct answer answer = get("/healthz", "");

	return strtoull(node_get(answer_json(f, &answer), "ledger_entries")->text, NULL, 10);
}

static void
the_tiles_of_the_checkpoint_give_its_root(void **state)
{
	for (int card = 1; card <= 3; card++) {
		unsigned char hashes[TREE_HASH_BYTES * 255], root[TREE_HASH_BYTES];
		struct tree tree = { 0 };

		join(card);
		struct checkpoint checkpoint = checkpoint_of(entries());
		struct answer tile = get(arena_printf(f->arena, "/tlog/tile/0/000.p/%d", (int)checkpoint.size), "");

		assert_int_equal(tile.status, 200);
		assert_int_equal(tile.body_bytes, checkpoint.size * TREE_HASH_BYTES);
		memcpy(hashes, tile.body, tile.body_bytes);
		for (uint64_t i = 0; i < checkpoint.size; i++)
			tree_append(&tree, hashes + i * TREE_HASH_BYTES);
		tree_root(&tree, root);
		assert_memory_equal(root, checkpoint.root, sizeof(root));
	}
}

static void
tiles_may_be_kept_for_ever_and_faults_not_at_all(void **state)
{
	checkpoint_of(1);
	struct answer tile = get("/tlog/tile/entries/000.p/9999", ""),
		      head = fixture_ask(f, "HEAD", "/tlog/checkpoint", "", NULL);

	assert_int_equal(tile.status, 404);
	assert_non_null(strstr(tile.head, "Cache-Control: no-store"));
	assert_int_equal(head.status, 200);
	assert_int_equal(head.body_bytes, 0);
	assert_non_null(strstr(head.head, "Cache-Control: public, max-age=2"));
	assert_null(strstr(head.head, "Vary:"));
	assert_null(strstr(head.head, "Set-Cookie:"));
}

static void
whoever_asks_is_not_looked_at(void **state)
{
	checkpoint_of(1);
	assert_int_equal(get("/tlog/checkpoint", "Authorization: Bearer ts_nonsense\r\n").status, 200);
	assert_int_equal(get("/tlog/checkpoint", "Cookie: tirkeu=ts_nonsense\r\n").status, 200);
	assert_int_equal(get("/tlog/checkpoint?lang=en", "").status, 404);
	assert_int_equal(fixture_ask(f, "DELETE", "/tlog/checkpoint", "", NULL).status, 405);
}

static void
an_auditor_gets_a_proof_of_every_entry_and_a_librarian_of_none(void **state)
{
	const struct note_key key = log_key();
	struct checkpoint checkpoint = checkpoint_of(3);

	for (uint64_t index = 0; index < checkpoint.size; index++) {
		const char *path = arena_printf(f->arena, "/api/entries/%d/proof", (int)index);
		struct answer answer = get(path, keeper), other = get(path, librarian);
		struct answer tile = get(arena_printf(f->arena, "/tlog/tile/0/000.p/%d", (int)checkpoint.size), "");
		struct checkpoint signed_one;
		struct proof_file file;

		assert_int_equal(answer.status, 200);
		assert_int_equal(proof_file_parse(answer.body, answer.body_bytes, &file), OK);
		assert_int_equal(file.index, index);
		assert_int_equal(proof_file_check(&file, &key,
						  (const unsigned char *)tile.body + index * TREE_HASH_BYTES,
						  &signed_one),
				 OK);
		assert_int_equal(other.status, 404);
		assert_string_equal(answer_text(f, &other, "type"), "/problems/not-found");
	}
}

static void
health_says_how_far_the_log_is_published(void **state)
{
	struct checkpoint checkpoint = checkpoint_of(entries());
	struct answer answer = get("/healthz", "");

	assert_string_equal(answer_text(f, &answer, "status"), "ok");
	assert_int_equal(strtoull(node_get(answer_json(f, &answer), "published_entries")->text, NULL, 10),
			 checkpoint.size);
}

/* Last: the alarm stays. */
static void
an_alarm_shows_and_the_registers_work_on(void **state)
{
	struct checkpoint before = checkpoint_of(entries());

	tlog_raise(registry_tlog(f->registry), ALARM_STORE_DIFFERS);
	join(900);
	usleep((INTERVAL_S * 1000 + 300) * 1000);
	struct answer answer = get("/healthz", "");

	assert_int_equal(answer.status, 200);
	assert_string_equal(answer_text(f, &answer, "status"), "degraded");
	assert_string_equal(answer_text(f, &answer, "reason"), "store-differs");
	assert_string_equal(answer_text(f, &answer, "writer"), "ok");
	assert_int_equal(checkpoint_of(1).size, before.size);
	answer = get(arena_printf(f->arena, "/api/entries/%d/proof", (int)before.size), keeper);
	assert_int_equal(answer.status, 404);
	assert_string_equal(answer_text(f, &answer, "type"), "/problems/not-yet-published");
	assert_null(strstr(answer.head, "Retry-After"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tiles_of_the_checkpoint_give_its_root),
		cmocka_unit_test(tiles_may_be_kept_for_ever_and_faults_not_at_all),
		cmocka_unit_test(whoever_asks_is_not_looked_at),
		cmocka_unit_test(an_auditor_gets_a_proof_of_every_entry_and_a_librarian_of_none),
		cmocka_unit_test(health_says_how_far_the_log_is_published),
		cmocka_unit_test(an_alarm_shows_and_the_registers_work_on),
	};

	return cmocka_run_group_tests(tests, open_server, close_server);
}
