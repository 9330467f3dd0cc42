/* One thread a witness: it sleeps, looks what is published, and when its line is not there yet it asks. Which witnesses'
 * lines are there is read from the published checkpoint itself, whoever put them; so nothing has to be remembered from
 * one start to the next, and the size that a witness has it says itself (409). */
#include "http/cosigning.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/day.h"
#include "base/log.h"
#include "http/post.h"
#include "ledger/witness.h"

enum { PAUSE_MS = 200, TRIES_MAX = 3 };

enum standing { STANDING_FINE, STANDING_AWAY, STANDING_REFUSES, STANDING_DIFFERS };

struct cosigner {
	struct cosigning *cosigning;
	const struct cosigning_witness *witness;
	struct strbuf url;
	pthread_t thread;
	struct poster *poster;
	uint64_t size; /* what it has, as far as we know */
	int64_t wait_us, ask_at_us;
	enum standing told;
	/* Under the lock. */
	bool has_line;
	enum standing standing;
	bool is_away;
};

struct cosigning {
	struct cosigning_config config;
	struct tlog *tlog;
	struct cosigner cosigners[COSIGNING_WITNESSES_MAX];
	size_t started;
	pthread_mutex_t lock;
	pthread_cond_t ends;
	_Atomic bool is_over;
	/* The published checkpoint as it was looked at last. */
	struct strbuf note;
	struct checkpoint checkpoint;
	size_t text_bytes;
	size_t cosigned;
	int64_t enough_at_us; /* when the quorum was met last */
	_Atomic uint64_t lines, failures, strangers, falsehoods;
};

/* ---- settings ---- */

enum error
cosigning_add(struct cosigning_config *config, const char *url, const char *vkey)
{
	struct cosigning_witness witness = { .url = url };

	if (config->count == COSIGNING_WITNESSES_MAX)
		return ERR_TOO_LARGE;
	if (!post_may_go_to(url))
		return ERR_FORBIDDEN;
	if (note_key_parse(vkey, strlen(vkey), &witness.key) != OK || witness.key.type != NOTE_WITNESS)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < config->count; i++)
		if (memcmp(config->witnesses[i].key.public_key, witness.key.public_key,
			   sizeof(witness.key.public_key)) == 0)
			return ERR_DUPLICATE;
	config->witnesses[config->count++] = witness;
	return OK;
}

/* ---- what is published ---- */

/* Whose lines are under it? Each key for itself: one false line must not hide the others. */
static void
read_lines(struct cosigning *cosigning)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct note note;

	cosigning->cosigned = 0;
	cosigning->text_bytes = 0;
	if (note_parse(arena, cosigning->note.text, cosigning->note.bytes, &note) != OK ||
	    checkpoint_parse(note.text, note.text_bytes, &cosigning->checkpoint) != OK)
		return;
	cosigning->text_bytes = note.text_bytes;
	for (size_t i = 0; i < cosigning->config.count; i++) {
		struct cosigner *cosigner = &cosigning->cosigners[i];
		struct note_mark mark = { 0 };

		cosigner->has_line =
			note_verify(&note, &cosigning->config.witnesses[i].key, 1, &mark) == OK && mark.is_signed;
		cosigning->cosigned += cosigner->has_line;
	}
}

/* Under the lock. */
static void
look(struct cosigning *cosigning)
{
	AUTO(strbuf_done) struct strbuf now = { 0 };
	struct strbuf *seen = &cosigning->note;

	if (tlog_checkpoint(cosigning->tlog, &now) == OK &&
	    (now.bytes != seen->bytes || memcmp(now.text, seen->text, now.bytes) != 0)) {
		strbuf_clear(seen);
		strbuf_add(seen, now.text, now.bytes);
		read_lines(cosigning);
	}
	if (cosigning->text_bytes == 0 || cosigning->cosigned >= (size_t)cosigning->config.quorum)
		cosigning->enough_at_us = monotonic_us();
}

/* ---- asking one witness ---- */

/* What one question came to. */
enum outcome { OUTCOME_LINE, OUTCOME_SIZE, OUTCOME_AWAY, OUTCOME_REFUSED, OUTCOME_DIFFERS, OUTCOME_STOPPED };

struct question {
	struct checkpoint checkpoint;
	struct strbuf note;
	size_t text_bytes;
	const char *because; /* for the log, when there is no line */
	int status;
};

static enum outcome
take_line(struct cosigner *cosigner, struct question *question, const struct post *post)
{
	struct cosigning *cosigning = cosigner->cosigning;
	AUTO(strbuf_done) struct strbuf line = { 0 };
	size_t strangers = 0;
	enum error e = witness_answer_line(question->note.text, question->text_bytes, &cosigner->witness->key,
					   post->answer.bytes == 0 ? "" : post->answer.text, post->answer.bytes, &line,
					   &strangers);

	cosigning->strangers += strangers;
	question->because = "no line of its key";
	if (e == ERR_NOT_FOUND)
		return OUTCOME_AWAY;
	question->because = "what it answers is false";
	if (e != OK) {
		cosigning->falsehoods++;
		return OUTCOME_AWAY;
	}
	cosigner->size = question->checkpoint.size;
	e = tlog_add_line(cosigning->tlog, &question->checkpoint, line.text, line.bytes);
	/* Too late for this one: the next is there already. */
	if (e == OK)
		cosigning->lines++;
	question->because = "its line could not be kept";
	return e == OK || e == ERR_GONE ? OUTCOME_LINE : OUTCOME_AWAY;
}

/* It has another size than we thought; or the same, and then another root. More than is published it cannot have. */
static enum outcome
take_size(struct cosigner *cosigner, struct question *question, const struct post *post)
{
	uint64_t size = 0;

	question->because = "what it answers is false";
	if (strcmp(post->answer_type, "text/x.tlog.size") != 0 || post->answer.bytes == 0 ||
	    witness_answer_size(post->answer.text, post->answer.bytes, &size) != OK) {
		cosigner->cosigning->falsehoods++;
		return OUTCOME_AWAY;
	}
	question->because = "it has cosigned another tree of this log";
	if (size == cosigner->size || size > question->checkpoint.size)
		return OUTCOME_DIFFERS;
	cosigner->size = size;
	return OUTCOME_SIZE;
}

static enum outcome
take_answer(struct cosigner *cosigner, struct question *question, const struct post *post)
{
	question->status = post->status;
	question->because = "it does not take our checkpoint";
	switch (post->status) {
	case WITNESS_COSIGNS:
		return take_line(cosigner, question, post);
	case WITNESS_CONFLICT:
		return take_size(cosigner, question, post);
	case WITNESS_MALFORMED:
	case WITNESS_UNSIGNED:
	case WITNESS_STRANGER:
		return OUTCOME_REFUSED;
	case WITNESS_UNPROVEN:
		question->because = "it has cosigned another tree of this log";
		return OUTCOME_DIFFERS;
	default:
		question->because = "its status is none of a witness";
		return OUTCOME_AWAY;
	}
}

/* From what it has to what is published. */
static enum error
make_body(const struct cosigner *cosigner, const struct question *question, struct strbuf *body)
{
	AUTO(tlog_view_free)
	struct tlog_view *view = tlog_view_new(cosigner->cosigning->tlog, question->checkpoint.size);
	struct witness_request request = {
		.old_size = cosigner->size,
		.note = question->note.text,
		.note_bytes = question->note.bytes,
	};

	TRY(proof_consistency(tlog_view_source(view), request.old_size, question->checkpoint.size, &request.proof));
	witness_request_print(&request, body);
	return OK;
}

static enum outcome
ask_once(struct cosigner *cosigner, struct question *question)
{
	AUTO(strbuf_done) struct strbuf body = { 0 };
	AUTO(post_done)
	struct post post = {
		.url = cosigner->url.text,
		.type = "text/plain; charset=utf-8",
		.timeout_seconds = COSIGNING_TIMEOUT_SECONDS,
		.answer_bytes_max = WITNESS_ANSWER_BYTES_MAX,
		.stop = &cosigner->cosigning->is_over,
	};

	/* A log that was restored may be shorter than what we heard of. */
	if (cosigner->size > question->checkpoint.size)
		cosigner->size = 0;
	enum error e = make_body(cosigner, question, &body);

	question->because = "our own tiles cannot be read";
	if (e != OK)
		return OUTCOME_AWAY;
	post.body = body.text;
	post.body_bytes = body.bytes;
	e = poster_run(cosigner->poster, &post);
	if (e == OK)
		return take_answer(cosigner, question, &post);
	question->because = e == ERR_TOO_LARGE ? "its answer is too large" : poster_trouble(cosigner->poster);
	return e == ERR_STOPPING ? OUTCOME_STOPPED : OUTCOME_AWAY;
}

/* ---- what came of it ---- */

/* In the log once each time it changes; /healthz and /metrics have it for as long as it lasts. */
static void
tell(struct cosigner *cosigner, enum standing standing, const struct question *question)
{
	static const char *const events[] = { "witness-back", "witness-away", "witness-refuses", "witness-differs" };

	if (standing == cosigner->told)
		return;
	cosigner->told = standing;
	if (standing == STANDING_FINE)
		log_event(LOG_INFO, events[standing], LOG_TEXT("witness", cosigner->witness->key.name));
	else
		log_event(standing == STANDING_AWAY ? LOG_WARNING : LOG_ERROR, events[standing],
			  LOG_TEXT("witness", cosigner->witness->key.name), LOG_TEXT("because", question->because),
			  LOG_INTEGER("status", question->status), LOG_INTEGER("size", question->checkpoint.size));
}

static void
note_success(struct cosigner *cosigner, const struct question *question)
{
	struct cosigning *cosigning = cosigner->cosigning;

	cosigner->wait_us = 0;
	cosigner->ask_at_us = 0;
	tell(cosigner, STANDING_FINE, question);
	pthread_mutex_lock(&cosigning->lock);
	cosigner->standing = STANDING_FINE;
	cosigner->is_away = false;
	look(cosigning);
	pthread_mutex_unlock(&cosigning->lock);
}

/* A witness that refused and then went away has not taken its no back. */
static void
note_failure(struct cosigner *cosigner, enum standing standing, const struct question *question)
{
	struct cosigning *cosigning = cosigner->cosigning;
	const int64_t first_us = (int64_t)cosigning->config.retry_seconds * 1000000;
	const int64_t most_us = (int64_t)COSIGNING_RETRY_SECONDS_MAX * 1000000;

	cosigning->failures++;
	cosigner->wait_us = cosigner->wait_us == 0 ? first_us : 2 * cosigner->wait_us;
	if (cosigner->wait_us > most_us && first_us < most_us)
		cosigner->wait_us = most_us;
	else if (first_us >= most_us)
		cosigner->wait_us = first_us;
	cosigner->ask_at_us = monotonic_us() + cosigner->wait_us;
	tell(cosigner, standing, question);
	pthread_mutex_lock(&cosigning->lock);
	cosigner->is_away = standing == STANDING_AWAY;
	if (standing != STANDING_AWAY || cosigner->standing == STANDING_FINE)
		cosigner->standing = standing;
	pthread_mutex_unlock(&cosigning->lock);
}

static void
ask(struct cosigner *cosigner, struct question *question)
{
	enum outcome outcome = OUTCOME_SIZE;

	for (int tries = 0; outcome == OUTCOME_SIZE && tries < TRIES_MAX; tries++)
		outcome = ask_once(cosigner, question);
	if (outcome == OUTCOME_SIZE)
		question->because = "it says another size each time";
	switch (outcome) {
	case OUTCOME_STOPPED:
		return;
	case OUTCOME_LINE:
		note_success(cosigner, question);
		return;
	case OUTCOME_REFUSED:
		note_failure(cosigner, STANDING_REFUSES, question);
		return;
	case OUTCOME_DIFFERS:
		/* The next time it is asked from the beginning, by what it says itself. */
		cosigner->size = 0;
		note_failure(cosigner, STANDING_DIFFERS, question);
		return;
	case OUTCOME_SIZE:
	case OUTCOME_AWAY:
	default:
		note_failure(cosigner, STANDING_AWAY, question);
	}
}

/* Is there something to ask for? Then it is copied. */
static bool
is_due(struct cosigner *cosigner, struct question *question)
{
	struct cosigning *cosigning = cosigner->cosigning;

	pthread_mutex_lock(&cosigning->lock);
	look(cosigning);
	bool due = cosigning->text_bytes > 0 && !cosigner->has_line && monotonic_us() >= cosigner->ask_at_us;

	if (due) {
		question->checkpoint = cosigning->checkpoint;
		question->text_bytes = cosigning->text_bytes;
		strbuf_add(&question->note, cosigning->note.text, cosigning->note.bytes);
	}
	pthread_mutex_unlock(&cosigning->lock);
	return due;
}

/* false: the server stops. */
static bool
pause_for(struct cosigning *cosigning)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)PAUSE_MS * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&cosigning->lock);
	while (!cosigning->is_over && pthread_cond_timedwait(&cosigning->ends, &cosigning->lock, &until) == 0)
		continue;
	pthread_mutex_unlock(&cosigning->lock);
	return !cosigning->is_over;
}

static void *
keep_asking(void *context)
{
	struct cosigner *cosigner = context;

	do {
		struct question question = { 0 };

		if (is_due(cosigner, &question))
			ask(cosigner, &question);
		strbuf_done(&question.note);
	} while (pause_for(cosigner->cosigning));
	return NULL;
}

/* ---- start and stop ---- */

static enum error
start_one(struct cosigning *cosigning, size_t i)
{
	struct cosigner *cosigner = &cosigning->cosigners[i];

	TRY(poster_new(&cosigner->poster));
	return pthread_create(&cosigner->thread, NULL, keep_asking, cosigner) == 0 ? OK : ERR_NO_MEMORY;
}

static void
set_up(struct cosigning *cosigning, const struct cosigning_config *config, struct tlog *tlog)
{
	cosigning->config = *config;
	cosigning->tlog = tlog;
	if (cosigning->config.alarm_seconds == 0)
		cosigning->config.alarm_seconds = COSIGNING_ALARM_SECONDS;
	if (cosigning->config.retry_seconds == 0)
		cosigning->config.retry_seconds = 1;
	pthread_mutex_init(&cosigning->lock, NULL);
	pthread_cond_init(&cosigning->ends, NULL);
	for (size_t i = 0; i < config->count; i++) {
		struct cosigner *cosigner = &cosigning->cosigners[i];
		const char *url = config->witnesses[i].url;

		cosigner->cosigning = cosigning;
		cosigner->witness = &cosigning->config.witnesses[i];
		strbuf_printf(&cosigner->url, "%s%sadd-checkpoint", url, url[strlen(url) - 1] == '/' ? "" : "/");
	}
	cosigning->enough_at_us = monotonic_us();
	look(cosigning);
	/* A line that stands there already spares the question what its witness has. */
	for (size_t i = 0; i < config->count; i++)
		if (cosigning->cosigners[i].has_line)
			cosigning->cosigners[i].size = cosigning->checkpoint.size;
}

enum error
cosigning_start(const struct cosigning_config *config, struct tlog *tlog, struct cosigning **ret_cosigning)
{
	AUTO(cosigning_stop) struct cosigning *cosigning = calloc(1, sizeof(*cosigning));

	if (cosigning == NULL)
		return ERR_NO_MEMORY;
	assert(config->quorum >= 0 && (size_t)config->quorum <= config->count);
	set_up(cosigning, config, tlog);
	for (; cosigning->started < config->count; cosigning->started++)
		TRY(start_one(cosigning, cosigning->started));
	*ret_cosigning = TAKE(cosigning);
	return OK;
}

void
cosigning_stop(struct cosigning *cosigning)
{
	if (cosigning == NULL)
		return;
	pthread_mutex_lock(&cosigning->lock);
	cosigning->is_over = true;
	pthread_cond_broadcast(&cosigning->ends);
	pthread_mutex_unlock(&cosigning->lock);
	for (size_t i = 0; i < cosigning->started; i++)
		pthread_join(cosigning->cosigners[i].thread, NULL);
	for (size_t i = 0; i < COSIGNING_WITNESSES_MAX; i++) {
		poster_free(cosigning->cosigners[i].poster);
		strbuf_done(&cosigning->cosigners[i].url);
	}
	strbuf_done(&cosigning->note);
	pthread_mutex_destroy(&cosigning->lock);
	pthread_cond_destroy(&cosigning->ends);
	free(cosigning);
}

/* ---- how it stands ---- */

void
cosigning_look(struct cosigning *cosigning, struct cosigning_state *ret_state)
{
	struct cosigning_state state = {
		.witnesses = cosigning->config.count,
		.quorum = (size_t)cosigning->config.quorum,
		.lines = cosigning->lines,
		.failures = cosigning->failures,
		.strangers = cosigning->strangers,
		.falsehoods = cosigning->falsehoods,
	};

	pthread_mutex_lock(&cosigning->lock);
	look(cosigning);
	state.cosigned = cosigning->cosigned;
	for (size_t i = 0; i < cosigning->config.count; i++) {
		const struct cosigner *cosigner = &cosigning->cosigners[i];

		state.away += cosigner->is_away;
		state.refusing += cosigner->standing == STANDING_REFUSES;
		state.differing += cosigner->standing == STANDING_DIFFERS;
	}
	state.is_below = monotonic_us() - cosigning->enough_at_us > (int64_t)cosigning->config.alarm_seconds * 1000000;
	pthread_mutex_unlock(&cosigning->lock);
	*ret_state = state;
}

const char *
cosigning_reason(const struct cosigning_state *state)
{
	if (state->differing > 0)
		return "witness-differs";
	if (state->refusing > 0)
		return "witness-refuses";
	return state->is_below ? "witness-quorum" : NULL;
}
