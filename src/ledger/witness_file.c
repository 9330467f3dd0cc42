/* One lock from the comparison to the signature: of two requests at once the later sees what the earlier was granted. */
#include "ledger/witness_file.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include "base/random.h"
#include "ledger/durable.h"

enum { STATE_BYTES_MAX = WITNESS_LOGS_MAX * 512 };

struct witness {
	struct strbuf folder;
	int lock_fd;
	struct note_key key;
	unsigned char seed[NOTE_SEED_BYTES];
	struct note_key logs[WITNESS_LOGS_MAX];
	size_t log_count;
	pthread_mutex_t lock; /* of what follows */
	struct checkpoint last[WITNESS_LOGS_MAX];
	size_t last_count;
};

static void
path_of(const struct witness *witness, const char *name, struct strbuf *out)
{
	strbuf_printf(out, "%s/%s", witness->folder.text, name);
}

static enum error
write_file(const struct witness *witness, const char *name, const void *bytes, size_t count)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };

	path_of(witness, name, &path);
	return durable_keep(path.text, bytes, count);
}

static enum error
read_file(const struct witness *witness, const char *name, size_t most, struct strbuf *out)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };

	path_of(witness, name, &path);
	return durable_read(path.text, most, out);
}

static enum error
write_state(const struct witness *witness, const struct checkpoint *last, size_t count)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };

	witness_memory_print(&witness->key, last, count, &text);
	return write_file(witness, "state", text.text, text.bytes);
}

/* ---- opening ---- */

static enum error
take_lock(struct witness *witness)
{
	AUTO(strbuf_done) struct strbuf path = { 0 };

	path_of(witness, "lock", &path);
	witness->lock_fd = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (witness->lock_fd < 0)
		return ERR_IO;
	if (flock(witness->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? ERR_CONFLICT : ERR_IO;
	return OK;
}

static enum error
set_name(struct witness *witness, const char *name)
{
	unsigned char public_key[NOTE_PUBLIC_BYTES];

	TRY(note_public_key(witness->seed, public_key));
	return note_key_make(NOTE_WITNESS, name, public_key, &witness->key);
}

/* The state first: a key without one is a key that may have signed anything, so that must never be left behind by a
 * first start that was cut short. */
static enum error
make_key(struct witness *witness, const char *name, enum witness_trouble *ret_trouble)
{
	AUTO(strbuf_done) struct strbuf vkey = { 0 };

	*ret_trouble = WITNESS_NO_NAME;
	if (name == NULL)
		return ERR_CONFLICT;
	random_bytes(witness->seed, sizeof(witness->seed));
	enum error e = set_name(witness, name);
	*ret_trouble = WITNESS_BAD_NAME;
	if (e != OK)
		return e == ERR_BAD_INPUT ? ERR_CONFLICT : e;
	note_key_print(&witness->key, &vkey);
	strbuf_char(&vkey, '\n');
	TRY(write_state(witness, NULL, 0));
	TRY(write_file(witness, "vkey", vkey.text, vkey.bytes));
	return write_file(witness, "key", witness->seed, sizeof(witness->seed));
}

static enum error
read_state(struct witness *witness)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };

	enum error e = read_file(witness, "state", STATE_BYTES_MAX, &file);
	if (e != OK)
		return e == ERR_IO ? e : ERR_CONFLICT;
	return file.bytes > 0 && witness_memory_parse(file.text, file.bytes, &witness->key, witness->last,
						      &witness->last_count) == OK
		       ? OK
		       : ERR_CONFLICT;
}

/* The state says whose it is: the key must be that one. */
static enum error
check_key(struct witness *witness, const char *name, enum witness_trouble *ret_trouble)
{
	struct note_key stated;

	*ret_trouble = WITNESS_STATE_LOST;
	TRY(read_state(witness));
	stated = witness->key;
	TRY(set_name(witness, stated.name));
	if (memcmp(stated.public_key, witness->key.public_key, sizeof(stated.public_key)) != 0)
		return ERR_CONFLICT;
	*ret_trouble = WITNESS_OTHER_NAME;
	return name == NULL || strcmp(name, stated.name) == 0 ? OK : ERR_CONFLICT;
}

/* A state that has cosigned something belongs to a key that was lost. */
static enum error
make_or_read(struct witness *witness, const char *name, enum witness_trouble *ret_trouble)
{
	AUTO(strbuf_done) struct strbuf key = { 0 };
	enum error e = read_file(witness, "key", NOTE_SEED_BYTES, &key);

	if (e == OK && key.bytes == NOTE_SEED_BYTES) {
		memcpy(witness->seed, key.text, NOTE_SEED_BYTES);
		explicit_bzero(key.text, key.bytes);
		return check_key(witness, name, ret_trouble);
	}
	*ret_trouble = WITNESS_KEY_LOST;
	if (e != ERR_NOT_FOUND)
		return e == ERR_IO ? e : ERR_CONFLICT;
	e = read_state(witness);
	if (e == OK && witness->last_count > 0)
		return ERR_CONFLICT;
	if (e == ERR_IO)
		return e;
	return make_key(witness, name, ret_trouble);
}

enum error
witness_open(const char *folder, const char *name, const struct note_key *logs, size_t log_count,
	     enum witness_trouble *ret_trouble, struct witness **ret_witness)
{
	AUTO(witness_close) struct witness *witness = calloc(1, sizeof(*witness));

	assert(log_count <= WITNESS_LOGS_MAX);
	*ret_trouble = WITNESS_FINE;
	if (witness == NULL)
		return ERR_NO_MEMORY;
	witness->lock_fd = -1;
	pthread_mutex_init(&witness->lock, NULL);
	strbuf_text(&witness->folder, folder);
	if (log_count > 0)
		memcpy(witness->logs, logs, log_count * sizeof(*logs));
	witness->log_count = log_count;
	TRY(durable_make_folder(folder));
	*ret_trouble = WITNESS_IN_USE;
	TRY(take_lock(witness));
	TRY(make_or_read(witness, name, ret_trouble));
	*ret_trouble = WITNESS_FINE;
	*ret_witness = TAKE(witness);
	return OK;
}

void
witness_close(struct witness *witness)
{
	if (witness == NULL)
		return;
	explicit_bzero(witness->seed, sizeof(witness->seed));
	if (witness->lock_fd >= 0)
		close(witness->lock_fd);
	strbuf_done(&witness->folder);
	pthread_mutex_destroy(&witness->lock);
	free(witness);
}

const struct note_key *
witness_key(const struct witness *witness)
{
	return &witness->key;
}

/* ---- cosigning ---- */

/* Durable first, then in memory. */
static enum error
remember(struct witness *witness, const struct checkpoint *checkpoint)
{
	size_t at = 0;

	while (at < witness->last_count && strcmp(witness->last[at].origin, checkpoint->origin) != 0)
		at++;
	if (at == WITNESS_LOGS_MAX)
		return ERR_TOO_LARGE;
	if (at < witness->last_count && witness->last[at].size == checkpoint->size)
		return OK; /* and of the same root: so it was decided */
	struct checkpoint before = witness->last[at];

	assert(at == witness->last_count || before.size < checkpoint->size);
	witness->last[at] = *checkpoint;
	enum error e = write_state(witness, witness->last, at < witness->last_count ? witness->last_count : at + 1);
	/* The file may have been renamed and only its folder not synced. What is in memory then is the older: the next
	 * write says the same or more, and nothing was signed. */
	if (e != OK)
		witness->last[at] = before;
	else if (at == witness->last_count)
		witness->last_count++;
	return e;
}

/* Looked at once more with the public key alone: a fault of the machine in the middle of signing could else give the
 * private one away. */
static enum error
cosign(const struct witness *witness, const struct checkpoint *checkpoint, uint64_t time_s, struct strbuf *out)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	unsigned char signature[NOTE_SIGNATURE_BYTES];
	size_t others = 0;

	checkpoint_print(checkpoint, &text);
	TRY(note_cosign(witness->seed, time_s, text.text, text.bytes, signature));
	note_line_print(&witness->key, time_s, signature, &line);
	return witness_answer_line(text.text, text.bytes, &witness->key, line.text, line.bytes, out, &others) == OK
		       ? OK
		       : ERR_FAULT;
}

static enum error
answer(struct witness *witness, const char *body, size_t bytes, uint64_t time_s, struct witness_verdict *ret_verdict,
       struct strbuf *out)
{
	const struct witness_memory memory = {
		.logs = witness->logs,
		.log_count = witness->log_count,
		.last = witness->last,
		.last_count = witness->last_count,
	};

	TRY(witness_decide(&memory, body, bytes, ret_verdict));
	if (ret_verdict->status == WITNESS_CONFLICT)
		strbuf_printf(out, "%" PRIu64 "\n", ret_verdict->size);
	if (ret_verdict->status != WITNESS_COSIGNS)
		return OK;
	TRY(remember(witness, &ret_verdict->checkpoint));
	return cosign(witness, &ret_verdict->checkpoint, time_s, out);
}

enum error
witness_add_checkpoint(struct witness *witness, const char *body, size_t bytes, uint64_t time_s,
		       struct witness_verdict *ret_verdict, struct strbuf *out)
{
	pthread_mutex_lock(&witness->lock);
	enum error e = answer(witness, body, bytes, time_s, ret_verdict, out);
	pthread_mutex_unlock(&witness->lock);
	return e;
}
