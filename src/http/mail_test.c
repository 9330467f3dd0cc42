#include "http/mail.h"
#include <unistd.h>
#include "base/testing.h"

static struct mail_text
example(void)
{
	return (struct mail_text){ .from = "registers@example.org",
				   .to = "aigul@example.org",
				   .subject = "Hello",
				   .text = "One line.\n",
				   .id = "1.ab@example.org",
				   .date_ms = 0 };
}

static void
a_message_has_its_headers_and_a_base64_body(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct mail_text mail = example();

	assert_int_equal(mail_compose(&mail, &out), OK);
	assert_string_equal(out.text, "Date: Thu, 1 Jan 1970 00:00:00 +0000\r\n"
				      "From: registers@example.org\r\nTo: aigul@example.org\r\n"
				      "Message-ID: <1.ab@example.org>\r\nSubject: Hello\r\n"
				      "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
				      "Content-Type: text/plain; charset=utf-8\r\n"
				      "Content-Transfer-Encoding: base64\r\n\r\nT25lIGxpbmUuCg==\r\n");
}

static void
a_subject_in_cyrillic_becomes_encoded_words_that_cut_no_letter(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct mail_text mail = example();

	mail.subject = "Сізденкелісімсұраладыжауапберіңізтіркеуге";
	assert_int_equal(mail_compose(&mail, &out), OK);
	const char *at = strstr(out.text, "Subject: =?UTF-8?B?");

	assert_non_null(at);
	for (const char *line = strstr(out.text, "Subject"); line < strstr(out.text, "Auto-Submitted");
	     line = strstr(line, "\r\n") + 2)
		assert_true(strcspn(line, "\r") <= 76 + strlen("Subject: "));
	/* 45 bytes end inside a letter of two bytes: the first word carries 44, whose base64 ends with one '='. */
	assert_non_null(strstr(at, "=?=\r\n =?UTF-8?B?"));
}

static void
a_value_cannot_break_out_of_its_header(void **state)
{
	static const char *const bad[] = { "a@b\r\nBcc: x@y", "a b@c", "<a@b>", "a@b, c@d", "nobody", "@b", "a@" };
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct mail_text mail = example();

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		mail.to = bad[i];
		assert_int_equal(mail_compose(&mail, &out), ERR_BAD_INPUT);
	}
	mail = example();
	mail.subject = "Hello\r\nBcc: x@y";
	assert_int_equal(mail_compose(&mail, &out), OK);
	assert_null(strstr(out.text, "Bcc"));
}

static void
body_lines_have_seventy_six_characters_at_most(void **state)
{
	AUTO(strbuf_done) struct strbuf out = { 0 }, text = { 0 };
	struct mail_text mail = example();

	for (int i = 0; i < 1000; i++)
		strbuf_text(&text, "ұзақ мәтін ");
	mail.text = text.text;
	assert_int_equal(mail_compose(&mail, &out), OK);
	for (const char *line = strstr(out.text, "\r\n\r\n") + 4; *line != '\0'; line = strstr(line, "\r\n") + 2)
		assert_true(strcspn(line, "\r") <= 76);
}

static void
the_spool_keeps_whole_messages(void **state)
{
	char folder[] = "/tmp/tirkeu-mail-XXXXXX", path[64];
	struct mail_config config = { .kind = MAIL_SPOOL, .from = "registers@example.org" };
	AUTO(strbuf_done) struct strbuf read = { 0 };
	struct mailer *mailer = NULL;

	config.folder = mkdtemp(folder);
	assert_int_equal(mailer_new(&config, "https://registers.example", &mailer), OK);
	assert_int_equal(mailer_send(mailer, 7, "aigul@example.org", "Hello", "Text"), OK);
	snprintf(path, sizeof(path), "%s/000007.eml", folder);
	read_whole(path, &read);
	assert_non_null(strstr(read.text, "@registers.example>"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0); /* nothing half written is left */
	assert_int_equal(mailer_send(mailer, 8, "aigul@example.org", "Hello", "Text"), ERR_IO);
	mailer_free(mailer);
}

static void
a_configuration_that_lacks_something_is_told_at_the_start(void **state)
{
	static const struct mail_config bad[] = {
		{ .kind = MAIL_SPOOL, .folder = "/tmp" },
		{ .kind = MAIL_SPOOL, .from = "a@b" },
		{ .kind = MAIL_SMTP, .from = "a@b" },
		{ .kind = MAIL_SMTP, .from = "a@b", .url = "http://mail.example" },
		{ .kind = MAIL_SMTP, .from = "a@b", .url = "smtp://mail.example", .user = "u" },
	};
	struct mailer *mailer = NULL;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(mailer_new(&bad[i], "http://localhost", &mailer), ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_its_headers_and_a_base64_body),
		cmocka_unit_test(a_subject_in_cyrillic_becomes_encoded_words_that_cut_no_letter),
		cmocka_unit_test(a_value_cannot_break_out_of_its_header),
		cmocka_unit_test(body_lines_have_seventy_six_characters_at_most),
		cmocka_unit_test(the_spool_keeps_whole_messages),
		cmocka_unit_test(a_configuration_that_lacks_something_is_told_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
