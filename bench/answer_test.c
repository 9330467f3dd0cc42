#include "base/testing.h"
#include "answer.h"

static enum answer_state
parse(const char *text, struct answer *ret_answer)
{
	return answer_parse(text, strlen(text), ret_answer);
}

static void
an_answer_is_whole_only_with_its_last_byte(void **state)
{
	static const char text[] = "HTTP/1.1 201 Created\r\ncontent-length: 5\r\nX: y\r\n\r\nhello";
	struct answer answer;

	for (size_t count = 0; count < sizeof(text) - 1; count++)
		assert_int_equal(answer_parse(text, count, &answer), ANSWER_PART);
	assert_int_equal(parse(text, &answer), ANSWER_WHOLE);
	assert_int_equal(answer.status, 201);
	assert_int_equal(answer.bytes, sizeof(text) - 1);
	assert_memory_equal(answer.body, "hello", 5);
	assert_false(answer.closes);
}

static void
what_follows_an_answer_is_left_alone(void **state)
{
	struct answer answer;

	assert_int_equal(parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 ", &answer), ANSWER_WHOLE);
	assert_int_equal(answer.body_bytes, 2);
	assert_int_equal(answer.bytes, 40);
}

static void
an_answer_without_a_body_needs_no_length(void **state)
{
	struct answer answer;

	assert_int_equal(parse("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", &answer), ANSWER_WHOLE);
	assert_int_equal(answer.body_bytes, 0);
	assert_true(answer.closes);
}

static void
a_repeat_is_told_by_its_header(void **state)
{
	struct answer answer;

	assert_int_equal(
		parse("HTTP/1.1 201 Created\r\nIdempotency-Replayed: true\r\nContent-Length: 0\r\n\r\n", &answer),
		ANSWER_WHOLE);
	assert_true(answer.replayed);
}

static void
what_is_no_answer_is_broken(void **state)
{
	static const char *const texts[] = {
		"SSH-2.0-OpenSSH_9",
		"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 100 Continue\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
	};
	struct answer answer;

	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		assert_int_equal(parse(texts[i], &answer), ANSWER_BROKEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_whole_only_with_its_last_byte),
		cmocka_unit_test(what_follows_an_answer_is_left_alone),
		cmocka_unit_test(an_answer_without_a_body_needs_no_length),
		cmocka_unit_test(a_repeat_is_told_by_its_header),
		cmocka_unit_test(what_is_no_answer_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
