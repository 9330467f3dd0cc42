#include <pthread.h>
#include <sys/stat.h>
#include "ledger/published_testing.h"

/* A proof file of the store's own entry, or why not. */
static enum error
prove(struct published *p, uint64_t index, struct strbuf *out)
{
	unsigned char leaf[TREE_HASH_BYTES];

	leaf_of(p, index, leaf);
	return tlog_proof_file(p->tlog, index, leaf, out);
}

/* The bytes of a path, or why not. */
static enum error
ask(struct published *p, const char *path, size_t *ret_bytes)
{
	int fd = -1;

	TRY(tlog_open_tile(p->tlog, path, &fd, ret_bytes));
	close(fd);
	return OK;
}

static void
tiles_and_bundles_of_the_published_size_are_served(void **state)
{
	struct published *p = *state;
	size_t bytes = 0;

	publish_at(p, 600);
	assert_int_equal(ask(p, "tile/0/000", &bytes), OK);
	assert_int_equal(bytes, 8192);
	assert_int_equal(ask(p, "tile/0/002.p/88", &bytes), OK);
	assert_int_equal(bytes, 88 * 32);
	assert_int_equal(ask(p, "tile/1/000.p/2", &bytes), OK);
	assert_int_equal(bytes, 64);
	assert_int_equal(ask(p, "tile/entries/001", &bytes), OK);
	assert_int_equal(bytes, 256 * 132);
	assert_int_equal(ask(p, "tile/entries/002.p/88", &bytes), OK);
}

static void
nothing_else_is_there(void **state)
{
	static const char *const paths[] = {
		"",
		"tile",
		"tile/",
		"tile/0",
		"tile/0/",
		"tile/0/2",
		"tile/0/0000",
		"tile/0/x000/000",
		"tile/00/000",
		"tile/0/002",
		"tile/0/002.p/0",
		"tile/0/002.p/89",
		"tile/0/002.p/088",
		"tile/0/002.p/256",
		"tile/0/003.p/1",
		"tile/0/000.p/256",
		"tile/1/000",
		"tile/1/000.p/3",
		"tile/2/000.p/1",
		"tile/63/000",
		"tile/64/000",
		"tile/entries/002",
		"tile/entries/003.p/1",
		"tile/entries",
		"tile/0/../../checkpoint",
		"tile/0/002.p/../002.p/88",
		"checkpoint",
		"../signer",
		"tile/0/000.new",
		"tile/0/002.p",
	};
	struct published *p = *state;
	size_t bytes = 0;

	publish_at(p, 600);
	in_tiles(p, "cp tile/0/000 tile/0/000.new && cp tile/0/000 tile/0/003 && cp tile/0/000 tile/0/002.p/89");
	for (size_t i = 0; i < ARRAY_COUNT(paths); i++)
		if (ask(p, paths[i], &bytes) != ERR_NOT_FOUND)
			fail_msg("%s is served", paths[i]);
}

static void
nothing_is_there_before_the_first_checkpoint(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct checkpoint checkpoint;
	size_t bytes = 0;

	grow_to(p, 300);
	assert_false(tlog_published(p->tlog, &checkpoint));
	assert_int_equal(tlog_checkpoint(p->tlog, &out), ERR_NOT_FOUND);
	assert_int_equal(ask(p, "tile/0/000", &bytes), ERR_NOT_FOUND);
	assert_int_equal(prove(p, 0, &out), ERR_NOT_PUBLISHED);
	assert_int_equal(out.bytes, 0);
}

static void
what_was_written_but_not_published_is_not_served(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	size_t bytes = 0;

	publish_at(p, 100);
	grow_to(p, 700);
	assert_int_equal(unlink(p->state), 0);
	assert_int_equal(mkdir(p->state, 0700), 0); /* the signer's state cannot be written */
	assert_int_equal(publish_now(p), ERR_IO);
	assert_true(is_there(p, "tile/0/001"));
	assert_int_equal(ask(p, "tile/0/001", &bytes), ERR_NOT_FOUND);
	assert_int_equal(ask(p, "tile/0/000", &bytes), ERR_NOT_FOUND);
	assert_int_equal(prove(p, 100, &out), ERR_NOT_PUBLISHED);
	assert_proven(p, 99);
	assert_int_equal(rmdir(p->state), 0);
}

static void
every_entry_of_every_size_is_proven(void **state)
{
	struct published *p = *state;

	for (uint64_t size = 1; size <= 40; size++) {
		publish_at(p, size);
		for (uint64_t index = 0; index < size; index++)
			assert_proven(p, index);
	}
	publish_at(p, 1000);
	for (uint64_t index = 0; index < 1000; index += 7)
		assert_proven(p, index);
}

/* Who has the checkpoint before may still read the tiles of its size. */
static void
a_partial_tile_that_went_is_cut_from_the_full_one(void **state)
{
	struct published *p = *state;
	unsigned char root[TREE_HASH_BYTES];
	struct checkpoint old;

	publish_at(p, 300);
	assert_true(tlog_published(p->tlog, &old));
	publish_at(p, 800);
	assert_false(is_there(p, "tile/0/001.p/44"));
	AUTO(tlog_view_free) struct tlog_view *view = tlog_view_new(p->tlog, old.size);

	assert_int_equal(proof_root(tlog_view_source(view), old.size, root), OK);
	assert_memory_equal(root, old.root, sizeof(root));
	/* Both sizes in one proof, as a witness asks for it. */
	AUTO(tlog_view_free) struct tlog_view *now = tlog_view_new(p->tlog, 800);
	struct checkpoint new;
	struct proof proof;

	assert_true(tlog_published(p->tlog, &new));
	assert_int_equal(proof_consistency(tlog_view_source(now), old.size, new.size, &proof), OK);
	assert_int_equal(proof_check_consistency(old.size, new.size, old.root, &proof, new.root), OK);
}

static void
a_missing_tile_is_a_damage(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf out = { 0 };

	publish_at(p, 600);
	in_tiles(p, "rm tile/0/000");
	assert_int_equal(prove(p, 3, &out), ERR_DAMAGED);
	in_tiles(p, "truncate -s 8000 tile/0/001");
	assert_int_equal(prove(p, 300, &out), ERR_DAMAGED);
	assert_proven(p, 599);
}

struct reader {
	struct tlog *tlog;
	_Atomic bool stops;
	_Atomic uint64_t proofs, failures;
};

/* One proof of some entry, checked against the leaf that its tile has. */
static bool
read_one(struct tlog *tlog, uint64_t number)
{
	unsigned char leaf[TREE_HASH_BYTES];
	struct checkpoint checkpoint;
	struct proof proof;

	if (!tlog_published(tlog, &checkpoint))
		return false;
	uint64_t index = number % checkpoint.size;
	AUTO(tlog_view_free) struct tlog_view *view = tlog_view_new(tlog, checkpoint.size);
	const struct hash_source *source = tlog_view_source(view);

	return source->read(source->context, 0, index, leaf) == OK &&
	       tlog_inclusion(tlog, index, &proof, &checkpoint) == OK &&
	       proof_check_inclusion(index, checkpoint.size, leaf, &proof, checkpoint.root) == OK;
}

static void *
read_on(void *context)
{
	struct reader *reader = context;

	for (uint64_t number = 1; !reader->stops; number = number * 6364136223846793005U + 1442695040888963407U) {
		if (!read_one(reader->tlog, number >> 20))
			reader->failures++;
		reader->proofs++;
	}
	return NULL;
}

/* Partial tiles come and go under them. */
static void
readers_beside_the_publisher_get_proofs_that_hold(void **state)
{
	struct published *p = *state;
	struct reader reader = { .tlog = p->tlog };
	pthread_t threads[2];

	publish_at(p, 200);
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &reader), 0);
	for (uint64_t size = 201; size < 1200; size += 1 + size % 37)
		publish_at(p, size);
	while (reader.proofs < 20)
		usleep(1000);
	reader.stops = true;
	for (size_t i = 0; i < ARRAY_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(reader.failures, 0);
}

/* As after an old backup was restored: at that index something else was published. */
static void
no_proof_is_given_that_does_not_hold(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf out = { 0 };
	unsigned char leaf[TREE_HASH_BYTES];

	publish_at(p, 300);
	leaf_of(p, 8, leaf);
	assert_int_equal(tlog_proof_file(p->tlog, 7, leaf, &out), ERR_NOT_PUBLISHED);
	assert_int_equal(out.bytes, 0);
	assert_int_equal(tlog_proof_file(p->tlog, 8, leaf, &out), OK);
}

static void
a_checkpoint_of_another_origin_is_not_taken(void **state)
{
	struct published *p = *state;
	AUTO(tlog_close) struct tlog *other = NULL;
	struct checkpoint checkpoint;

	publish_at(p, 5);
	assert_int_equal(tlog_open(p->tiles, "other.example", &other), OK);
	assert_false(tlog_published(other, &checkpoint));
}

static void
a_checkpoint_that_cannot_be_read_stops_the_opening(void **state)
{
	struct published *p = *state;
	AUTO(tlog_close) struct tlog *again = NULL;

	publish_at(p, 5);
	in_tiles(p, "rm checkpoint && mkdir checkpoint");
	assert_int_equal(tlog_open(p->tiles, "log.example/test", &again), ERR_IO);
}

/* ---- lines of witnesses ---- */

static const char line_of_somebody[] = "\xe2\x80\x94 witness.example/w1 QUJDREVGRw==\n";

static void
a_line_is_added_to_the_checkpoint_and_stays(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf before = { 0 };
	AUTO(strbuf_done) struct strbuf after = { 0 };
	struct checkpoint checkpoint;

	publish_at(p, 5);
	assert_int_equal(tlog_checkpoint(p->tlog, &before), OK);
	assert_true(tlog_published(p->tlog, &checkpoint));
	assert_int_equal(tlog_add_line(p->tlog, &checkpoint, line_of_somebody, strlen(line_of_somebody)), OK);
	strbuf_text(&before, line_of_somebody);
	reopen_publishing(p);
	assert_int_equal(tlog_checkpoint(p->tlog, &after), OK);
	assert_string_equal(after.text, before.text);
	assert_published(p);
	/* The publisher goes on from there, and the next checkpoint has the log's line alone. */
	publish_at(p, 9);
	strbuf_clear(&after);
	assert_int_equal(tlog_checkpoint(p->tlog, &after), OK);
	assert_null(strstr(after.text, "witness.example"));
	assert_published(p);
}

static void
a_checkpoint_is_told_only_when_it_is_durable(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf before = { 0 };
	struct checkpoint checkpoint;
	bool fired = true;
	int faults = 0;

	publish_at(p, 5);
	assert_true(tlog_published(p->tlog, &checkpoint));
	assert_int_equal(tlog_checkpoint(p->tlog, &before), OK);
	for (int nth = 1; fired; nth++, faults++) {
		AUTO(strbuf_done) struct strbuf now = { 0 };

		durable_fail_at(nth);
		enum error e = tlog_add_line(p->tlog, &checkpoint, line_of_somebody, strlen(line_of_somebody));
		fired = durable_fault_fired();
		durable_fail_at(0);
		assert_int_equal(e, fired ? ERR_IO : OK);
		assert_int_equal(tlog_checkpoint(p->tlog, &now), OK);
		assert_int_equal(strcmp(now.text, before.text) == 0, fired);
	}
	assert_int_equal(faults, 5); /* write, fsync, rename, fsync of the folder; then none */
}

static void
a_line_for_another_checkpoint_is_not_added(void **state)
{
	struct published *p = *state;
	struct checkpoint old, other;
	const size_t bytes = strlen(line_of_somebody);

	assert_int_equal(tlog_add_line(p->tlog, &(struct checkpoint){ 0 }, line_of_somebody, bytes), ERR_GONE);
	publish_at(p, 5);
	assert_true(tlog_published(p->tlog, &old));
	other = old;
	other.root[0] ^= 1;
	assert_int_equal(tlog_add_line(p->tlog, &other, line_of_somebody, bytes), ERR_GONE);
	publish_at(p, 6);
	assert_int_equal(tlog_add_line(p->tlog, &old, line_of_somebody, bytes), ERR_GONE);
}

static void
what_could_not_be_read_again_is_not_added(void **state)
{
	struct published *p = *state;
	AUTO(strbuf_done) struct strbuf before = { 0 };
	AUTO(strbuf_done) struct strbuf after = { 0 };
	AUTO(strbuf_done) struct strbuf large = { 0 };
	struct checkpoint checkpoint;
	enum error e = OK;
	int added = 0;

	publish_at(p, 5);
	assert_true(tlog_published(p->tlog, &checkpoint));
	assert_int_equal(tlog_checkpoint(p->tlog, &before), OK);
	assert_int_equal(tlog_add_line(p->tlog, &checkpoint, "garbage\n", 8), ERR_TOO_LARGE);
	assert_int_equal(tlog_add_line(p->tlog, &checkpoint, line_of_somebody, 8), ERR_TOO_LARGE);
	strbuf_text(&large, "\xe2\x80\x94 witness.example/w1 ");
	while (large.bytes < TLOG_CHECKPOINT_BYTES_MAX)
		strbuf_text(&large, "QUJD");
	strbuf_char(&large, '\n');
	assert_int_equal(tlog_add_line(p->tlog, &checkpoint, large.text, large.bytes), ERR_TOO_LARGE);
	assert_int_equal(tlog_checkpoint(p->tlog, &after), OK);
	assert_string_equal(after.text, before.text);
	for (; e == OK && added < 2 * NOTE_LINES_MAX; added++)
		e = tlog_add_line(p->tlog, &checkpoint, line_of_somebody, strlen(line_of_somebody));
	assert_int_equal(e, ERR_TOO_LARGE);
	assert_int_equal(added, NOTE_LINES_MAX);
	reopen_publishing(p);
	assert_published(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PUBLISHED(tiles_and_bundles_of_the_published_size_are_served),
		PUBLISHED(nothing_else_is_there),
		PUBLISHED(nothing_is_there_before_the_first_checkpoint),
		PUBLISHED(what_was_written_but_not_published_is_not_served),
		PUBLISHED(every_entry_of_every_size_is_proven),
		PUBLISHED(a_partial_tile_that_went_is_cut_from_the_full_one),
		PUBLISHED(a_missing_tile_is_a_damage),
		PUBLISHED(readers_beside_the_publisher_get_proofs_that_hold),
		PUBLISHED(no_proof_is_given_that_does_not_hold),
		PUBLISHED(a_checkpoint_of_another_origin_is_not_taken),
		PUBLISHED(a_checkpoint_that_cannot_be_read_stops_the_opening),
		PUBLISHED(a_line_is_added_to_the_checkpoint_and_stays),
		PUBLISHED(a_checkpoint_is_told_only_when_it_is_durable),
		PUBLISHED(a_line_for_another_checkpoint_is_not_added),
		PUBLISHED(what_could_not_be_read_again_is_not_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
