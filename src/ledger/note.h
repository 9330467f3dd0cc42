/* note.h - signed notes, their keys and cosignatures (docs/ledger.md 4.1; c2sp.org/signed-note and
 * c2sp.org/tlog-cosignature). Ed25519 (RFC 8032) through libcrypto. Pure: time and keys come in as arguments, and the
 * reader refuses whatever the writer would not write. */
#pragma once
#include "base/arena.h"
#include "base/strbuf.h"

enum {
	NOTE_NAME_BYTES_MAX = 255,
	NOTE_ID_BYTES = 4,
	NOTE_PUBLIC_BYTES = 32,
	NOTE_SEED_BYTES = 32, /* the private key of RFC 8032 */
	NOTE_SIGNATURE_BYTES = 64,
	NOTE_LINES_MAX = 100,
	NOTE_BYTES_MAX = 1024 * 1024,
	NOTE_VKEY_BYTES_MAX = 4096,
};
enum note_type { NOTE_LOG = 0x01, NOTE_WITNESS = 0x04 };

/* A public key with its name. Of a type that is not in enum note_type only name, type and id are known: such a key
 * verifies nothing and is skipped. */
struct note_key {
	char name[NOTE_NAME_BYTES_MAX + 1];
	unsigned type;
	unsigned char id[NOTE_ID_BYTES];
	unsigned char public_key[NOTE_PUBLIC_BYTES];
};

/* 1..255 bytes of UTF-8 without spaces of any kind, control characters and plus signs. */
bool note_name_is_valid(const char *name, size_t bytes);
/* ERR_BAD_INPUT: the name. */
NODISCARD enum error note_key_make(enum note_type type, const char *name,
				   const unsigned char public_key[static NOTE_PUBLIC_BYTES], struct note_key *ret_key);
/* The vkey: name "+" id in hex "+" base64(type || public key). Of known types only. */
void note_key_print(const struct note_key *key, struct strbuf *out);
/* ERR_BAD_INPUT: not a vkey, or an id that is not that of name and key. Small letters in the id only. */
NODISCARD enum error note_key_parse(const char *text, size_t bytes, struct note_key *ret_key);

/* The public key of a private one. ERR_FAULT: libcrypto failed. */
NODISCARD enum error note_public_key(const unsigned char seed[static NOTE_SEED_BYTES],
				     unsigned char ret_public[static NOTE_PUBLIC_BYTES]);

/* A note in parts; all point into the arena or the note's own bytes. */
struct note_line {
	const char *name; /* with a NUL */
	unsigned char id[NOTE_ID_BYTES];
	const unsigned char *signature; /* what follows the id */
	size_t signature_bytes;         /* at least 1 */
	const char *text;               /* the whole line with its newline */
	size_t text_bytes;
};
struct note {
	const char *text; /* what is signed, with its final newline; not NUL-terminated */
	size_t text_bytes;
	const struct note_line *lines; /* at least one */
	size_t line_count;
};
/* ERR_BAD_INPUT: control characters but newlines, invalid UTF-8, no final newline, no signature, a line that is not
 * one, base64 spelt otherwise, too long. Nothing is verified yet. */
NODISCARD enum error note_parse(struct arena *arena, const char *bytes, size_t count, struct note *ret_note);

/* What a key said to the note. */
struct note_mark {
	bool is_signed;
	uint64_t time_s; /* of a witness; else 0 */
};
/* Verifies the lines of the given keys (same name and id) and fills one mark a key; lines of others are ignored.
 * OK does not mean that any key signed: look at the marks. ERR_BAD_INPUT: a line of a known key does not hold, which
 * spoils the note. ERR_FAULT: libcrypto failed. */
NODISCARD enum error note_verify(const struct note *note, const struct note_key *keys, size_t key_count,
				 struct note_mark *ret_marks);

/* The signature of a log key over `text`, and that of a witness over the cosignature/v1 message for `time_s`.
 * ERR_FAULT: libcrypto failed. */
NODISCARD enum error note_sign(const unsigned char seed[static NOTE_SEED_BYTES], const char *text, size_t bytes,
			       unsigned char ret_signature[static NOTE_SIGNATURE_BYTES]);
NODISCARD enum error note_cosign(const unsigned char seed[static NOTE_SEED_BYTES], uint64_t time_s, const char *text,
				 size_t bytes, unsigned char ret_signature[static NOTE_SIGNATURE_BYTES]);
/* Appends the signature line that carries it; `time_s` is 0 for a log key. A signed note is the text, one empty line
 * and these lines. */
void note_line_print(const struct note_key *key, uint64_t time_s,
		     const unsigned char signature[static NOTE_SIGNATURE_BYTES], struct strbuf *out);
