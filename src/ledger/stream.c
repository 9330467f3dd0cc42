#include "ledger/stream.h"
#include "base/memory.h"
#include <stdlib.h>

enum { NUMBER_OFFSET = 1024, NUMBER_SHIFT = 20, LAST_SHIFT = 16, CAPACITY_MIN = 64, JOURNAL_KEPT_MAX = 65536 };
#define N_UPPER_MASK ((UINT64_C(1) << NUMBER_SHIFT) - 1)
#define N_LOWER_MASK ((UINT64_C(1) << LAST_SHIFT) - 1)

static struct stream_slot
pack_slot(int64_t number, const struct stream *stream)
{
	return (struct stream_slot){
		.number_and_n = (uint64_t)(number + NUMBER_OFFSET) << NUMBER_SHIFT | stream->n >> LAST_SHIFT,
		.last_and_n = stream->last << LAST_SHIFT | (stream->n & N_LOWER_MASK),
	};
}

static struct stream
unpack_slot(const struct stream_slot *slot)
{
	return (struct stream){
		.n = (slot->number_and_n & N_UPPER_MASK) << LAST_SHIFT | (slot->last_and_n & N_LOWER_MASK),
		.last = slot->last_and_n >> LAST_SHIFT,
	};
}

static bool
is_used(const struct stream_slot *slot)
{
	return slot->number_and_n != 0;
}

static uint64_t
slot_number(const struct stream_slot *slot)
{
	return slot->number_and_n >> NUMBER_SHIFT;
}

/* Numbers are mostly dense: Fibonacci hashing spreads them and keeps neighbours apart. */
static size_t
home(const struct stream_table *table, uint64_t number)
{
	uint64_t h = number * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)((h ^ h >> 32) & (table->capacity - 1));
}

/* The stream's slot, or the empty one where it would go. */
static struct stream_slot *
find_slot(const struct stream_table *table, int64_t number)
{
	uint64_t sought = (uint64_t)(number + NUMBER_OFFSET);
	size_t at = home(table, sought);

	while (is_used(&table->slots[at]) && slot_number(&table->slots[at]) != sought)
		at = (at + 1) & (table->capacity - 1);
	return &table->slots[at];
}

static bool
is_possible(int64_t number)
{
	return number >= STREAM_NUMBER_FIRST && number < STREAM_NUMBER_BEHIND;
}

static struct stream_slot *
find_used(const struct stream_table *table, int64_t number)
{
	if (table->capacity == 0 || !is_possible(number))
		return NULL;
	struct stream_slot *slot = find_slot(table, number);

	return is_used(slot) ? slot : NULL;
}

static void
grow(struct stream_table *table)
{
	struct stream_table larger = *table;

	larger.capacity = table->capacity == 0 ? CAPACITY_MIN : table->capacity * 2;
	larger.slots = must_have(calloc(larger.capacity, sizeof(*larger.slots)));
	for (size_t i = 0; i < table->capacity; i++)
		if (is_used(&table->slots[i]))
			*find_slot(&larger, (int64_t)slot_number(&table->slots[i]) - NUMBER_OFFSET) = table->slots[i];
	free(table->slots);
	*table = larger;
}

static void
note_change(struct stream_table *table, int64_t number, struct stream_slot before)
{
	if (table->change_count == table->change_capacity) {
		size_t capacity = table->change_capacity == 0 ? CAPACITY_MIN : table->change_capacity * 2;

		table->journal = must_have(realloc(table->journal, capacity * sizeof(*table->journal)));
		table->change_capacity = capacity;
	}
	table->journal[table->change_count++] = (struct stream_change){ .number = number, .before = before };
}

/* Linear probing: what stands behind the hole and would be cut off from its home moves into it. */
static void
empty_slot(struct stream_table *table, struct stream_slot *slot)
{
	size_t mask = table->capacity - 1;
	size_t hole = (size_t)(slot - table->slots);

	for (size_t at = (hole + 1) & mask; is_used(&table->slots[at]); at = (at + 1) & mask) {
		size_t wanted = home(table, slot_number(&table->slots[at]));

		if (((at - wanted) & mask) < ((at - hole) & mask))
			continue;
		table->slots[hole] = table->slots[at];
		hole = at;
	}
	table->slots[hole] = (struct stream_slot){ 0 };
	table->count--;
}

void
stream_table_done(struct stream_table *table)
{
	if (table == NULL)
		return;
	free(table->slots);
	free(table->journal);
	*table = (struct stream_table){ 0 };
}

bool
stream_find(const struct stream_table *table, int64_t number, struct stream *ret_stream)
{
	const struct stream_slot *slot = find_used(table, number);

	if (slot == NULL)
		return false;
	*ret_stream = unpack_slot(slot);
	return true;
}

enum error
stream_add(struct stream_table *table, int64_t number)
{
	if (!is_possible(number))
		return ERR_BAD_INPUT;
	if (table->count * 4 >= table->capacity * 3)
		grow(table);
	struct stream_slot *slot = find_slot(table, number);

	if (is_used(slot))
		return ERR_DUPLICATE;
	*slot = pack_slot(number, &(struct stream){ 0 });
	table->count++;
	note_change(table, number, (struct stream_slot){ 0 });
	return OK;
}

void
stream_advance(struct stream_table *table, int64_t number, uint64_t index)
{
	struct stream_slot *slot = find_used(table, number);

	assert(slot != NULL && index < STREAM_INDEX_BEHIND);
	struct stream stream = unpack_slot(slot);

	assert(stream.n + 1 < STREAM_N_BEHIND && (stream.n == 0 || index > stream.last));
	note_change(table, number, *slot);
	stream.n++;
	stream.last = index;
	*slot = pack_slot(number, &stream);
}

size_t
stream_mark(const struct stream_table *table)
{
	return table->change_count;
}

void
stream_undo(struct stream_table *table, size_t mark, void (*undone)(void *context, int64_t number), void *context)
{
	assert(mark <= table->change_count);
	while (table->change_count > mark) {
		const struct stream_change *change = &table->journal[--table->change_count];
		struct stream_slot *slot = find_used(table, change->number);

		assert(slot != NULL);
		if (is_used(&change->before)) {
			*slot = change->before;
			continue;
		}
		empty_slot(table, slot);
		if (undone != NULL)
			undone(context, change->number);
	}
}

void
stream_keep(struct stream_table *table)
{
	table->change_count = 0;
	/* The journal of an import of millions is not kept for the next look-up. */
	if (table->change_capacity > JOURNAL_KEPT_MAX) {
		free(table->journal);
		table->journal = NULL;
		table->change_capacity = 0;
	}
}
