/* The file: "tirkeu data keys 1\n", then one record of 128 bytes a rule and month, oldest first:
 * u32 number || u32 rule || u32 month || u8 destroyed parts (sum of 1 header, 2 detail, 4 payload) || 3 zero bytes ||
 * u64 first index || three keys of 32 bytes (zeros when destroyed) || the first 8 bytes of SHA-256 over all before it
 * in the record.
 * Few and seldom: it is written anew as a whole each time, and the version before is overwritten. */
#include "ledger/data_key.h"
#include "base/memory.h"
#include "base/day.h"
#include "base/random.h"
#include "ledger/bytes.h"
#include "ledger/durable.h"
#include "ledger/sha256.h"
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEY_BYTES = 32,
	RECORD_BYTES = 128,
	RECORD_FIRST_AT = 16,
	RECORD_KEYS_AT = 24,
	RECORD_CHECK_AT = RECORD_KEYS_AT + SEAL_PART_COUNT * KEY_BYTES,
	RECORD_CHECK_BYTES = 8,
	FILE_BYTES_MAX = 16 << 20,
};

static const char file_head[] = "tirkeu data keys 1\n";

struct held_key {
	struct data_key about;
	unsigned char secrets[SEAL_PART_COUNT][KEY_BYTES];
};

struct data_keys {
	char *path, *folder;
	char *old, *fresh;     /* PATH.old, PATH.new: what is overwritten, what durable_write writes */
	pthread_rwlock_t lock; /* over what follows */
	struct held_key *items;
	size_t count, capacity;
};

/* ---- the file ---- */

static void
check_of(const unsigned char record[static RECORD_BYTES], unsigned char ret_check[static SHA256_BYTES])
{
	struct sha256 hash;

	sha256_begin(&hash);
	sha256_add(&hash, record, RECORD_CHECK_AT);
	sha256_end(&hash, ret_check);
}

static void
print_record(const struct held_key *key, unsigned char record[static RECORD_BYTES])
{
	unsigned char check[SHA256_BYTES];

	memset(record, 0, RECORD_BYTES);
	put_u32(record, key->about.number);
	put_u32(record + 4, key->about.rule);
	put_u32(record + 8, key->about.month);
	for (int part = 0; part < SEAL_PART_COUNT; part++)
		record[12] |= (unsigned char)(key->about.destroyed[part] << part);
	put_u64(record + RECORD_FIRST_AT, key->about.first);
	memcpy(record + RECORD_KEYS_AT, key->secrets, sizeof(key->secrets));
	check_of(record, check);
	memcpy(record + RECORD_CHECK_AT, check, RECORD_CHECK_BYTES);
}

static bool
parse_record(const unsigned char *record, struct held_key *key)
{
	static const unsigned char none[KEY_BYTES];
	unsigned char check[SHA256_BYTES];

	check_of(record, check);
	if (memcmp(check, record + RECORD_CHECK_AT, RECORD_CHECK_BYTES) != 0)
		return false;
	*key = (struct held_key){ .about = { .number = (uint32_t)get_unsigned(record, 4),
					     .rule = (uint32_t)get_unsigned(record + 4, 4),
					     .month = (uint32_t)get_unsigned(record + 8, 4),
					     .first = get_unsigned(record + RECORD_FIRST_AT, 8) } };
	memcpy(key->secrets, record + RECORD_KEYS_AT, sizeof(key->secrets));
	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		key->about.destroyed[part] = (record[12] >> part & 1) != 0;
		if (key->about.destroyed[part] != (memcmp(key->secrets[part], none, KEY_BYTES) == 0))
			return false;
	}
	return key->about.number != 0;
}

static void
print_file(const struct data_keys *keys, struct strbuf *out)
{
	unsigned char record[RECORD_BYTES];

	strbuf_text(out, file_head);
	for (size_t i = 0; i < keys->count; i++) {
		print_record(&keys->items[i], record);
		strbuf_add(out, record, sizeof(record));
	}
	explicit_bzero(record, sizeof(record));
}

static void
wipe(struct strbuf *text)
{
	if (text->capacity > 0)
		explicit_bzero(text->text, text->capacity);
}

/* What a write that was cut short left of this name, unless it is the file itself: a crash before the new file had its
 * name. */
static enum error
wipe_left(const struct data_keys *keys, const char *path)
{
	struct stat file, left;

	if (lstat(path, &left) != 0)
		return errno == ENOENT ? OK : ERR_IO;
	if (stat(keys->path, &file) != 0 && errno != ENOENT)
		return ERR_IO;
	if (left.st_nlink > 1 && left.st_dev == file.st_dev && left.st_ino == file.st_ino)
		return unlink(path) == 0 ? OK : ERR_IO;
	return durable_wipe(path);
}

/* The old file has a second name, under which it is overwritten when the new one is there. Where the disk writes
 * elsewhere instead nothing is destroyed by that, which is why the folder of the keys wants a disk of its own. */
static enum error
replace_file(const struct data_keys *keys, const struct strbuf *text)
{
	if (link(keys->path, keys->old) != 0 && errno != ENOENT)
		return ERR_IO;
	TRY(durable_sync(keys->folder));
	TRY(durable_keep(keys->path, text->text, text->bytes));
	return wipe_left(keys, keys->old);
}

/* No copy of a key may outlast it: of each version of the file, whole or not, only the newest remains. */
static enum error
wipe_all_left(const struct data_keys *keys)
{
	TRY(wipe_left(keys, keys->fresh));
	return wipe_left(keys, keys->old);
}

static enum error
write_file(const struct data_keys *keys)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };

	TRY(wipe_all_left(keys));
	print_file(keys, &out);
	enum error e = replace_file(keys, &out);
	wipe(&out);
	return e;
}

static void
make_room(struct data_keys *keys)
{
	if (keys->count < keys->capacity)
		return;
	size_t capacity = keys->capacity == 0 ? 64 : 2 * keys->capacity;
	struct held_key *items = must_have(calloc(capacity, sizeof(*items)));

	if (keys->count > 0)
		memcpy(items, keys->items, keys->count * sizeof(*items));
	if (keys->items != NULL)
		explicit_bzero(keys->items, keys->count * sizeof(*items));
	free(keys->items);
	keys->items = items;
	keys->capacity = capacity;
}

static enum error
parse_file(struct data_keys *keys, const struct strbuf *text)
{
	size_t head = sizeof(file_head) - 1;

	if (text->bytes < head || memcmp(text->text, file_head, head) != 0 || (text->bytes - head) % RECORD_BYTES != 0)
		return ERR_DAMAGED;
	for (size_t at = head; at < text->bytes; at += RECORD_BYTES) {
		make_room(keys);
		if (!parse_record((const unsigned char *)text->text + at, &keys->items[keys->count]))
			return ERR_DAMAGED;
		keys->count++;
	}
	return OK;
}

static enum error
read_file(struct data_keys *keys)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	enum error e = durable_read(keys->path, FILE_BYTES_MAX, &text);

	if (e == OK)
		e = parse_file(keys, &text);
	wipe(&text);
	return e;
}

static enum error
new_keys(const char *path, struct data_keys **ret_keys)
{
	AUTO(data_keys_free) struct data_keys *keys = calloc(1, sizeof(*keys));
	const char *slash = strrchr(path, '/');

	if (keys == NULL)
		return ERR_NO_MEMORY;
	pthread_rwlock_init(&keys->lock, NULL);
	keys->path = strdup(path);
	keys->folder = slash == NULL ? strdup(".") : strndup(path, (size_t)(slash - path));
	if (keys->path == NULL || keys->folder == NULL || asprintf(&keys->old, "%s.old", path) < 0 ||
	    asprintf(&keys->fresh, "%s.new", path) < 0)
		return ERR_NO_MEMORY;
	*ret_keys = TAKE(keys);
	return OK;
}

enum error
data_keys_make(const char *path)
{
	AUTO(data_keys_free) struct data_keys *keys = NULL;

	TRY(new_keys(path, &keys));
	return write_file(keys);
}

static enum error
open_once(const char *path, struct data_keys **ret_keys)
{
	AUTO(data_keys_free) struct data_keys *keys = NULL;

	TRY(new_keys(path, &keys));
	TRY(read_file(keys));
	*ret_keys = TAKE(keys);
	return OK;
}

enum error
data_keys_open(const char *path, struct data_keys **ret_keys)
{
	enum error e = open_once(path, ret_keys);

	/* A server may have replaced and overwritten the file while we read it. */
	return e == ERR_DAMAGED ? open_once(path, ret_keys) : e;
}

void
data_keys_free(struct data_keys *keys)
{
	if (keys == NULL)
		return;
	if (keys->items != NULL)
		explicit_bzero(keys->items, keys->capacity * sizeof(*keys->items));
	free(keys->items);
	free(keys->fresh);
	free(keys->old);
	free(keys->folder);
	free(keys->path);
	pthread_rwlock_destroy(&keys->lock);
	free(keys);
}

/* ---- finding ---- */

uint32_t
data_key_month(int64_t time_ms)
{
	struct civil civil = day_civil(time_ms / DAY_MS - (time_ms % DAY_MS < 0));

	return (uint32_t)(civil.year * 12 + civil.month - 1);
}

/* No longer good for all parts of an entry. */
static bool
is_spoilt(const struct data_key *about)
{
	bool spoilt = false;

	for (int part = 0; part < SEAL_PART_COUNT; part++)
		spoilt = spoilt || about->destroyed[part];
	return spoilt;
}

/* The newest come last and are asked for most. */
static const struct data_key *
find(const struct data_keys *keys, uint32_t rule, uint32_t month, uint64_t size)
{
	for (size_t i = keys->count; i > 0; i--) {
		const struct data_key *about = &keys->items[i - 1].about;

		if (about->month > month + 1)
			break;
		if (about->rule == rule && about->month == month && about->first <= size && !is_spoilt(about))
			return about;
	}
	return NULL;
}

static struct held_key *
find_number(const struct data_keys *keys, uint32_t number)
{
	for (size_t i = keys->count; i > 0; i--)
		if (keys->items[i - 1].about.number == number)
			return &keys->items[i - 1];
	return NULL;
}

/* Random, so that a number given after an old copy of the file came back is not one that was given before. */
static uint32_t
new_number(const struct data_keys *keys)
{
	uint32_t number = 0;

	while (number == 0 || find_number(keys, number) != NULL) {
		random_bytes(&number, sizeof(number));
		number &= INT32_MAX;
	}
	return number;
}

static enum error
add(struct data_keys *keys, uint32_t rule, uint32_t month, uint64_t size, uint32_t *ret_number)
{
	make_room(keys);
	struct held_key *key = &keys->items[keys->count];

	*key = (struct held_key){ .about = {
					  .number = new_number(keys), .rule = rule, .month = month, .first = size } };
	random_bytes(key->secrets, sizeof(key->secrets));
	keys->count++;
	enum error e = write_file(keys);
	if (e == OK) {
		*ret_number = key->about.number;
		return OK;
	}
	/* It may be in the file all the same; the next one then takes its place there. */
	keys->count--;
	explicit_bzero(key, sizeof(*key));
	return e;
}

enum error
data_keys_find(struct data_keys *keys, uint32_t rule, uint32_t month, uint64_t size, uint32_t *ret_number)
{
	enum error e = OK;

	pthread_rwlock_rdlock(&keys->lock);
	const struct data_key *found = find(keys, rule, month, size);
	if (found != NULL)
		*ret_number = found->number;
	pthread_rwlock_unlock(&keys->lock);
	if (found != NULL)
		return OK;
	pthread_rwlock_wrlock(&keys->lock);
	e = add(keys, rule, month, size, ret_number);
	pthread_rwlock_unlock(&keys->lock);
	return e;
}

size_t
data_keys_count(struct data_keys *keys)
{
	pthread_rwlock_rdlock(&keys->lock);
	size_t count = keys->count;
	pthread_rwlock_unlock(&keys->lock);
	return count;
}

void
data_keys_at(struct data_keys *keys, size_t place, struct data_key *ret_key)
{
	pthread_rwlock_rdlock(&keys->lock);
	assert(place < keys->count);
	*ret_key = keys->items[place].about;
	pthread_rwlock_unlock(&keys->lock);
}

bool
data_keys_get(struct data_keys *keys, uint32_t number, struct data_key *ret_key)
{
	pthread_rwlock_rdlock(&keys->lock);
	const struct held_key *key = find_number(keys, number);
	if (key != NULL)
		*ret_key = key->about;
	pthread_rwlock_unlock(&keys->lock);
	return key != NULL;
}

/* ---- hiding ---- */

static enum error
secret_of(struct data_keys *keys, uint32_t number, enum seal_part part, unsigned char ret_secret[static KEY_BYTES])
{
	enum error e = ERR_DAMAGED;

	pthread_rwlock_rdlock(&keys->lock);
	const struct held_key *key = find_number(keys, number);

	if (key != NULL) {
		e = key->about.destroyed[part] ? ERR_GONE : OK;
		memcpy(ret_secret, key->secrets[part], KEY_BYTES);
	}
	pthread_rwlock_unlock(&keys->lock);
	return e;
}

static pthread_once_t cipher_once = PTHREAD_ONCE_INIT;
static pthread_key_t cipher_key;

static void
free_cipher(void *cipher)
{
	EVP_CIPHER_CTX_free(cipher);
}

static void
make_cipher_key(void)
{
	if (pthread_key_create(&cipher_key, free_cipher) != 0)
		abort();
}

/* One a thread: making one costs more than hiding an entry does. */
static EVP_CIPHER_CTX *
thread_cipher(void)
{
	pthread_once(&cipher_once, make_cipher_key);
	EVP_CIPHER_CTX *cipher = pthread_getspecific(cipher_key);

	if (cipher != NULL)
		return cipher;
	cipher = EVP_CIPHER_CTX_new();
	if (cipher == NULL || EVP_EncryptInit_ex(cipher, EVP_aes_256_ctr(), NULL, NULL, NULL) != 1 ||
	    pthread_setspecific(cipher_key, cipher) != 0)
		abort();
	return cipher;
}

/* Counter mode is its own reverse. */
static void
add_stream(EVP_CIPHER_CTX *cipher, const void *from, size_t bytes, unsigned char *to)
{
	int done = 0;

	assert(bytes <= INT32_MAX);
	int fine = EVP_EncryptUpdate(cipher, to, &done, from, (int)bytes);
	assert(fine == 1 && (size_t)done == bytes);
}

static EVP_CIPHER_CTX *
begin_stream(const unsigned char *secret, const unsigned char *iv)
{
	EVP_CIPHER_CTX *cipher = thread_cipher();
	int fine = EVP_EncryptInit_ex(cipher, NULL, NULL, secret, iv);

	assert(fine == 1);
	return cipher;
}

enum error
data_key_hide(struct data_keys *keys, uint32_t number, enum seal_part part,
	      const unsigned char iv[static DATA_KEY_IV_BYTES], const unsigned char salt[static SEAL_SALT_BYTES],
	      const void *data, size_t bytes, struct strbuf *out)
{
	unsigned char secret[KEY_BYTES];

	TRY(secret_of(keys, number, part, secret));
	EVP_CIPHER_CTX *cipher = begin_stream(secret, iv);

	explicit_bzero(secret, sizeof(secret));
	strbuf_add(out, salt, SEAL_SALT_BYTES);
	if (bytes > 0)
		strbuf_add(out, data, bytes);
	unsigned char *hidden = (unsigned char *)out->text + out->bytes - SEAL_SALT_BYTES - bytes;

	add_stream(cipher, hidden, SEAL_SALT_BYTES + bytes, hidden);
	return OK;
}

enum error
data_key_show(struct data_keys *keys, uint32_t number, enum seal_part part,
	      const unsigned char iv[static DATA_KEY_IV_BYTES], const void *hidden, size_t bytes, struct arena *arena,
	      const unsigned char **ret_salt, const void **ret_data, size_t *ret_bytes)
{
	unsigned char secret[KEY_BYTES];

	if (bytes < SEAL_SALT_BYTES || bytes > INT32_MAX)
		return ERR_DAMAGED;
	TRY(secret_of(keys, number, part, secret));
	EVP_CIPHER_CTX *cipher = begin_stream(secret, iv);
	unsigned char *shown = arena_take(arena, bytes);

	explicit_bzero(secret, sizeof(secret));
	add_stream(cipher, hidden, bytes, shown);
	*ret_salt = shown;
	*ret_data = shown + SEAL_SALT_BYTES;
	*ret_bytes = bytes - SEAL_SALT_BYTES;
	return OK;
}

/* ---- destroying ---- */

static bool
is_destroyed(const struct held_key *key, unsigned parts)
{
	bool all = true;

	for (int part = 0; part < SEAL_PART_COUNT; part++)
		all = all && ((parts >> part & 1) == 0 || key->about.destroyed[part]);
	return all;
}

static enum error
destroy(struct data_keys *keys, struct held_key *key, unsigned parts)
{
	struct held_key before = *key;

	for (int part = 0; part < SEAL_PART_COUNT; part++) {
		if ((parts >> part & 1) == 0)
			continue;
		explicit_bzero(key->secrets[part], KEY_BYTES);
		key->about.destroyed[part] = true;
	}
	enum error e = write_file(keys);
	if (e != OK)
		*key = before;
	explicit_bzero(&before, sizeof(before));
	return e;
}

enum error
data_key_destroy(struct data_keys *keys, uint32_t number, unsigned parts)
{
	enum error e = ERR_NOT_FOUND;

	pthread_rwlock_wrlock(&keys->lock);
	struct held_key *key = find_number(keys, number);
	if (key != NULL)
		e = is_destroyed(key, parts) ? wipe_all_left(keys) : destroy(keys, key, parts);
	pthread_rwlock_unlock(&keys->lock);
	return e;
}
