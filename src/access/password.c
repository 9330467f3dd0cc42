#include "access/password.h"
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "text/utf8.h"

static_assert(sizeof(((struct password_hash *)NULL)->text) >= crypto_pwhash_STRBYTES, "libsodium's text fits");

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_free = PTHREAD_COND_INITIALIZER;
static size_t hashing_count, waiting_count;
static struct access_cost cost = ACCESS_COST_FULL;

/* Words that passwords are made of most often; compared in lower case, see is_common. */
static const char *const common_words[] = {
#define COMMON(word) word,
#include "access/common.def"
#undef COMMON
};

void
access_set_cost(const struct access_cost *new_cost)
{
	assert(new_cost->passes >= crypto_pwhash_OPSLIMIT_MIN && new_cost->memory_bytes >= crypto_pwhash_MEMLIMIT_MIN);
	pthread_mutex_lock(&gate_lock);
	cost = *new_cost;
	pthread_mutex_unlock(&gate_lock);
}

static enum error
gate_enter(struct access_cost *ret_cost)
{
	enum error e = OK;

	pthread_mutex_lock(&gate_lock);
	if (hashing_count == ACCESS_HASHES_AT_ONCE && waiting_count == ACCESS_HASHES_WAITING) {
		e = ERR_BUSY;
	} else {
		waiting_count++;
		while (hashing_count == ACCESS_HASHES_AT_ONCE)
			pthread_cond_wait(&gate_free, &gate_lock);
		waiting_count--;
		hashing_count++;
		*ret_cost = cost;
	}
	pthread_mutex_unlock(&gate_lock);
	return e;
}

static void
gate_leave(void)
{
	pthread_mutex_lock(&gate_lock);
	hashing_count--;
	pthread_cond_signal(&gate_free);
	pthread_mutex_unlock(&gate_lock);
}

/* The same letters may reach us composed or not, depending on the keyboard. NULL: not a password. */
static char *
canonical(struct arena *arena, const char *password)
{
	size_t bytes = strnlen(password, PASSWORD_BYTES_MAX + 1);

	if (bytes > PASSWORD_BYTES_MAX || !utf8_is_valid(password, bytes))
		return NULL;
	return utf8_normalise(arena, password, bytes);
}

enum error
account_hash(const char *password, struct password_hash *ret_hash)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	struct access_cost with;
	char *plain = canonical(arena, password);

	if (plain == NULL)
		return ERR_BAD_INPUT;
	enum error e = gate_enter(&with);

	if (e == OK) {
		if (crypto_pwhash_str_alg(ret_hash->text, plain, strlen(plain), with.passes, with.memory_bytes,
					  crypto_pwhash_ALG_ARGON2ID13) != 0)
			e = ERR_NO_MEMORY;
		gate_leave();
	}
	sodium_memzero(plain, strlen(plain));
	return e;
}

/* Looks like a hash at the cost in force, and fits nothing that anyone can type. */
static void
print_dummy(const struct access_cost *with, char ret_text[static crypto_pwhash_STRBYTES])
{
	memset(ret_text, 0, crypto_pwhash_STRBYTES);
	snprintf(ret_text, crypto_pwhash_STRBYTES, "$argon2id$v=19$m=%zu,t=%u,p=1$%.22s$%.43s",
		 with->memory_bytes / 1024, with->passes, "AAAAAAAAAAAAAAAAAAAAAA",
		 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

static bool
is_outdated(const char *hash, const struct access_cost *with)
{
	unsigned long long memory_kib, passes;

	if (sscanf(hash, "$argon2id$v=%*d$m=%llu,t=%llu", &memory_kib, &passes) != 2)
		return true;
	return memory_kib * passes < (unsigned long long)(with->memory_bytes / 1024) * with->passes;
}

enum error
password_verify(const char *hash, const char *password, bool *ret_fits, bool *ret_outdated)
{
	AUTO(arena_free) struct arena *arena = arena_new();
	char dummy[crypto_pwhash_STRBYTES];
	struct access_cost with;
	char *plain = canonical(arena, password);

	TRY(gate_enter(&with));
	print_dummy(&with, dummy);
	bool is_dummy = hash == NULL || plain == NULL;
	const char *typed = plain != NULL ? plain : "";
	bool fits = crypto_pwhash_str_verify(is_dummy ? dummy : hash, typed, strlen(typed)) == 0;

	gate_leave();
	if (plain != NULL)
		sodium_memzero(plain, strlen(plain));
	*ret_fits = fits && !is_dummy;
	*ret_outdated = *ret_fits && is_outdated(hash, &with);
	return OK;
}

/* "abcabcabcabc", "1111111111": a part of at most half its length, again and again. */
static bool
repeats_itself(const char *text, size_t bytes)
{
	for (size_t part = 1; part <= bytes / 2; part++) {
		size_t i = part;

		while (i < bytes && text[i] == text[i - part])
			i++;
		if (i == bytes)
			return true;
	}
	return false;
}

/* "0123456789", "hgfedcba", "qwertyuiop", "йцукенгшщз": each character next to the one before it. */
static bool
runs_along(const char *text)
{
	static const char *const rows[] = {
		"01234567890123456789",
		"09876543210987654321",
		"abcdefghijklmnopqrstuvwxyz",
		"zyxwvutsrqponmlkjihgfedcba",
		"qwertyuiop[]asdfghjkl;'zxcvbnm,./",
		"1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,",
		"1q2w3e4r5t6y7u8i9o0p",
		"q1w2e3r4t5y6u7i8o9p0",
		"абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
		"йцукенгшщзхъфывапролджэячсмитьбю",
		"абвгдежзийклмнопрстуфхцчшщъыьэюя",
		"qwertzuiopasdfghjklyxcvbnm",
		"qazwsxedcrfvtgbyhnujmikolp",
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (strstr(rows[i], text) != NULL)
			return true;
	return false;
}

static bool
is_word(const char *text, size_t bytes)
{
	for (size_t i = 0; i < ARRAY_COUNT(common_words); i++)
		if (strlen(common_words[i]) == bytes && memcmp(common_words[i], text, bytes) == 0)
			return true;
	return false;
}

/* Digits and ASCII signs: what is put around a word to please a rule. */
static bool
is_garnish(char c)
{
	return (unsigned char)c < 128 && !(c >= 'a' && c <= 'z');
}

/* `text` is in lower case: a common word or two, the account's name, a run or a repetition, with garnish around. */
static bool
is_common(const char *text, const char *name)
{
	size_t bytes = strlen(text), first = 0, end = bytes;

	if (repeats_itself(text, bytes) || runs_along(text) || is_word(text, bytes))
		return true;
	while (first < end && is_garnish(text[first]))
		first++;
	while (end > first && is_garnish(text[end - 1]))
		end--;
	size_t core = end - first;

	if (core == 0)
		return bytes < 12; /* a day of birth, a telephone number */
	if (bytes - core > 6)
		return false;
	if (is_word(text + first, core) || (core >= 6 && repeats_itself(text + first, core)))
		return true;
	if (name != NULL && strlen(name) >= 3 && strlen(name) == core && memcmp(text + first, name, core) == 0)
		return true;
	for (size_t cut = 3; cut + 3 <= core; cut++)
		if (is_word(text + first, cut) && is_word(text + first + cut, core - cut))
			return true;
	return false;
}

enum error
password_check(const char *name, const char *password, struct problem *problem)
{
	static_assert(PASSWORD_CHARS_MIN == 10, "the sentence below");
	AUTO(arena_free) struct arena *arena = arena_new();
	char *plain = password == NULL ? NULL : canonical(arena, password);

	if (plain == NULL)
		return problem_add(problem, ERR_BAD_INPUT, "password", MSG_PASSWORD_WEAK, "10", NULL);
	char *lower = utf8_lower(arena, plain);
	bool is_weak = utf8_count(plain, strlen(plain)) < PASSWORD_CHARS_MIN || is_common(lower, name) ||
		       (name != NULL && strcmp(lower, name) == 0);

	sodium_memzero(plain, strlen(plain));
	sodium_memzero(lower, strlen(lower));
	return is_weak ? problem_add(problem, ERR_BAD_INPUT, "password", MSG_PASSWORD_WEAK, "10", NULL) : OK;
}
