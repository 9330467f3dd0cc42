/* Look-ups over HTTP: whatever becomes of one, it leaves one entry, and the refused ones cannot be told apart. */
#include "http/fixture_testing.h"

static struct fixture *f;
static const char *librarian;

static int
begin(void **state)
{
	static const struct server_config config = { .listen = "127.0.0.1:0",
						     .threads = 2,
						     .limits = { .strict_per_minute = -1, .origin_per_second = -1 } };

	f = fixture_open("tests/packs/library", &config);
	fixture_account(f, "aru", "librarian", 0);
	fixture_account(f, "kairat", "head_librarian", 0);
	librarian = fixture_sign_in(f, "aru");
	return 0;
}

static int
end(void **state)
{
	fixture_close(f);
	return 0;
}

static const char *
join(const char *card)
{
	struct answer answer = fixture_ask(f, "POST", "/api/registers/member/join",
					   arena_printf(f->arena, "%sIdempotency-Key: join-%s\r\n", librarian, card),
					   arena_printf(f->arena,
							"{\"family_name\":\"Omarova\",\"given_name\":\"Dana\",\"birth_"
							"day\":\"1880-01-01\",\"card\":\"%s\"}",
							card));

	assert_int_equal(answer.status, 201);
	return answer_text(f, &answer, "ref");
}

static struct answer
look_up(const char *who, const char *reference, const char *purpose)
{
	return fixture_ask(f, "POST", "/api/lookups", who,
			   arena_printf(f->arena,
					"{\"register\":\"member\",\"ref\":\"%s\",\"purpose\":\"%s\",\"case\":\"C-1\"}",
					reference, purpose));
}

static uint64_t
entries(void)
{
	struct registry_counts counts;

	registry_count(f->registry, &counts);
	return counts.ledger_size;
}

/* The head without what names the request or the moment. */
static const char *
bytes_of(const struct answer *answer)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	for (const char *line = answer->head; *line != '\0';) {
		size_t bytes = strcspn(line, "\n");

		if (strncasecmp(line, "date:", 5) != 0 && strncasecmp(line, "x-request-id:", 13) != 0)
			strbuf_add(&out, line, bytes);
		line += bytes + (line[bytes] == '\n');
	}
	strbuf_text(&out, answer->body);
	return arena_copy(f->arena, out.text, out.bytes);
}

static int
wait_of(const struct answer *answer)
{
	const char *header = strcasestr(answer->head, "Retry-After: ");

	assert_non_null(header);
	return atoi(header + strlen("Retry-After: "));
}

static void
unknown_and_forbidden_are_the_same_bytes_and_one_entry_each(void **state)
{
	const char *reference = join("AB0001");
	const char *nobody = registry_reference(f->registry, pack_reg(f->pack, "member"), f->arena, 987654321);
	uint64_t before = entries();
	struct answer found = look_up(librarian, reference, "desk");

	assert_int_equal(found.status, 200);
	assert_int_equal(entries(), before + 1);
	struct answer unknown = look_up(librarian, nobody, "desk");

	assert_int_equal(unknown.status, 404);
	assert_int_equal(entries(), before + 2);
	struct answer forbidden = look_up(librarian, reference, "complaint"); /* no purpose of hers */

	assert_int_equal(entries(), before + 3);
	assert_string_equal(bytes_of(&unknown), bytes_of(&forbidden));
	assert_null(strstr(unknown.body, "Omarova"));
}

static void
over_the_limit_known_and_unknown_are_the_same_bytes_and_one_entry_each(void **state)
{
	struct role *role = (struct role *)(uintptr_t)pack_role(f->pack, "head_librarian");
	const char *head = fixture_sign_in(f, "kairat"), *reference = join("AB0002");
	const char *nobody = registry_reference(f->registry, pack_reg(f->pack, "member"), f->arena, 987654321);

	role->lookups_an_hour = 2;
	assert_int_equal(look_up(head, reference, "desk").status, 200);
	assert_int_equal(look_up(head, nobody, "desk").status, 404);
	uint64_t before = entries();
	struct answer known = look_up(head, reference, "desk"), unknown = look_up(head, nobody, "desk");

	assert_int_equal(entries(), before + 2);
	assert_int_equal(known.status, 429);
	assert_null(strstr(known.body, "Omarova"));
	/* An hour, but for the seconds that the test has taken. */
	assert_in_range(wait_of(&known), 3500, 3601);
	/* What is compared must have come within one second. */
	while (wait_of(&known) != wait_of(&unknown)) {
		known = look_up(head, reference, "desk");
		unknown = look_up(head, nobody, "desk");
	}
	assert_string_equal(bytes_of(&known), bytes_of(&unknown));
	role->lookups_an_hour = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_and_forbidden_are_the_same_bytes_and_one_entry_each),
		cmocka_unit_test(over_the_limit_known_and_unknown_are_the_same_bytes_and_one_entry_each),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
