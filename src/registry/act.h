/* act.h - runs actions: what POST /api/registers/…, `tirkeu act`, an import's row and the clock all
 * call. The order of one action is that of docs/pack.md. */
#pragma once
#include "registry/law.h"
#include "registry/registry.h"

/* How an asked party answered. */
enum answer_way { ANSWER_ACCOUNT, ANSWER_LINK, ANSWER_COUNTER };

enum act_kind {
	ACT_RUN,   /* an action on a new or an existing record */
	ACT_AGREE, /* consent to the ask that waits on `record` (or of the link) */
	ACT_REFUSE,
};

struct receipt_entry {
	int64_t stream; /* internal number: print as `stream_n` only to its owner */
	uint64_t stream_n;
	uint64_t index;
};

/* One act: filled by the caller (arena memory of its own), run by the writer, read afterwards. */
struct act {
	struct job job; /* job.dry_run too */
	struct registry *registry;
	struct arena *arena; /* the caller's; used by the writer while the act runs */
	struct actor actor;
	struct problem problem;
	/* asked */
	enum act_kind kind;
	const struct reg *reg;
	const struct action *action; /* RUN; for AGREE/REFUSE may be NULL: the one ask that waits */
	int64_t record;              /* 0: a new one */
	const struct input *inputs;  /* action->arg_count */
	int64_t on_behalf;           /* a party that the actor must act for; 0: found out */
	int64_t now;
	int64_t if_match;               /* version; -1: none sent */
	const char *reason;             /* of `correct`, and of a refusal */
	const unsigned char *link_hash; /* ANSWER_LINK: hash of the one-time token, 32 bytes */
	enum answer_way way;
	int64_t answer_for;          /* COUNTER: the party that signed */
	const char *paper;           /* COUNTER: number of the signed paper */
	const char *idempotency_key; /* NULL: none */
	unsigned char request_hash[32];
	/* answered */
	enum error result; /* of the action itself, also when replayed */
	bool replayed;     /* an Idempotency-Key was known: receipt and status only */
	bool waiting;      /* consent is missing; `asked` tells how many parties */
	size_t asked;
	int64_t ret_record;
	const char *ret_state;
	int64_t ret_version;
	unsigned char event[LEDGER_ID_BYTES];
	const struct receipt_entry *entries;
	size_t entry_count;
	const struct finding
		*findings; /* of the records it changed, about the actor's own parties or (officials) all */
	size_t finding_count;
	/* the caller's */
	void (*done)(struct act *act); /* in the writer's thread; NULL with act_run */
	void *context;
};

/* Zeroes, takes arena and registry, kind RUN, if_match -1, now. */
void act_init(struct act *act, struct registry *registry, struct arena *arena, int64_t now);
/* Hands it to the writer; `done` is called exactly once when OK is returned. ERR_BUSY, ERR_STOPPING. */
NODISCARD enum error act_submit(struct act *act);
/* Submits and waits: act->result. */
NODISCARD enum error act_run(struct act *act);

/* Parses a JSON body into act->inputs for act->action: every fault at once. */
NODISCARD enum error act_parse(struct act *act, const struct node *body);

struct json;
/* The answer's JSON: {"event", "entries": [{"stream_n" (to its owner), "index"}], "ref", "state", "version", "waiting", "asked",
 * "findings": […], "dry_run"}. For an error use http/problem.h. */
void act_print(const struct act *act, enum language language, struct json *json);
