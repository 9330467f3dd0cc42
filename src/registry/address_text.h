/* address_text.h - an address as people type it, taken apart: "Алматы Абай 12-5", "Abaya 12 kv 5", "Сәтпаев көшесі 7".
 * Words are folded across scripts (text/name.h); those that only say what a word is (көшесі, улица, street, дом, г.)
 * are dropped. Pure; knows no streets: which words are a place and which a street is address.h's. */
#pragma once
#include "base/arena.h"

enum { ADDRESS_WORDS_MAX = 8, ADDRESS_NUMBERS_MAX = 4 };

struct address_words {
	const char *items[ADDRESS_WORDS_MAX]; /* folded */
	size_t count;
};

/* `before`: numbers that stand before the last word (8 марта: part of the name, or the house where it is typed
 * first). `behind`: those behind it, the house, then the flat. All as address_number writes them. */
struct address_text {
	struct address_words words;
	const char *before[ADDRESS_NUMBERS_MAX];
	size_t before_count;
	const char *behind[ADDRESS_NUMBERS_MAX];
	size_t behind_count;
	const char *flat; /* behind a word that says so; NULL */
	bool too_long;    /* more than there is room for */
};

/* `text` is valid UTF-8. */
void address_parse(struct arena *arena, const char *text, struct address_text *ret_address);
/* The words of a street or place as it is written in a register, numbers included; false: too many to be found by. */
bool address_fold(struct arena *arena, const char *name, struct address_words *ret_words);
/* Does the name say that it is of a region, not of a town: Алматы облысы, Абайский район? */
bool address_is_region(struct arena *arena, const char *name);
/* A house's or flat's number under which spellings meet: "12 А" and "12a" are "12a", "12 к3" and "12/3" "12/3". */
const char *address_number(struct arena *arena, const char *text);
