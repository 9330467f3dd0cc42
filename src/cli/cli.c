#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "base/day.h"
#include "cli/command.h"
#include "http/problem.h"
#include "text/json.h"
#include "text/utf8.h"

enum { SECRET_BYTES_MAX = 4096, READ_BYTES = 64 * 1024, PROGRESS_PAUSE_US = 100000 };

static const char *const sentences[SAY_COUNT][LANGUAGE_COUNT] = {
#define SAY(id, kk, ru, en) [id] = { kk, ru, en },
#include "cli/say.def"
#undef SAY
};

const char *
cli_option(const struct cli *cli, const char *name)
{
	const struct command_option *options = cli->command == NULL ? NULL : cli->command->options;

	for (size_t i = 0; options != NULL && options[i].name != NULL; i++)
		if (strcmp(options[i].name, name) == 0)
			return cli->options[i];
	return NULL;
}

bool
cli_has(const struct cli *cli, const char *name)
{
	return cli_option(cli, name) != NULL;
}

const char *
cli_word(const struct cli *cli, size_t i)
{
	return i < cli->word_count ? cli->words[i] : NULL;
}

const char *
cli_plain(struct cli *cli, const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	size_t left = text == NULL ? 0 : strlen(text);

	if (left == 0 || (utf8_is_valid(text, left) && utf8_is_clean(text, left, true)))
		return text;
	while (left > 0) {
		size_t bytes = utf8_sequence(text, left);
		bool shown = bytes > 0 && utf8_is_clean(text, bytes, true);

		bytes = bytes == 0 ? 1 : bytes;
		if (shown)
			strbuf_add(&out, text, bytes);
		else
			strbuf_text(&out, "\xef\xbf\xbd"); /* U+FFFD */
		text += bytes;
		left -= bytes;
	}
	return arena_copy(cli->arena, out.text, out.bytes);
}

const char *
say_text(struct cli *cli, enum say say, const char *first, const char *second)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	assert(say < SAY_COUNT && cli->language < LANGUAGE_COUNT);
	first = cli_plain(cli, first);
	second = cli_plain(cli, second);
	for (const char *p = sentences[say][cli->language]; *p != '\0'; p++) {
		if (p[0] == '{' && (p[1] == '1' || p[1] == '2') && p[2] == '}') {
			const char *argument = p[1] == '1' ? first : second;

			strbuf_text(&out, argument == NULL ? "" : argument);
			p += 2;
			/* The argument may be a whole sentence: one full stop is enough. */
			if (p[1] == '.' && out.bytes > 0 && out.text[out.bytes - 1] == '.')
				p++;
		} else {
			strbuf_char(&out, *p);
		}
	}
	return arena_copy(cli->arena, out.text, out.bytes);
}

void
cli_note(struct cli *cli, enum say say, const char *first, const char *second)
{
	if (cli->json)
		return;
	cli_progress_end(cli);
	fprintf(stderr, "%s\n", say_text(cli, say, first, second));
}

static void
print_detail(struct cli *cli, enum error e, const char *detail)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	struct json json = { .out = &out };

	json_open_map(&json);
	json_field_text(&json, "type", arena_printf(cli->arena, "/problems/%s", error_name(e)));
	json_field_text(&json, "title", problem_title(e, cli->language));
	json_field_integer(&json, "status", error_http(e));
	json_field_text(&json, "detail", detail);
	json_close_map(&json);
	cli_print_json(cli, &out);
}

enum error
cli_stop(struct cli *cli, enum error e, enum say say, const char *first, const char *second)
{
	const char *detail = say_text(cli, say, first, second);

	cli_progress_end(cli);
	cli->said = true;
	if (cli->json)
		print_detail(cli, e, detail);
	else
		fprintf(stderr, "tirkeu: %s\n", detail);
	return e;
}

/* "line 3: listen: text", with what is known of it. */
static void
print_item(struct cli *cli, const struct problem_item *item)
{
	fputs("tirkeu: ", stderr);
	if (item->line > 0)
		fprintf(stderr, "line %d: ", item->line);
	if (item->field != NULL)
		fprintf(stderr, "%s: ", cli_plain(cli, item->field));
	fprintf(stderr, "%s\n",
		cli_plain(cli, message_print(cli->arena, item->message, cli->language, item->arguments)));
}

enum error
cli_problem(struct cli *cli, enum error e, const struct problem *problem, const struct registry *registry)
{
	cli_progress_end(cli);
	cli->said = true;
	if (cli->json) {
		AUTO(strbuf_done) struct strbuf out = { 0 };
		struct json json = { .out = &out };

		problem_print(e, problem, registry, cli->language, cli->arena, &json);
		cli_print_json(cli, &out);
		return e;
	}
	for (size_t i = 0; problem != NULL && i < problem->item_count; i++)
		print_item(cli, &problem->items[i]);
	if (problem == NULL || problem->item_count == 0)
		fprintf(stderr, "tirkeu: %s\n", problem_title(e, cli->language));
	return e;
}

void
cli_print(struct cli *cli, const char *format, ...)
{
	va_list list;

	cli_progress_end(cli);
	va_start(list, format);
	fputs(cli_plain(cli, arena_vprintf(cli->arena, format, list)), stdout);
	va_end(list);
}

void
cli_print_json(struct cli *cli, const struct strbuf *json)
{
	cli_progress_end(cli);
	fwrite(json->text, 1, json->bytes, stdout);
	putchar('\n');
}

static void
print_progress(const char *what, uint64_t done, uint64_t total, const char *end)
{
	if (total > 0)
		fprintf(stderr, "%s %llu/%llu%s", what, (unsigned long long)done, (unsigned long long)total, end);
	else
		fprintf(stderr, "%s %llu%s", what, (unsigned long long)done, end);
}

void
cli_progress(struct cli *cli, const char *what, uint64_t done, uint64_t total)
{
	static int64_t last_us;
	static uint64_t last_tenth;
	int64_t now_us = monotonic_us();

	if (cli->json)
		return;
	if (isatty(STDERR_FILENO)) {
		if (cli->progress_open && done != total && now_us - last_us < PROGRESS_PAUSE_US)
			return;
		last_us = now_us;
		cli->progress_open = true;
		fputs("\r\033[K", stderr);
		print_progress(what, done, total, "");
		return;
	}
	uint64_t tenth = total > 0 ? done * 10 / total : done / 10000;

	if (done == 0)
		last_tenth = 0;
	if (tenth != last_tenth || done == 0)
		print_progress(what, done, total, "\n");
	last_tenth = tenth;
}

void
cli_progress_end(struct cli *cli)
{
	if (!cli->progress_open)
		return;
	cli->progress_open = false;
	fputc('\n', stderr);
}

bool
cli_confirm(struct cli *cli, enum say question)
{
	char answer[64];

	if (!isatty(STDIN_FILENO) || cli->json)
		return false;
	cli_progress_end(cli);
	fprintf(stderr, "%s (yes/no) ", say_text(cli, question, NULL, NULL));
	return fgets(answer, sizeof(answer), stdin) != NULL && strcmp(answer, "yes\n") == 0;
}

static const char *
read_line(struct cli *cli)
{
	char line[SECRET_BYTES_MAX];
	const char *copy = NULL;

	if (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		copy = arena_text(cli->arena, line);
	}
	explicit_bzero(line, sizeof(line));
	return copy;
}

static volatile sig_atomic_t was_interrupted;

static void
note_interrupt(int which)
{
	was_interrupted = which;
}

/* Without echo. The terminal is put right whatever happens: Ctrl-C is noted first and obeyed afterwards. */
static const char *
ask_secret(struct cli *cli, enum say prompt)
{
	const struct sigaction noting = { .sa_handler = note_interrupt };
	struct sigaction usual;
	struct termios before, silent;

	fputs(say_text(cli, prompt, NULL, NULL), stderr);
	if (tcgetattr(STDIN_FILENO, &before) != 0 || sigaction(SIGINT, &noting, &usual) != 0)
		return NULL;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	const char *secret = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 ? read_line(cli) : NULL;

	/* Nothing better can be done when the terminal is gone. */
	IGNORE(tcsetattr(STDIN_FILENO, TCSAFLUSH, &before));
	IGNORE(sigaction(SIGINT, &usual, NULL));
	fputc('\n', stderr);
	if (was_interrupted != 0)
		raise(SIGINT);
	return secret;
}

enum error
cli_secret(struct cli *cli, enum say prompt, bool twice, const char **ret_secret)
{
	bool terminal = isatty(STDIN_FILENO);
	const char *secret = terminal ? ask_secret(cli, prompt) : read_line(cli);

	if (secret == NULL || *secret == '\0')
		return cli_stop(cli, ERR_USAGE, SAY_PASSWORD_NONE, NULL, NULL);
	if (terminal && twice) {
		const char *again = ask_secret(cli, SAY_AGAIN);

		if (again == NULL || strcmp(secret, again) != 0)
			return cli_stop(cli, ERR_USAGE, SAY_PASSWORDS_DIFFER, NULL, NULL);
	}
	*ret_secret = secret;
	return OK;
}

static enum error
read_all(int fd, size_t bytes_max, struct strbuf *out)
{
	char block[READ_BYTES];
	ssize_t got = 0;

	while ((got = read(fd, block, sizeof(block))) > 0) {
		if (out->bytes + (size_t)got > bytes_max)
			return ERR_TOO_LARGE;
		strbuf_add(out, block, (size_t)got);
	}
	return got < 0 ? ERR_IO : OK;
}

enum error
cli_read(struct cli *cli, const char *path, size_t bytes_max, const char **ret_text, size_t *ret_bytes)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum error e = fd < 0 ? ERR_IO : read_all(fd, bytes_max, &out);
	int reason = errno;

	if (fd >= 0 && !standard)
		close(fd);
	if (e == ERR_TOO_LARGE)
		return cli_stop(cli, ERR_BAD_INPUT, SAY_FILE_TOO_LARGE, path, NULL);
	if (e != OK)
		return cli_stop(cli, reason == ENOENT ? ERR_NOT_FOUND : e, SAY_CANNOT_READ, path, strerror(reason));
	*ret_text = arena_copy(cli->arena, out.bytes == 0 ? "" : out.text, out.bytes);
	*ret_bytes = out.bytes;
	return OK;
}
