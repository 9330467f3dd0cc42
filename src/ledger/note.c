#include "ledger/note.h"
#include "ledger/base64.h"
#include "ledger/bytes.h"
#include "ledger/line.h"
#include "ledger/sha256.h"
#include "text/utf8.h"
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { TIME_BYTES = 8, ID_DIGITS = 2 * NOTE_ID_BYTES };

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a blank */

static inline void
free_pkey_at(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}
#define AUTO_PKEY __attribute__((cleanup(free_pkey_at)))

static inline void
free_context_at(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}
#define AUTO_CONTEXT __attribute__((cleanup(free_context_at)))

/* White_Space of Unicode 15, besides the control characters. */
static bool
is_space(uint32_t c)
{
	return c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
	       c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

bool
note_name_is_valid(const char *name, size_t bytes)
{
	if (bytes == 0 || bytes > NOTE_NAME_BYTES_MAX || !utf8_is_valid(name, bytes))
		return false;
	for (const char *at = name; at < name + bytes;) {
		uint32_t c = utf8_next(&at);

		if (c == '+' || is_space(c) || is_control(c))
			return false;
	}
	return true;
}

/* `key` is the type and the public key. */
static void
key_id(const char *name, const unsigned char *key, size_t key_bytes, unsigned char ret_id[static NOTE_ID_BYTES])
{
	unsigned char digest[SHA256_BYTES];
	struct sha256 hash;

	sha256_begin(&hash);
	sha256_add(&hash, name, strlen(name));
	sha256_add(&hash, "\n", 1);
	sha256_add(&hash, key, key_bytes);
	sha256_end(&hash, digest);
	memcpy(ret_id, digest, NOTE_ID_BYTES);
}

static bool
is_known_type(unsigned type)
{
	return type == NOTE_LOG || type == NOTE_WITNESS;
}

enum error
note_key_make(enum note_type type, const char *name, const unsigned char public_key[static NOTE_PUBLIC_BYTES],
	      struct note_key *ret_key)
{
	unsigned char typed[1 + NOTE_PUBLIC_BYTES] = { (unsigned char)type };

	assert(is_known_type(type));
	if (!note_name_is_valid(name, strlen(name)))
		return ERR_BAD_INPUT;
	memcpy(typed + 1, public_key, NOTE_PUBLIC_BYTES);
	*ret_key = (struct note_key){ .type = type };
	memcpy(ret_key->name, name, strlen(name) + 1);
	memcpy(ret_key->public_key, public_key, NOTE_PUBLIC_BYTES);
	key_id(name, typed, sizeof(typed), ret_key->id);
	return OK;
}

void
note_key_print(const struct note_key *key, struct strbuf *out)
{
	unsigned char typed[1 + NOTE_PUBLIC_BYTES] = { (unsigned char)key->type };

	assert(is_known_type(key->type));
	memcpy(typed + 1, key->public_key, NOTE_PUBLIC_BYTES);
	strbuf_printf(out, "%s+%08" PRIx32 "+", key->name, (uint32_t)get_unsigned(key->id, NOTE_ID_BYTES));
	base64_print(out, typed, sizeof(typed));
}

enum error
note_key_parse(const char *text, size_t bytes, struct note_key *ret_key)
{
	const char *plus = bytes == 0 || bytes > NOTE_VKEY_BYTES_MAX ? NULL : memchr(text, '+', bytes);
	unsigned char typed[NOTE_VKEY_BYTES_MAX];
	struct note_key key = { 0 };
	char id[ID_DIGITS + 1];
	size_t count = 0;

	if (plus == NULL || !note_name_is_valid(text, (size_t)(plus - text)))
		return ERR_BAD_INPUT;
	memcpy(key.name, text, (size_t)(plus - text));
	size_t left = bytes - (size_t)(plus + 1 - text);

	if (left <= ID_DIGITS + 1 || plus[1 + ID_DIGITS] != '+')
		return ERR_BAD_INPUT;
	TRY(base64_parse(plus + ID_DIGITS + 2, left - ID_DIGITS - 1, sizeof(typed), typed, &count));
	if (count == 0)
		return ERR_BAD_INPUT;
	key.type = typed[0];
	key_id(key.name, typed, count, key.id);
	snprintf(id, sizeof(id), "%08" PRIx32, (uint32_t)get_unsigned(key.id, NOTE_ID_BYTES));
	if (memcmp(plus + 1, id, ID_DIGITS) != 0)
		return ERR_BAD_INPUT;
	if (is_known_type(key.type)) {
		if (count != 1 + NOTE_PUBLIC_BYTES)
			return ERR_BAD_INPUT;
		memcpy(key.public_key, typed + 1, NOTE_PUBLIC_BYTES);
	}
	*ret_key = key;
	return OK;
}

enum error
note_public_key(const unsigned char seed[static NOTE_SEED_BYTES], unsigned char ret_public[static NOTE_PUBLIC_BYTES])
{
	AUTO_PKEY EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_SEED_BYTES);
	size_t bytes = NOTE_PUBLIC_BYTES;

	if (key == NULL || EVP_PKEY_get_raw_public_key(key, ret_public, &bytes) != 1 || bytes != NOTE_PUBLIC_BYTES)
		return ERR_FAULT;
	return OK;
}

enum error
note_sign(const unsigned char seed[static NOTE_SEED_BYTES], const char *text, size_t bytes,
	  unsigned char ret_signature[static NOTE_SIGNATURE_BYTES])
{
	AUTO_PKEY EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_SEED_BYTES);
	AUTO_CONTEXT EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t signature_bytes = NOTE_SIGNATURE_BYTES;

	if (key == NULL || context == NULL || EVP_DigestSignInit(context, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(context, ret_signature, &signature_bytes, (const unsigned char *)text, bytes) != 1 ||
	    signature_bytes != NOTE_SIGNATURE_BYTES)
		return ERR_FAULT;
	return OK;
}

/* What a witness signs. */
static void
cosigned_text(uint64_t time_s, const char *text, size_t bytes, struct strbuf *out)
{
	strbuf_printf(out, "cosignature/v1\ntime %" PRIu64 "\n", time_s);
	strbuf_add(out, text, bytes);
}

enum error
note_cosign(const unsigned char seed[static NOTE_SEED_BYTES], uint64_t time_s, const char *text, size_t bytes,
	    unsigned char ret_signature[static NOTE_SIGNATURE_BYTES])
{
	AUTO(strbuf_done) struct strbuf message = { 0 };

	assert(time_s <= INT64_MAX);
	cosigned_text(time_s, text, bytes, &message);
	return note_sign(seed, message.text, message.bytes, ret_signature);
}

void
note_line_print(const struct note_key *key, uint64_t time_s, const unsigned char signature[static NOTE_SIGNATURE_BYTES],
		struct strbuf *out)
{
	unsigned char bytes[NOTE_ID_BYTES + TIME_BYTES + NOTE_SIGNATURE_BYTES];
	size_t count = NOTE_ID_BYTES;

	assert(is_known_type(key->type) && (key->type == NOTE_WITNESS || time_s == 0));
	memcpy(bytes, key->id, NOTE_ID_BYTES);
	if (key->type == NOTE_WITNESS) {
		put_u64(bytes + count, time_s);
		count += TIME_BYTES;
	}
	memcpy(bytes + count, signature, NOTE_SIGNATURE_BYTES);
	strbuf_printf(out, "%s%s ", dash, key->name);
	base64_print(out, bytes, count + NOTE_SIGNATURE_BYTES);
	strbuf_char(out, '\n');
}

static bool
is_plain_text(const char *bytes, size_t count)
{
	if (!utf8_is_valid(bytes, count))
		return false;
	for (const char *at = bytes; at < bytes + count;) {
		uint32_t c = utf8_next(&at);

		if (c != '\n' && is_control(c))
			return false;
	}
	return true;
}

/* The byte behind the last empty line; NULL when there is none. */
static const char *
find_signatures(const char *bytes, size_t count)
{
	for (size_t i = count; i >= 2; i--)
		if (bytes[i - 1] == '\n' && bytes[i - 2] == '\n')
			return bytes + i;
	return NULL;
}

/* "— name base64", without its newline. */
static enum error
read_line(struct arena *arena, const char *text, size_t bytes, struct note_line *ret_line)
{
	const size_t dash_bytes = sizeof(dash) - 1;

	if (bytes <= dash_bytes || memcmp(text, dash, dash_bytes) != 0)
		return ERR_BAD_INPUT;
	const char *name = text + dash_bytes, *end = text + bytes;
	const char *blank = memchr(name, ' ', bytes - dash_bytes);

	if (blank == NULL || !note_name_is_valid(name, (size_t)(blank - name)))
		return ERR_BAD_INPUT;
	size_t capacity = (size_t)(end - blank), count = 0;
	unsigned char *raw = arena_take(arena, capacity);

	TRY(base64_parse(blank + 1, (size_t)(end - blank) - 1, capacity, raw, &count));
	if (count <= NOTE_ID_BYTES)
		return ERR_BAD_INPUT;
	*ret_line = (struct note_line){
		.name = arena_copy(arena, name, (size_t)(blank - name)),
		.signature = raw + NOTE_ID_BYTES,
		.signature_bytes = count - NOTE_ID_BYTES,
		.text = text,
		.text_bytes = bytes + 1,
	};
	memcpy(ret_line->id, raw, NOTE_ID_BYTES);
	return OK;
}

enum error
note_parse(struct arena *arena, const char *bytes, size_t count, struct note *ret_note)
{
	if (count == 0 || count > NOTE_BYTES_MAX || bytes[count - 1] != '\n' || !is_plain_text(bytes, count))
		return ERR_BAD_INPUT;
	const char *signatures = find_signatures(bytes, count);
	struct line_reader reader = { .at = signatures, .end = bytes + count };
	struct note_line *lines = NULL;
	size_t line_count = 0, capacity = 0, text_bytes = 0;
	const char *text = NULL;

	if (signatures == NULL)
		return ERR_BAD_INPUT;
	while (line_next(&reader, &text, &text_bytes)) {
		struct note_line line;

		if (line_count == NOTE_LINES_MAX)
			return ERR_BAD_INPUT;
		TRY(read_line(arena, text, text_bytes, &line));
		*ARENA_PUSH(arena, lines, line_count, capacity) = line;
	}
	if (line_count == 0)
		return ERR_BAD_INPUT;
	*ret_note = (struct note){
		.text = bytes,
		.text_bytes = (size_t)(signatures - bytes) - 1,
		.lines = lines,
		.line_count = line_count,
	};
	return OK;
}

static enum error
verify_bytes(const struct note_key *key, const char *text, size_t bytes, const unsigned char *signature)
{
	AUTO_PKEY EVP_PKEY *public_key =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->public_key, NOTE_PUBLIC_BYTES);
	AUTO_CONTEXT EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (public_key == NULL || context == NULL || EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) != 1)
		return ERR_FAULT;
	return EVP_DigestVerify(context, signature, NOTE_SIGNATURE_BYTES, (const unsigned char *)text, bytes) == 1
		       ? OK
		       : ERR_BAD_INPUT;
}

/* The witness's line and when it was made. */
static enum error
verify_cosignature(const struct note_key *key, const struct note *note, const struct note_line *line,
		   uint64_t *ret_time_s)
{
	AUTO(strbuf_done) struct strbuf message = { 0 };

	if (line->signature_bytes != TIME_BYTES + NOTE_SIGNATURE_BYTES)
		return ERR_BAD_INPUT;
	uint64_t time_s = get_unsigned(line->signature, TIME_BYTES);

	if (time_s > INT64_MAX)
		return ERR_BAD_INPUT;
	cosigned_text(time_s, note->text, note->text_bytes, &message);
	TRY(verify_bytes(key, message.text, message.bytes, line->signature + TIME_BYTES));
	*ret_time_s = time_s;
	return OK;
}

static enum error
verify_line(const struct note_key *key, const struct note *note, const struct note_line *line, uint64_t *ret_time_s)
{
	if (key->type == NOTE_WITNESS)
		return verify_cosignature(key, note, line, ret_time_s);
	if (line->signature_bytes != NOTE_SIGNATURE_BYTES)
		return ERR_BAD_INPUT;
	*ret_time_s = 0;
	return verify_bytes(key, note->text, note->text_bytes, line->signature);
}

enum error
note_verify(const struct note *note, const struct note_key *keys, size_t key_count, struct note_mark *ret_marks)
{
	for (size_t k = 0; k < key_count; k++) {
		const struct note_key *key = &keys[k];
		struct note_mark mark = { 0 };

		for (size_t i = 0; i < note->line_count && is_known_type(key->type); i++) {
			const struct note_line *line = &note->lines[i];
			uint64_t time_s = 0;

			if (strcmp(line->name, key->name) != 0 || memcmp(line->id, key->id, NOTE_ID_BYTES) != 0)
				continue;
			TRY(verify_line(key, note, line, &time_s));
			mark.is_signed = true;
			/* A witness may have signed the same size again later. */
			mark.time_s = time_s > mark.time_s ? time_s : mark.time_s;
		}
		ret_marks[k] = mark;
	}
	return OK;
}
