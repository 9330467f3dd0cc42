#include "registry/address_text.h"
#include <ctype.h>
#include <string.h>
#include "base/strbuf.h"
#include "text/name.h"

/* Folded, in order. What they say of a word helps nobody to find it, and half of all people leave them out. */
static const char *const noise[] = {
	"alan",      "alani",    "audan",     "audani",  "auil",   "auili",       "aul",      "av",     "ave",
	"avenue",    "blvd",     "boulevard", "bul",     "bulvar", "danili",      "distrikt", "dom",    "gor",
	"gorod",     "gulzari",  "higvai",    "house",   "ikxam",  "ikxamaudani", "joli",     "kala",   "kalasi",
	"kent",      "kenti",    "kox",       "koxe",    "koxesi", "kvart",       "kvartal",  "lane",   "mikr",
	"mikroraen", "mkr",      "mkrn",      "obl",     "oblast", "oblis",       "oblisi",   "okrug",  "okrugi",
	"per",       "pereulok", "pl",        "ploxcad", "pos",    "poselok",     "pr",       "proezd", "prosp",
	"prospekt",  "raen",     "regen",     "rd",      "road",   "selo",        "skuare",   "st",     "str",
	"stret",     "stroene",  "tas",       "tovn",    "trasa",  "tuigi",       "tuik",     "uc",     "ucastok",
	"ui",        "ul",       "ulika",     "ulitsa",  "vilage", "xagin",       "xose",     "zd",     "zdane",
};
/* Before a number: it is the flat's; it belongs to the house's. */
static const char *const flat_words[] = { "kv", "kvartira", "p", "pat", "pater", "apt", "apartment", "flat" };
static const char *const block_words[] = { "k", "korp", "korpus", "blok", "block" };

static bool
is_digit(char c)
{
	return isdigit((unsigned char)c);
}

static bool
is_among(const char *const *words, size_t count, const char *word, size_t bytes)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == bytes && memcmp(words[i], word, bytes) == 0)
			return true;
	return false;
}

static bool
is_flat_word(const char *word, size_t bytes)
{
	return is_among(flat_words, ARRAY_COUNT(flat_words), word, bytes);
}

static bool
is_block_word(const char *word, size_t bytes)
{
	return is_among(block_words, ARRAY_COUNT(block_words), word, bytes);
}

/* Initials and abbreviations of one letter are dropped too: г., с., А. */
static bool
is_noise(const char *word)
{
	return (strlen(word) < 2 && !is_digit(*word)) || is_among(noise, ARRAY_COUNT(noise), word, strlen(word));
}

/* name_fold, but for digits: those stay as they are (it makes doubles one). A sign between them stays a border. */
static char *
fold(struct arena *arena, const char *text)
{
	static const char digits[] = "0123456789", signs[] = " -.";
	AUTO(strbuf_done) struct strbuf out = { 0 };

	strbuf_text(&out, "");
	while (*text != '\0') {
		size_t number = strspn(text, digits), other = strcspn(text + number, digits);

		strbuf_add(&out, text, number);
		text += number;
		if (other == 0)
			continue;
		strbuf_text(&out, strchr(signs, text[0]) != NULL ? " " : "");
		strbuf_text(&out, name_fold(arena, arena_copy(arena, text, other)));
		strbuf_text(&out, strchr(signs, text[other - 1]) != NULL ? " " : "");
		text += other;
	}
	return arena_copy(arena, out.text, out.bytes);
}

const char *
address_number(struct arena *arena, const char *text)
{
	AUTO(strbuf_done) struct strbuf out = { 0 };
	char *rest = NULL;

	strbuf_text(&out, "");
	for (char *piece = strtok_r(arena_text(arena, text), "/\\", &rest); piece != NULL;
	     piece = strtok_r(NULL, "/\\", &rest)) {
		const char *folded = fold(arena, piece);

		if (out.bytes > 0)
			strbuf_char(&out, '/');
		for (const char *p = folded; *p != '\0'; p++) {
			bool digit_before = out.bytes > 0 && is_digit(out.text[out.bytes - 1]);
			size_t letters = strspn(p, "abcdefghijklmnopqrstuvwxyz");

			if (letters > 0 && digit_before && is_block_word(p, letters) &&
			    is_digit(p[letters + strspn(p + letters, " ")])) {
				strbuf_char(&out, '/');
				p += letters - 1;
			} else if (*p != ' ') {
				strbuf_char(&out, *p);
			}
		}
	}
	return arena_copy(arena, out.text, out.bytes);
}

/* ---- reading ---- */

struct parser {
	struct arena *arena;
	struct address_text *address;
	bool flat_next, block_next;
};

static void
push(struct parser *parser, const char **items, size_t *count, size_t max, const char *item)
{
	if (*count == max)
		parser->address->too_long = true;
	else
		items[(*count)++] = item;
}

/* A word makes all numbers until now such that stand before it. */
static void
add_word(struct parser *parser, const char *word)
{
	struct address_text *address = parser->address;

	for (size_t i = 0; i < address->behind_count; i++)
		push(parser, address->before, &address->before_count, ADDRESS_NUMBERS_MAX, address->behind[i]);
	address->behind_count = 0;
	push(parser, address->words.items, &address->words.count, ADDRESS_WORDS_MAX, word);
}

static void
add_number(struct parser *parser, const char *number)
{
	struct address_text *address = parser->address;

	if (*number == '\0')
		return;
	if (parser->flat_next)
		address->flat = number;
	else if (parser->block_next && address->behind_count > 0)
		address->behind[address->behind_count - 1] =
			arena_printf(parser->arena, "%s/%s", address->behind[address->behind_count - 1], number);
	else
		push(parser, address->behind, &address->behind_count, ADDRESS_NUMBERS_MAX, number);
	parser->flat_next = parser->block_next = false;
}

/* "12-5": two numbers; "12а/3": one. */
static void
read_number(struct parser *parser, char *token)
{
	char *rest = NULL;

	for (char *piece = strtok_r(token, "-", &rest); piece != NULL; piece = strtok_r(NULL, "-", &rest))
		add_number(parser, address_number(parser->arena, piece));
}

/* "kv5", "к3", "д12а": a word that says what the number behind it is. */
static bool
read_marked(struct parser *parser, const char *word)
{
	size_t letters = strcspn(word, "0123456789");
	bool flat = is_flat_word(word, letters), block = is_block_word(word, letters);

	if (!flat && !block && !(word[letters] != '\0' && is_noise(arena_copy(parser->arena, word, letters))))
		return false;
	parser->flat_next = flat;
	parser->block_next = block;
	if (word[letters] != '\0')
		add_number(parser, address_number(parser->arena, word + letters));
	return true;
}

/* What follows a hyphen within a word is part of its name: Самал-2. */
static void
read_words(struct parser *parser, const char *token)
{
	char *rest = NULL;
	size_t nth = 0;

	for (char *word = strtok_r(fold(parser->arena, token), " ", &rest); word != NULL;
	     word = strtok_r(NULL, " ", &rest), nth++) {
		if (nth == 0 && read_marked(parser, word))
			continue;
		parser->flat_next = parser->block_next = false;
		if (!is_noise(word))
			add_word(parser, word);
	}
}

/* № and quotes are not in the way of words. */
static char *
blank_signs(struct arena *arena, const char *text)
{
	static const char *const signs[] = { "№", "«", "»", "“", "”", "–", "—" };
	char *copy = arena_text(arena, text);

	for (size_t i = 0; i < ARRAY_COUNT(signs); i++) {
		size_t bytes = strlen(signs[i]);
		bool dash = i >= 5;

		for (char *at = strstr(copy, signs[i]); at != NULL; at = strstr(at, signs[i])) {
			memset(at, ' ', bytes);
			if (dash)
				memset(at, '-', bytes);
		}
	}
	return copy;
}

void
address_parse(struct arena *arena, const char *text, struct address_text *ret_address)
{
	struct parser parser = { .arena = arena, .address = ret_address };
	char *rest = NULL;

	*ret_address = (struct address_text){ 0 };
	for (char *token = strtok_r(blank_signs(arena, text), " \t\r\n,;.()\"'#", &rest); token != NULL;
	     token = strtok_r(NULL, " \t\r\n,;.()\"'#", &rest)) {
		if (is_digit(*token))
			read_number(&parser, token);
		else
			read_words(&parser, token);
	}
}

bool
address_fold(struct arena *arena, const char *name, struct address_words *ret_words)
{
	struct address_words bare = { 0 }, all = { 0 };
	char *rest = NULL;

	for (char *word = strtok_r(fold(arena, name), " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
		if (all.count == ADDRESS_WORDS_MAX)
			return false;
		all.items[all.count++] = word;
		if (!is_noise(word))
			bare.items[bare.count++] = word;
	}
	/* A street that is called Street has nothing else to be found by. */
	*ret_words = bare.count > 0 ? bare : all;
	return true;
}

bool
address_is_region(struct arena *arena, const char *name)
{
	static const char *const regions[] = { "audan", "audani", "obl",  "oblast", "oblis",   "oblisi",
					       "okrug", "okrugi", "raen", "regen",  "distrikt" };
	char *rest = NULL;

	for (char *word = strtok_r(fold(arena, name), " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
		if (is_among(regions, ARRAY_COUNT(regions), word, strlen(word)))
			return true;
	return false;
}
