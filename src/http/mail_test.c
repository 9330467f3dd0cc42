#include "http/mail.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
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

/* ---- a mail server of a few lines ---- */

struct sink {
	int listener;
	int port;
	pthread_t thread;
	struct strbuf seen; /* all that the client said */
};

static bool
read_line(int fd, struct strbuf *line)
{
	char c = '\0';

	strbuf_clear(line);
	while (c != '\n') {
		if (recv(fd, &c, 1, 0) != 1)
			return false;
		strbuf_char(line, c);
	}
	return true;
}

static void
say(int fd, const char *text)
{
	/* A client that went away is told nothing. */
	IGNORE(send(fd, text, strlen(text), MSG_NOSIGNAL));
}

static void *
receive(void *context)
{
	struct sink *sink = context;
	AUTO(strbuf_done) struct strbuf line = { 0 };
	bool in_data = false;
	int fd = accept(sink->listener, NULL, NULL);

	say(fd, "220 sink\r\n");
	while (fd >= 0 && read_line(fd, &line)) {
		strbuf_add(&sink->seen, line.text, line.bytes);
		if (in_data && strcmp(line.text, ".\r\n") != 0)
			continue;
		if (strcmp(line.text, "DATA\r\n") == 0)
			say(fd, "354 go on\r\n");
		else
			say(fd, "250 fine\r\n");
		in_data = strcmp(line.text, "DATA\r\n") == 0;
	}
	close(fd);
	return NULL;
}

static void
sink_start(struct sink *sink, const char *host)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t bytes = sizeof(address);

	assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
	sink->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(sink->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(sink->listener, 4), 0);
	assert_int_equal(getsockname(sink->listener, (struct sockaddr *)&address, &bytes), 0);
	sink->port = ntohs(address.sin_port);
	assert_int_equal(pthread_create(&sink->thread, NULL, receive, sink), 0);
}

static void
sink_stop(struct sink *sink)
{
	pthread_join(sink->thread, NULL);
	close(sink->listener);
}

static void
a_mail_server_gets_envelope_and_message(void **state)
{
	struct sink sink = { 0 };
	struct mail_config config = { .kind = MAIL_SMTP, .from = "registers@example.org" };
	struct mailer *mailer = NULL;
	char url[64];

	sink_start(&sink, "127.0.0.1");
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%d", sink.port);
	config.url = url;
	assert_int_equal(mailer_new(&config, "https://registers.example", &mailer), OK);
	assert_int_equal(mailer_send(mailer, 7, "aigul@example.org", "Hello", "One line.\n"), OK);
	mailer_free(mailer);
	sink_stop(&sink);
	assert_non_null(strstr(sink.seen.text, "MAIL FROM:<registers@example.org>"));
	assert_non_null(strstr(sink.seen.text, "RCPT TO:<aigul@example.org>"));
	assert_non_null(strstr(sink.seen.text, "\r\n\r\nT25lIGxpbmUuCg==\r\n"));
	strbuf_done(&sink.seen);
}

/* 127.0.0.2 is none of the names for this machine, so it stands for the world. */
static void
no_message_goes_out_into_the_world_without_tls(void **state)
{
	struct sink sink = { 0 };
	struct mail_config config = { .kind = MAIL_SMTP, .from = "registers@example.org" };
	struct mailer *mailer = NULL;
	char url[64];

	sink_start(&sink, "127.0.0.2");
	snprintf(url, sizeof(url), "smtp://127.0.0.2:%d", sink.port);
	config.url = url;
	assert_int_equal(mailer_new(&config, "https://registers.example", &mailer), OK);
	assert_int_equal(mailer_send(mailer, 7, "aigul@example.org", "Hello", "One line.\n"), ERR_IO);
	assert_true(strlen(mailer_trouble(mailer)) > 0);
	mailer_free(mailer);
	sink_stop(&sink);
	assert_null(strstr(sink.seen.text, "aigul"));
	strbuf_done(&sink.seen);
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
		cmocka_unit_test(a_mail_server_gets_envelope_and_message),
		cmocka_unit_test(no_message_goes_out_into_the_world_without_tls),
		cmocka_unit_test(a_configuration_that_lacks_something_is_told_at_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
