/* name_book.h - the names of one register's records in memory: which family names stand beside which given names, and
 * whose they are. Finds records by a few words in any order, with typing errors (text/nearest.h). Knows no SQL and no
 * locks: whoever shares it between threads locks (names.h). Some forty bytes a person. */
#pragma once
#include "base/arena.h"

struct name_book;

enum {
	NAME_WORDS_MAX = 6,     /* of a question */
	NAME_DISTANCE_MAX = 4,  /* of both words together */
	NAME_DISTANCE_MORE = 2, /* how much farther than the nearest is still told */
};

struct name_book *name_book_new(void);
void name_book_free(struct name_book *book);
DEFINE_AUTO(struct name_book, name_book_free)

/* Both as name_fold makes them; "" for none. A name of several words is found by each, and written as one or apart. */
void name_book_add(struct name_book *book, const char *family, const char *given, int64_t record);
/* What was added with the same arguments; nothing when it is not there. */
void name_book_remove(struct name_book *book, const char *family, const char *given, int64_t record);

/* One word is a family or a given name; of several one must be the family name and another the given name, and what is
 * left over is for the caller to compare. With `one_name` each of them must be a word of the (given) name. */
struct name_question {
	const char *words[NAME_WORDS_MAX]; /* folded, without blanks */
	size_t count;
	bool one_name;
	size_t records_max;
};
struct named {
	int64_t record;
	unsigned distance; /* errors in all words together */
};
/* For qsort: nearest first, of one distance the older record. */
int named_compare(const void *a, const void *b);
/* Nearest first; all of one distance or none of them, so that nothing but the spelling decides who is told. */
struct name_answer {
	const struct named *items; /* in `arena` */
	size_t count;
	bool more; /* there are others that `records_max` leaves no room for */
};
void name_book_find(const struct name_book *book, const struct name_question *question, struct arena *arena,
		    struct name_answer *ret_answer);

/* Errors that a word of so many letters may have and still be taken for the one that was meant. */
unsigned name_errors_max(size_t bytes);
/* Is `word` one that somebody who typed `asked` may have meant? */
bool name_is_near(const char *asked, const char *word, size_t word_bytes);

struct name_book_counts {
	size_t words, pairs, records;
	size_t bytes; /* of memory in use; what was taken beforehand is not touched yet */
};
void name_book_count(const struct name_book *book, struct name_book_counts *ret_counts);
