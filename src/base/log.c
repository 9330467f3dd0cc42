#include "base/log.h"
#include <stdio.h>
#include <unistd.h>
#include "base/day.h"
#include "base/strbuf.h"

static _Atomic int threshold = LOG_INFO;

void
log_threshold(enum log_level level)
{
	threshold = (int)level;
}

static void
add_quoted(struct strbuf *line, const char *text)
{
	strbuf_char(line, '"');
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			strbuf_printf(line, "\\%c", c);
		else if (c < 0x20)
			strbuf_printf(line, "\\u%04x", c);
		else
			strbuf_char(line, (char)c);
	}
	strbuf_char(line, '"');
}

void
log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
	static const char *const names[] = { "debug", "info", "warning", "error" };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	char time[INSTANT_TEXT_BYTES];

	if ((int)level < threshold)
		return;
	strbuf_printf(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"",
		      instant_print(instant_now(), 0, time), names[level], event);
	for (size_t i = 0; i < count; i++) {
		strbuf_printf(&line, ",\"%s\":", fields[i].key);
		if (fields[i].text != NULL)
			add_quoted(&line, fields[i].text);
		else
			strbuf_integer(&line, fields[i].integer);
	}
	strbuf_text(&line, "}\n");
	/* One write a line, so that lines of several threads do not mix; a full disk is nobody's to tell. */
	IGNORE(write(STDERR_FILENO, line.text, line.bytes));
}
