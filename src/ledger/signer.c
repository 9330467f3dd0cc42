/* The file signer: the seed comes from keys/log.key, what was signed last stands in once/signer:
 *
 *	tirkeu-signer/v1
 *	<vkey>
 *	<size>
 *	<base64 of root>
 *	<base64 of the root of a complete subtree>	one for each bit of the size, the largest subtree first
 *
 * It rests on nothing that the sequencer says: entries it has not seen it reads from the bundles, and what was before
 * stands in its edge. So the folder of tiles may be deleted and made again; of it the signer needs the bundles from the
 * one with its last size on. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ledger/base64.h"
#include "ledger/durable.h"
#include "ledger/signer.h"
#include "ledger/tile_file.h"

enum { STATE_BYTES_MAX = 16384 };
static const char state_head[] = "tirkeu-signer/v1";

struct file_signer {
	struct signer signer; /* first */
	unsigned char seed[NOTE_SEED_BYTES];
	char *state_path;
	char *folder;
	struct tree tree; /* what was signed last */
};

void
signer_close(struct signer *signer)
{
	if (signer != NULL)
		signer->close(signer);
}

/* ---- the state ---- */

static enum error
make_key(const struct signer_config *config, struct note_key *ret_key)
{
	unsigned char public_key[NOTE_PUBLIC_BYTES];

	TRY(note_public_key(config->seed, public_key));
	return note_key_make(NOTE_LOG, config->origin, public_key, ret_key);
}

static void
print_hash(struct strbuf *out, const unsigned char *hash)
{
	base64_print(out, hash, TREE_HASH_BYTES);
	strbuf_char(out, '\n');
}

static void
print_state(const struct note_key *key, const struct tree *tree, struct strbuf *out)
{
	unsigned char root[TREE_HASH_BYTES];

	tree_root(tree, root);
	strbuf_printf(out, "%s\n", state_head);
	note_key_print(key, out);
	strbuf_printf(out, "\n%" PRIu64 "\n", tree->size);
	print_hash(out, root);
	for (int level = TREE_LEVELS_MAX - 1; level >= 0; level--)
		if ((tree->size >> level & 1) != 0)
			print_hash(out, tree->edge[level]);
}

static enum error
write_state(const char *path, const struct note_key *key, const struct tree *tree)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };

	print_state(key, tree, &text);
	return durable_keep(path, text.text, text.bytes);
}

/* The next line, without its newline; false: none. */
static bool
next_line(const char **at, const char *end, const char **ret_line, size_t *ret_bytes)
{
	const char *newline = memchr(*at, '\n', (size_t)(end - *at));

	if (newline == NULL)
		return false;
	*ret_line = *at;
	*ret_bytes = (size_t)(newline - *at);
	*at = newline + 1;
	return true;
}

static bool
read_hash(const char **at, const char *end, unsigned char *ret_hash)
{
	const char *line = NULL;
	size_t bytes = 0, count = 0;

	return next_line(at, end, &line, &bytes) &&
	       base64_parse(line, bytes, TREE_HASH_BYTES, ret_hash, &count) == OK && count == TREE_HASH_BYTES;
}

static bool
read_size(const char **at, const char *end, uint64_t *ret_size)
{
	const char *line = NULL;
	size_t bytes = 0;
	char digits[24];

	if (!next_line(at, end, &line, &bytes) || bytes == 0 || bytes >= sizeof(digits))
		return false;
	snprintf(digits, sizeof(digits), "%.*s", (int)bytes, line);
	*ret_size = strtoull(digits, NULL, 10);
	return strspn(digits, "0123456789") == bytes && *ret_size < UINT64_C(1) << TREE_LEVELS_MAX;
}

/* A flipped bit anywhere shows: the edge must give the root that stands beside it. */
static bool
parse_state(const struct strbuf *file, struct note_key *ret_key, struct tree *ret_tree)
{
	const char *at = file->text, *end = file->text + file->bytes, *line = NULL;
	unsigned char root[TREE_HASH_BYTES], stated[TREE_HASH_BYTES];
	struct tree tree = { 0 };
	size_t bytes = 0;

	if (!next_line(&at, end, &line, &bytes) || bytes != strlen(state_head) || memcmp(line, state_head, bytes) != 0)
		return false;
	if (!next_line(&at, end, &line, &bytes) || note_key_parse(line, bytes, ret_key) != OK)
		return false;
	if (!read_size(&at, end, &tree.size) || !read_hash(&at, end, stated))
		return false;
	for (int level = TREE_LEVELS_MAX - 1; level >= 0; level--)
		if ((tree.size >> level & 1) != 0 && !read_hash(&at, end, tree.edge[level]))
			return false;
	tree_root(&tree, root);
	*ret_tree = tree;
	return at == end && memcmp(root, stated, sizeof(root)) == 0;
}

enum error
signer_file_read(const char *path, struct note_key *ret_key, struct tree *ret_tree)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	enum error e = durable_read(path, STATE_BYTES_MAX, &file);

	if (e != OK)
		return e == ERR_TOO_LARGE ? ERR_DAMAGED : e;
	return file.bytes > 0 && parse_state(&file, ret_key, ret_tree) ? OK : ERR_DAMAGED;
}

enum error
signer_file_begin(const struct signer_config *config)
{
	struct note_key key, there;
	struct tree tree = { 0 };

	enum error e = signer_file_read(config->state_path, &there, &tree);
	if (e == OK && tree.size > 0)
		return ERR_DUPLICATE;
	if (e != OK && e != ERR_NOT_FOUND)
		return e == ERR_DAMAGED ? ERR_DUPLICATE : e;
	TRY(make_key(config, &key));
	return write_state(config->state_path, &key, &(struct tree){ 0 });
}

/* ---- signing ---- */

/* The entries of one bundle that lie behind the tree, up to `size`. */
static enum error
append_bundle(const struct file_signer *signer, struct tree *tree, uint64_t size)
{
	AUTO(strbuf_done) struct strbuf file = { 0 };
	struct tile tile = tile_file_in(size, true, 0, tree->size / TILE_WIDTH);
	unsigned char leaves[TILE_WIDTH][TREE_HASH_BYTES];

	TRY(tile_file_read(signer->folder, &tile, &file));
	TRY(bundle_hashes(file.text, file.bytes, tile.width, leaves));
	for (unsigned i = (unsigned)(tree->size % TILE_WIDTH); i < tile.width; i++)
		tree_append(tree, leaves[i]);
	return OK;
}

/* `tree`, which is what was signed last, becomes that of the checkpoint. */
static enum error
follow(const struct file_signer *signer, const struct checkpoint *checkpoint, struct tree *tree, enum alarm *ret_alarm)
{
	unsigned char root[TREE_HASH_BYTES];
	enum error e = OK;

	*ret_alarm = ALARM_SIGNER_AHEAD;
	if (checkpoint->size < tree->size)
		return ERR_CONFLICT;
	while (e == OK && tree->size < checkpoint->size)
		e = append_bundle(signer, tree, checkpoint->size);
	*ret_alarm = ALARM_SIGNER_BUNDLES;
	if (e != OK)
		return e == ERR_IO ? e : ERR_CONFLICT;
	tree_root(tree, root);
	*ret_alarm = ALARM_SIGNER_ROOT;
	return memcmp(root, checkpoint->root, sizeof(root)) == 0 ? OK : ERR_CONFLICT;
}

/* What leaves is looked at once more with the public key alone: a fault of the machine in the middle of signing could
 * else give the private one away. */
static enum error
sign_text(const struct file_signer *signer, const struct strbuf *text, struct strbuf *ret_line)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	AUTO(strbuf_done) struct strbuf whole = { 0 };
	AUTO(strbuf_done) struct strbuf line = { 0 };
	unsigned char signature[NOTE_SIGNATURE_BYTES];
	struct note_mark mark = { 0 };
	struct note note;

	TRY(note_sign(signer->seed, text->text, text->bytes, signature));
	note_line_print(&signer->signer.key, 0, signature, &line);
	strbuf_printf(&whole, "%s\n%s", text->text, line.text);
	if (note_parse(arena, whole.text, whole.bytes, &note) != OK ||
	    note_verify(&note, &signer->signer.key, 1, &mark) != OK || !mark.is_signed)
		return ERR_FAULT;
	strbuf_add(ret_line, line.text, line.bytes);
	return OK;
}

static enum error
sign(struct signer *base, const struct checkpoint *checkpoint, struct strbuf *ret_line, enum alarm *ret_alarm)
{
	struct file_signer *signer = (struct file_signer *)base;
	AUTO(strbuf_done) struct strbuf text = { 0 };
	struct tree tree = signer->tree;

	if (strcmp(checkpoint->origin, base->key.name) != 0) {
		*ret_alarm = ALARM_KEY_DIFFERS;
		return ERR_CONFLICT;
	}
	TRY(follow(signer, checkpoint, &tree, ret_alarm));
	if (tree.size > signer->tree.size)
		TRY(write_state(signer->state_path, &base->key, &tree));
	signer->tree = tree;
	*ret_alarm = ALARM_NONE;
	checkpoint_print(checkpoint, &text);
	return sign_text(signer, &text, ret_line);
}

static uint64_t
signed_size(const struct signer *base)
{
	const struct file_signer *signer = (const struct file_signer *)base;

	return signer->tree.size;
}

static void
close_file(struct signer *base)
{
	struct file_signer *signer = (struct file_signer *)base;

	explicit_bzero(signer->seed, sizeof(signer->seed));
	free(signer->state_path);
	free(signer->folder);
	free(signer);
}

static struct file_signer *
new_signer(const struct signer_config *config)
{
	struct file_signer *signer = calloc(1, sizeof(*signer));

	if (signer == NULL)
		return NULL;
	signer->signer.sign = sign;
	signer->signer.size = signed_size;
	signer->signer.close = close_file;
	memcpy(signer->seed, config->seed, sizeof(signer->seed));
	signer->state_path = strdup(config->state_path);
	signer->folder = strdup(config->folder);
	return signer;
}

static bool
is_same_key(const struct note_key *a, const struct note_key *b)
{
	return strcmp(a->name, b->name) == 0 && a->type == b->type &&
	       memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0;
}

enum error
signer_file_open(const struct signer_config *config, enum alarm *ret_alarm, struct signer **ret_signer)
{
	struct note_key key, stated;
	struct tree tree;

	*ret_alarm = ALARM_KEY_LOST;
	if (config->seed == NULL)
		return ERR_CONFLICT;
	enum error e = make_key(config, &key);
	*ret_alarm = ALARM_ORIGIN;
	if (e != OK)
		return e == ERR_BAD_INPUT ? ERR_CONFLICT : e;
	*ret_alarm = ALARM_SIGNER_LOST;
	e = signer_file_read(config->state_path, &stated, &tree);
	if (e == ERR_NOT_FOUND || e == ERR_DAMAGED || (e == OK && !is_same_key(&key, &stated)))
		return ERR_CONFLICT;
	TRY(e);
	/* A program that was killed may have left a state that is read but not yet on the disk: what is signed for this
	 * size again rests on it. */
	TRY(durable_settle(config->state_path));
	struct file_signer *signer = new_signer(config);

	if (signer == NULL || signer->state_path == NULL || signer->folder == NULL) {
		if (signer != NULL)
			close_file(&signer->signer);
		return ERR_NO_MEMORY;
	}
	signer->signer.key = key;
	signer->tree = tree;
	*ret_alarm = ALARM_NONE;
	*ret_signer = &signer->signer;
	return OK;
}
