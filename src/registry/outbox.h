/* outbox.h - messages to parties: kept with the act that causes them, sent afterwards by a channel.
 * Sending knows nothing of registers: it gets an address, a subject and a text. */
#pragma once
#include "registry/registry.h"

struct outbox_mail {
	int64_t message;
	const char *address;
	const char *subject;
	const char *text; /* with the one-time link, if an answer is asked for */
};
/* The next messages to parties with an e-mail address that no channel has taken, at most `limit`, marked as taken
 * in the same transaction (with fresh one-time links, of which only the hash is kept). `base_url` begins the links. */
NODISCARD enum error outbox_take(struct registry *registry, struct arena *arena, const char *base_url, size_t limit,
				 int64_t now, const struct outbox_mail **ret_mails, size_t *ret_count);
/* After sending: OK, or failed (tried again later with growing pauses, five times). */
NODISCARD enum error outbox_sent(struct registry *registry, int64_t message, bool ok, int64_t now);
/* What was said so far is sent by no channel; it stays in the inboxes (a demo's past, a migration's). */
NODISCARD enum error outbox_forget(struct registry *registry);
/* Is something waiting? Cheap; set by the writer. */
bool outbox_waits(const struct registry *registry);
/* A one-time link made at the counter, for paper: the token's text (44 bytes). ERR_NOT_FOUND: nothing is asked of that
 * party, or the record does not belong to a counter of the actor's. */
NODISCARD enum error outbox_counter_link(struct registry *registry, const struct actor *actor, const struct reg *reg,
					 int64_t record, int64_t party, int64_t now, char ret_token[static 64]);
/* base64url token -> hash, as links bring it. ERR_BAD_INPUT. */
NODISCARD enum error outbox_link_hash(const char *token, unsigned char ret_hash[static 32]);
