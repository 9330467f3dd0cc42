/* cosigning.h - the log's side of its witnesses (docs/ledger.md 4.2): each is asked by a thread of its own as soon as
 * something new is published, and its line goes under that checkpoint. Nothing waits for a witness. What one answers is
 * believed as far as its key goes. */
#pragma once
#include "ledger/tlog.h"

enum {
	COSIGNING_WITNESSES_MAX = 16,
	COSIGNING_ALARM_SECONDS = 600,
	COSIGNING_RETRY_SECONDS_MAX = 60,
	COSIGNING_TIMEOUT_SECONDS = 15,
};

/* Texts are the caller's until cosigning_stop. */
struct cosigning_witness {
	const char *url; /* what "/add-checkpoint" is put behind; post.h says where it may go */
	struct note_key key;
};
struct cosigning_config {
	struct cosigning_witness witnesses[COSIGNING_WITNESSES_MAX];
	size_t count;
	int quorum;        /* at most `count`; 0: none is needed */
	int alarm_seconds; /* below it for so long raises an alarm; 0: COSIGNING_ALARM_SECONDS */
	int retry_seconds; /* after a failure, then twice as long each time, up to COSIGNING_RETRY_SECONDS_MAX; 0: 1 */
};
/* One witness from "URL" and its vkey. ERR_FORBIDDEN: a URL that may not be gone to; ERR_BAD_INPUT: no witness's vkey;
 * ERR_DUPLICATE: that key is there; ERR_TOO_LARGE: too many. */
NODISCARD enum error cosigning_add(struct cosigning_config *config, const char *url, const char *vkey);

struct cosigning;
/* `tlog` outlives it. ERR_NO_MEMORY. */
NODISCARD enum error cosigning_start(const struct cosigning_config *config, struct tlog *tlog,
				     struct cosigning **ret_cosigning);
/* Gives up what is on its way. */
void cosigning_stop(struct cosigning *cosigning);
DEFINE_AUTO(struct cosigning, cosigning_stop)

struct cosigning_state {
	size_t witnesses, quorum;
	size_t cosigned;     /* lines under the published checkpoint */
	size_t away;         /* witnesses that did not answer, or not as they should, when last asked */
	size_t refusing;     /* ... that answered 400, 403 or 404, and have not cosigned since */
	size_t differing;    /* ... that have another log than we, and have not cosigned since */
	bool is_below;       /* the quorum, for too long */
	uint64_t lines;      /* since the start: added */
	uint64_t failures;   /* ... requests that brought no line */
	uint64_t strangers;  /* ... lines of keys that we do not know: not added */
	uint64_t falsehoods; /* ... lines that their key did not make, and answers that are none: not added */
};
void cosigning_look(struct cosigning *cosigning, struct cosigning_state *ret_state);
/* What keeps the server from being quite well, in one word for /healthz; NULL: nothing. */
const char *cosigning_reason(const struct cosigning_state *state);
