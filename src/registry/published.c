/* published.c - the registry's published log: which key signs it, by the log's own word. */
#include <string.h>
#include "ledger/publisher.h"
#include "registry/engine.h"

/* The log says once, openly, which key signs its checkpoints. When it says another, nothing is published: whoever
 * followed it until now would be asked to trust a stranger. */
static enum error
state_key(struct registry *registry, struct db *db)
{
	const char *stated = ledger_log_key(registry->ledger);

	note_key_print(&registry->config.signer->key, &registry->log_key);
	if (*stated == '\0')
		return ledger_begin_log_key(registry->ledger, db, registry->log_key.text,
					    registry_now(registry) / 1000);
	if (strcmp(stated, registry->log_key.text) != 0)
		tlog_raise(registry->tlog, ALARM_KEY_DIFFERS);
	return OK;
}

enum error
published_open(struct registry *registry, struct db *db)
{
	const struct registry_config *config = &registry->config;

	if (config->tlog_folder == NULL)
		return OK;
	TRY(tlog_open(config->tlog_folder, registry->origin, &registry->tlog));
	if (config->signer == NULL) {
		tlog_raise(registry->tlog, config->tlog_alarm);
		return OK;
	}
	registry->publisher = publisher_new(registry->tlog, config->signer);
	return state_key(registry, db);
}

void
published_close(struct registry *registry)
{
	publisher_free(registry->publisher);
	tlog_close(registry->tlog);
	strbuf_done(&registry->log_key);
}

struct tlog *
registry_tlog(const struct registry *registry)
{
	return registry->tlog;
}

const char *
registry_log_key(const struct registry *registry)
{
	return registry->log_key.bytes == 0 ? "" : registry->log_key.text;
}

enum error
registry_publish(struct registry *registry, struct db *db, bool *ret_more)
{
	return registry->publisher == NULL ? ERR_CONFLICT : publisher_run_once(registry->publisher, db, ret_more);
}
