/* hidden.h - for tests only: look-ups that were entered into the restricted stream, to be shown to a person later. */
#pragma once
#include "registry/reveal.h"
#include "registry/town.h"

struct hide {
	struct job job;
	struct fixture *f;
	int64_t person, due_at;
	int count;
};

static inline enum error
run_hide(struct job *job, struct db *db)
{
	struct hide *hide = (struct hide *)job;
	struct registry *registry = hide->f->registry;
	const struct reg *reg = pack_reg(hide->f->pack, "person");
	unsigned char id[LEDGER_ID_BYTES], event[LEDGER_ID_BYTES] = { 9 };
	struct ledger_entry entry;
	uint64_t index = 0;

	ledger_record_id(registry->ledger, reg->code, hide->person, id);
	ledger_entry_init(&entry);
	entry.kind = LEDGER_LOOKUP;
	entry.event = event;
	entry.time_ms = hide->f->now;
	entry.subject = entry.record = id;
	entry.reg = reg->code;
	entry.retention = reg->retention == NULL ? 0 : reg->retention->code;
	entry.purpose = pack_purpose(hide->f->pack, "inquiry")->code;
	entry.fields = (const uint32_t[]){ reg->fields[0].code };
	entry.field_count = 1;
	entry.actor = id;
	entry.case_text = "SECRET-7";
	for (int i = 0; i < hide->count; i++) {
		TRY(ledger_append(registry->ledger, db, LEDGER_STREAM_RESTRICTED, &entry, &index));
		TRY(reveal_later(registry, db, index, hide->person, hide->due_at));
	}
	return OK;
}

static inline void
hide_lookups(struct fixture *f, int64_t person, int64_t due_at, int count)
{
	struct hide hide = { .job = { .run = run_hide }, .f = f, .person = person, .due_at = due_at, .count = count };

	must(writer_run(registry_writer(f->registry), &hide.job));
}
