/* handed.h - changes on their way from the writer to what is searched in memory (names.h, address_book.h). The writer
 * adds them to a list and never waits for a search; whoever searches next takes all of them over, alone, and then reads
 * beside the others.
 *
 * Two locks: `searched` is held for reading by those who search and for writing by who takes over; `listing` is held
 * only to add to the list or to exchange it, and nothing is locked under it. */
#pragma once
#include <pthread.h>
#include "base/arena.h"

struct handed_list {
	struct arena *arena; /* the items and what they point to */
	void *items;
	size_t count, capacity;
};

struct handed {
	size_t item_bytes;
	void (*take)(void *context, const void *item);
	void *context;
	pthread_rwlock_t searched;
	pthread_mutex_t listing;
	struct handed_list list;  /* under `listing` */
	struct handed_list taken; /* under `searched`, alone: empty but while it is taken over */
};

/* `take` enters one item into what is searched; it runs alone, in any thread. */
void handed_init(struct handed *handed, size_t item_bytes, void (*take)(void *context, const void *item),
		 void *context);
void handed_done(struct handed *handed);

/* ---- the writer's thread ---- */

/* Until handed_end every handed_add gives the place of one more item; texts of it go into *ret_arena. */
void handed_begin(struct handed *handed);
void *handed_add(struct handed *handed, struct arena **ret_arena);
/* With more than `most` items in the list the writer takes them over itself, unless somebody searches just then: an
 * import may bring millions while nobody does. */
void handed_end(struct handed *handed, size_t most);

/* ---- any thread ---- */

/* Takes over what was handed on; what is searched then stays as it is until handed_release. */
void handed_hold(struct handed *handed);
void handed_release(struct handed *handed);
