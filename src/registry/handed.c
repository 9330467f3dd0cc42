#include "registry/handed.h"

/* Who waits to take over comes before further readers; nobody locks twice. */
static void
init_searched(pthread_rwlock_t *lock)
{
	pthread_rwlockattr_t attributes;

	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
}

void
handed_init(struct handed *handed, size_t item_bytes, void (*take)(void *context, const void *item), void *context)
{
	*handed = (struct handed){ .item_bytes = item_bytes, .take = take, .context = context };
	init_searched(&handed->searched);
	pthread_mutex_init(&handed->listing, NULL);
	handed->list.arena = arena_new();
	handed->taken.arena = arena_new();
}

void
handed_done(struct handed *handed)
{
	arena_free(handed->list.arena);
	arena_free(handed->taken.arena);
	pthread_mutex_destroy(&handed->listing);
	pthread_rwlock_destroy(&handed->searched);
}

/* Alone. The writer may hand on more meanwhile. */
static void
take_over(struct handed *handed)
{
	pthread_mutex_lock(&handed->listing);
	struct handed_list list = handed->list;

	handed->list = handed->taken;
	pthread_mutex_unlock(&handed->listing);
	for (size_t i = 0; i < list.count; i++)
		handed->take(handed->context, (const char *)list.items + i * handed->item_bytes);
	arena_reset(list.arena);
	handed->taken = (struct handed_list){ .arena = list.arena };
}

/* ---- the writer's ---- */

void
handed_begin(struct handed *handed)
{
	pthread_mutex_lock(&handed->listing);
}

void *
handed_add(struct handed *handed, struct arena **ret_arena)
{
	struct handed_list *list = &handed->list;

	list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, handed->item_bytes);
	*ret_arena = list->arena;
	return (char *)list->items + list->count++ * handed->item_bytes;
}

void
handed_end(struct handed *handed, size_t most)
{
	bool many = handed->list.count > most;

	pthread_mutex_unlock(&handed->listing);
	if (many && pthread_rwlock_trywrlock(&handed->searched) == 0) {
		take_over(handed);
		pthread_rwlock_unlock(&handed->searched);
	}
}

/* ---- questions ---- */

void
handed_hold(struct handed *handed)
{
	pthread_mutex_lock(&handed->listing);
	bool any = handed->list.count > 0;

	pthread_mutex_unlock(&handed->listing);
	if (any) {
		pthread_rwlock_wrlock(&handed->searched);
		take_over(handed);
		pthread_rwlock_unlock(&handed->searched);
	}
	pthread_rwlock_rdlock(&handed->searched);
}

void
handed_release(struct handed *handed)
{
	pthread_rwlock_unlock(&handed->searched);
}
