/* mail.h - e-mail: writes one message (RFC 5322, MIME) and hands it to a mail server, or lays it into a folder. Knows
 * no register. */
#pragma once
#include "base/strbuf.h"
#include "http/server.h"

struct mail_text {
	const char *from;      /* address */
	const char *from_name; /* NULL: none */
	const char *to;
	const char *subject;
	const char *text;
	const char *id; /* of Message-ID, without brackets */
	int64_t date_ms;
};
/* A whole message with CRLF: UTF-8 text as base64, headers as encoded words (RFC 2047). ERR_BAD_INPUT: an address
 * with a blank, a control character or brackets in it. */
NODISCARD enum error mail_compose(const struct mail_text *mail, struct strbuf *out);

struct mailer;
/* ERR_USAGE: the configuration lacks something; ERR_IO: the password file cannot be read. */
NODISCARD enum error mailer_new(const struct mail_config *config, const char *base_url, struct mailer **ret_mailer);
void mailer_free(struct mailer *mailer);
/* Waits until the server took it, at most 60 s. ERR_IO: it did not; mailer_trouble says why (no address in it). */
NODISCARD enum error mailer_send(struct mailer *mailer, int64_t message, const char *to, const char *subject,
				 const char *text);
const char *mailer_trouble(const struct mailer *mailer);
