/* secret.h - what the program draws and hands out once: tokens of sessions and programs, their CSRF
 * partner, one-time codes. Only hashes of them are kept. */
#pragma once
#include "access/access.h"

enum { SECRET_HASH_BYTES = 32, SECRET_RAW_BYTES = 32, SECRET_ID_BYTES = 16 };

enum secret_kind { SECRET_SESSION, SECRET_TOKEN }; /* "ts_" and "tk_" before 43 characters of base64url */

struct secret_hash {
	unsigned char bytes[SECRET_HASH_BYTES];
};

void secret_draw(enum secret_kind kind, char ret_text[static TOKEN_TEXT_BYTES]);
/* false: not the form of a token. */
bool secret_hash(const char *text, enum secret_kind *ret_kind, struct secret_hash *ret_hash);
/* What a page must send beside its cookie: made from the token, so that nothing more is kept. */
void secret_csrf(const char *text, char ret_csrf[static TOKEN_TEXT_BYTES]);
bool secret_csrf_fits(const char *text, const char *csrf);

/* Twelve of 32 characters (60 bits) as XXXX-XXXX-XXXX; no I, L, O, U. */
void secret_code_draw(char ret_code[static ACTIVATION_CODE_BYTES]);
/* Case, blanks and hyphens do not matter; O is read as 0, I and L as 1. false: not the form of a code. */
bool secret_code_hash(int64_t account, const char *code, struct secret_hash *ret_hash);
