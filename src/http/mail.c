#include "http/mail.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "base/day.h"
#include "base/random.h"
#include "http/curl.h"

enum { LINE_CHARS = 76, ENCODED_BYTES = 45, TIMEOUT_SECONDS = 60, CONNECT_SECONDS = 15, PASSWORD_BYTES = 256 };

struct mailer {
	struct mail_config config;
	char host[128]; /* of Message-IDs */
	char password[PASSWORD_BYTES];
	CURL *curl; /* kept, so that messages share a connection */
	char trouble[CURL_ERROR_SIZE];
};

static void
add_base64(struct strbuf *out, const char *bytes, size_t count)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < count; i += 3) {
		size_t left = count - i;
		uint32_t word = (uint32_t)(unsigned char)bytes[i] << 16;

		word |= left > 1 ? (uint32_t)(unsigned char)bytes[i + 1] << 8 : 0;
		word |= left > 2 ? (uint32_t)(unsigned char)bytes[i + 2] : 0;
		strbuf_char(out, letters[word >> 18]);
		strbuf_char(out, letters[word >> 12 & 63]);
		strbuf_char(out, left > 1 ? letters[word >> 6 & 63] : '=');
		strbuf_char(out, left > 2 ? letters[word & 63] : '=');
	}
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~' ||
		    strchr("\"\\()<>@,;:[]=?", *text) != NULL)
			return false;
	return true;
}

/* Encoded words of at most 75 characters that never cut a character (RFC 2047, sections 2 and 5). */
static void
add_words(struct strbuf *out, const char *text)
{
	size_t count = strlen(text);

	if (is_plain(text) && count <= LINE_CHARS - 16) {
		strbuf_text(out, text);
		return;
	}
	while (count > 0) {
		size_t part = count > ENCODED_BYTES ? ENCODED_BYTES : count;

		while (part < count && part > 1 && ((unsigned char)text[part] & 0xc0) == 0x80)
			part--;
		strbuf_text(out, "=?UTF-8?B?");
		add_base64(out, text, part);
		strbuf_text(out, "?=");
		text += part;
		count -= part;
		if (count > 0)
			strbuf_text(out, "\r\n ");
	}
}

/* What would let a value break out of its header or of the SMTP dialogue. */
static bool
is_address(const char *text)
{
	const char *at = strchr(text, '@');

	for (const char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr("<>()[],;:\\\"", *p) != NULL)
			return false;
	return at != NULL && at != text && at[1] != '\0' && strlen(text) <= 254;
}

static void
add_date(struct strbuf *out, int64_t ms)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	int64_t day = ms / DAY_MS, second = ms % DAY_MS / 1000;
	struct civil civil = day_civil(day);

	strbuf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[day_weekday(day) - 1], civil.day,
		      months[civil.month - 1], civil.year, (int)(second / 3600), (int)(second / 60 % 60),
		      (int)(second % 60));
}

static void
add_body(struct strbuf *out, const char *text)
{
	size_t count = strlen(text);
	const size_t line_bytes = LINE_CHARS / 4 * 3;

	for (size_t i = 0; i < count; i += line_bytes) {
		add_base64(out, text + i, count - i < line_bytes ? count - i : line_bytes);
		strbuf_text(out, "\r\n");
	}
}

enum error
mail_compose(const struct mail_text *mail, struct strbuf *out)
{
	if (!is_address(mail->from) || !is_address(mail->to))
		return ERR_BAD_INPUT;
	add_date(out, mail->date_ms);
	strbuf_text(out, "From: ");
	if (mail->from_name != NULL) {
		add_words(out, mail->from_name);
		strbuf_printf(out, " <%s>\r\n", mail->from);
	} else {
		strbuf_printf(out, "%s\r\n", mail->from);
	}
	strbuf_printf(out, "To: %s\r\nMessage-ID: <%s>\r\nSubject: ", mail->to, mail->id);
	add_words(out, mail->subject);
	strbuf_text(out, "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
			 "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	add_body(out, mail->text);
	return OK;
}

static enum error
read_password(struct mailer *mailer)
{
	FILE *file = fopen(mailer->config.password_file, "re");

	if (file == NULL)
		return ERR_IO;
	bool read = fgets(mailer->password, sizeof(mailer->password), file) != NULL;
	fclose(file);
	mailer->password[strcspn(mailer->password, "\r\n")] = '\0';
	return read ? OK : ERR_IO;
}

static bool
url_is_loopback(const char *url)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };
	const char *host = strstr(url, "://");

	for (size_t i = 0; host != NULL && i < ARRAY_COUNT(names); i++) {
		size_t bytes = strlen(names[i]);

		if (strncmp(host + 3, names[i], bytes) == 0 && strchr(":/", host[3 + bytes]) != NULL)
			return true; /* strchr finds the end of the text too */
	}
	return false;
}

static enum error
check_config(const struct mail_config *config)
{
	if (config->from == NULL || !is_address(config->from))
		return ERR_USAGE;
	if (config->kind == MAIL_SPOOL)
		return config->folder == NULL ? ERR_USAGE : OK;
	if (config->url == NULL ||
	    (strncmp(config->url, "smtp://", 7) != 0 && strncmp(config->url, "smtps://", 8) != 0))
		return ERR_USAGE;
	return (config->user == NULL) == (config->password_file == NULL) ? OK : ERR_USAGE;
}

enum error
mailer_new(const struct mail_config *config, const char *base_url, struct mailer **ret_mailer)
{
	const char *host = strstr(base_url, "://");

	TRY(check_config(config));
	struct mailer *mailer = calloc(1, sizeof(*mailer));

	if (mailer == NULL)
		return ERR_NO_MEMORY;
	mailer->config = *config;
	host = host == NULL ? base_url : host + 3;
	snprintf(mailer->host, sizeof(mailer->host), "%.*s", (int)strcspn(host, ":/"), host);
	enum error e = config->password_file == NULL ? OK : read_password(mailer);
	/* Letters with one-time links are nobody else's to read. */
	if (e == OK && config->kind == MAIL_SPOOL && mkdir(config->folder, 0700) != 0 && errno != EEXIST)
		e = ERR_IO;
	if (e != OK) {
		mailer_free(mailer);
		return e;
	}
	*ret_mailer = mailer;
	return OK;
}

void
mailer_free(struct mailer *mailer)
{
	if (mailer == NULL)
		return;
	if (mailer->curl != NULL)
		curl_easy_cleanup(mailer->curl);
	explicit_bzero(mailer->password, sizeof(mailer->password));
	free(mailer);
}

const char *
mailer_trouble(const struct mailer *mailer)
{
	return mailer->trouble;
}

static enum error
write_whole(int fd, const struct strbuf *out)
{
	for (size_t done = 0; done < out->bytes;) {
		ssize_t count = write(fd, out->text + done, out->bytes - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return ERR_IO;
		done += (size_t)count;
	}
	return fsync(fd) == 0 ? OK : ERR_IO;
}

/* Under another name first, so that whoever watches the folder sees whole messages only. */
static enum error
spool(struct mailer *mailer, int64_t message, const struct strbuf *out)
{
	char name[4096], part[4096];

	snprintf(name, sizeof(name), "%s/%06lld.eml", mailer->config.folder, (long long)message);
	snprintf(part, sizeof(part), "%s/.%06lld.part", mailer->config.folder, (long long)message);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	enum error e = fd < 0 ? ERR_IO : write_whole(fd, out);
	if (fd >= 0)
		close(fd);
	if (e == OK && rename(part, name) != 0)
		e = ERR_IO;
	if (e != OK)
		snprintf(mailer->trouble, sizeof(mailer->trouble), "spool: %s", strerror(errno));
	return e;
}

struct upload {
	const struct strbuf *from;
	size_t done;
};

static size_t
give_bytes(char *to, size_t size, size_t count, void *context)
{
	struct upload *upload = context;
	size_t room = size * count, left = upload->from->bytes - upload->done, bytes = room < left ? room : left;

	memcpy(to, upload->from->text + upload->done, bytes);
	upload->done += bytes;
	return bytes;
}

static void
set_options(struct mailer *mailer, struct curl_slist *to, struct upload *upload)
{
	const struct mail_config *config = &mailer->config;
	CURL *curl = mailer->curl;

	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, config->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(curl, CURLOPT_USE_SSL,
			 url_is_loopback(config->url) ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL);
	if (config->ca_file != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
	if (config->user != NULL) {
		curl_easy_setopt(curl, CURLOPT_USERNAME, config->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, mailer->password);
	}
	curl_easy_setopt(curl, CURLOPT_MAIL_FROM, config->from);
	curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes);
	curl_easy_setopt(curl, CURLOPT_READDATA, upload);
	curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_SECONDS);
}

static enum error
send_smtp(struct mailer *mailer, const char *to, const struct strbuf *out)
{
	AUTO(curl_slist_free_all) struct curl_slist *recipients = curl_slist_append(NULL, to);
	struct upload upload = { .from = out };

	if (mailer->curl == NULL)
		mailer->curl = curl_new();
	if (mailer->curl == NULL || recipients == NULL)
		return ERR_NO_MEMORY;
	set_options(mailer, recipients, &upload);
	CURLcode code = curl_easy_perform(mailer->curl);
	/* The library's own sentence, not the server's: that may repeat the address. */
	if (code != CURLE_OK)
		snprintf(mailer->trouble, sizeof(mailer->trouble), "%s", curl_easy_strerror(code));
	return code == CURLE_OK ? OK : ERR_IO;
}

enum error
mailer_send(struct mailer *mailer, int64_t message, const char *to, const char *subject, const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	unsigned char random[8];
	char id[256];

	random_bytes(random, sizeof(random));
	snprintf(id, sizeof(id), "%lld.%02x%02x%02x%02x%02x%02x%02x%02x@%s", (long long)message, random[0], random[1],
		 random[2], random[3], random[4], random[5], random[6], random[7], mailer->host);
	const struct mail_text mail = { .from = mailer->config.from,
					.from_name = mailer->config.from_name,
					.to = to,
					.subject = subject,
					.text = text,
					.id = id,
					.date_ms = instant_now() };

	enum error e = mail_compose(&mail, &out);
	if (e != OK) {
		snprintf(mailer->trouble, sizeof(mailer->trouble), "an address is not one");
		return e;
	}
	return mailer->config.kind == MAIL_SPOOL ? spool(mailer, message, &out) : send_smtp(mailer, to, &out);
}
