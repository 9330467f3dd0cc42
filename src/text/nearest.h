/* nearest.h - a dictionary of words that finds those nearest to a misspelt one: the same word, words that begin with it,
 * words at most two typing errors away (a letter more, less, other, or two swapped), and words that sound alike.
 * Made for the distinct names of a country (name.h): some hundred thousand words of some eight letters, in memory,
 * only growing. Reading needs no lock while nobody adds.
 *
 * How: words stand in buckets by their length, each with a signature of 64 bits: one for each letter that it has once
 * and one for each that it has twice. One typing error changes at most two bits, so that a pass over the signatures
 * leaves few words, whose distance is then computed (Hyyrö 2003, bit-parallel, with swapped neighbours). The same
 * again for a coarser form of the words, name_coarse. */
#pragma once
#include <stdint.h>
#include "base/base.h"

struct nearest;

enum { NEAREST_DISTANCE_MAX = 2, NEAREST_FAR = 3, NEAREST_NONE = 0xffffffff };

struct nearest *nearest_new(void);
void nearest_free(struct nearest *nearest);
DEFINE_AUTO(struct nearest, nearest_free)

/* The number of a folded word, counted from 0; added when it is new. */
uint32_t nearest_add(struct nearest *nearest, const char *word, size_t bytes);
/* NEAREST_NONE: not there. */
uint32_t nearest_find(const struct nearest *nearest, const char *word, size_t bytes);
/* With a NUL behind; until the next nearest_add. */
const char *nearest_word(const struct nearest *nearest, uint32_t number);
size_t nearest_count(const struct nearest *nearest);
/* Memory that it holds. */
size_t nearest_bytes(const struct nearest *nearest);

/* 0 the same word; 1 one error, or it sounds the same; 2 two errors, one in how it sounds, or it begins so. */
struct near_word {
	uint32_t number;
	unsigned distance;
};
/* Calls `found` for every word within `distance_max` (at most NEAREST_DISTANCE_MAX), each once, in no order. */
void nearest_search(const struct nearest *nearest, const char *word, size_t bytes, unsigned distance_max,
		    void (*found)(void *context, struct near_word near), void *context);

/* The distance at which a search for `asked` would find `word`; NEAREST_FAR: it would not. */
unsigned nearest_compare(const char *asked, size_t asked_bytes, const char *word, size_t word_bytes);
/* Edits between two words, at most 64 bytes each: a letter more, less, other, or two swapped. The slow obvious twin is
 * in the test. */
unsigned nearest_distance(const char *a, size_t a_bytes, const char *b, size_t b_bytes);
