#include "ledger/entry.h"
#include "ledger/bytes.h"
#include "ledger/cbor.h"
#include "ledger/seal.h"
#include "text/utf8.h"
#include <string.h>

/* Header and detail are maps from small keys; one table each says where a key's value lies in
 * struct ledger_entry, and writer and reader both follow it. */
enum shape {
	SHAPE_KIND,
	SHAPE_TIME,
	SHAPE_NUMBER,
	SHAPE_ID,
	SHAPE_FIELDS,
	SHAPE_OUTCOME,
	SHAPE_PART,
	SHAPE_TEXT,
};
struct slot {
	enum shape shape;
	bool required;
	size_t offset;
	size_t text_bytes_max;
};
struct part {
	const struct slot *slots; /* by key */
	size_t slot_count;
	size_t bytes_max;
};

#define TIME_LIMIT (INT64_C(1) << 53)
#define REQUIRED(shape_, member)                                                                   \
	{                                                                                          \
		.shape = shape_, .required = true, .offset = offsetof(struct ledger_entry, member) \
	}
#define OPTIONAL(shape_, member)                                                 \
	{                                                                        \
		.shape = shape_, .offset = offsetof(struct ledger_entry, member) \
	}
#define TEXT(member, max)                                                                                   \
	{                                                                                                   \
		.shape = SHAPE_TEXT, .offset = offsetof(struct ledger_entry, member), .text_bytes_max = max \
	}

static const struct slot header_slots[] = {
	[0] = REQUIRED(SHAPE_KIND, kind),        [1] = REQUIRED(SHAPE_ID, event),
	[2] = REQUIRED(SHAPE_TIME, time_ms),     [3] = REQUIRED(SHAPE_ID, subject),
	[4] = REQUIRED(SHAPE_NUMBER, retention), [5] = OPTIONAL(SHAPE_NUMBER, reg),
	[6] = OPTIONAL(SHAPE_ID, record),        [7] = OPTIONAL(SHAPE_NUMBER, body),
	[8] = OPTIONAL(SHAPE_NUMBER, role),      [9] = OPTIONAL(SHAPE_NUMBER, purpose),
	[10] = OPTIONAL(SHAPE_FIELDS, fields),   [11] = OPTIONAL(SHAPE_NUMBER, refers_to),
	[12] = OPTIONAL(SHAPE_OUTCOME, refused), [13] = OPTIONAL(SHAPE_PART, part),
};
static const struct slot detail_slots[] = {
	[0] = REQUIRED(SHAPE_ID, actor),   [1] = TEXT(case_text, 64), [2] = TEXT(query, 1024),
	[3] = OPTIONAL(SHAPE_ID, session), [4] = TEXT(origin, 64),
};
static const struct part header_part = { header_slots, ARRAY_COUNT(header_slots), ENTRY_HEADER_BYTES_MAX };
static const struct part detail_part = { detail_slots, ARRAY_COUNT(detail_slots), ENTRY_DETAIL_BYTES_MAX };

static uint64_t
number_at(const struct ledger_entry *entry, const struct slot *slot)
{
	return *(const uint64_t *)((const char *)entry + slot->offset);
}

/* An id or a text. */
static const void *
pointer_at(const struct ledger_entry *entry, const struct slot *slot)
{
	return *(const void *const *)((const char *)entry + slot->offset);
}

static bool
is_present(const struct ledger_entry *entry, const struct slot *slot)
{
	switch (slot->shape) {
	case SHAPE_KIND:
	case SHAPE_TIME:
		return true;
	case SHAPE_NUMBER:
		return number_at(entry, slot) != UINT64_MAX;
	case SHAPE_ID:
	case SHAPE_TEXT:
		return pointer_at(entry, slot) != NULL;
	case SHAPE_FIELDS:
		return entry->field_count > 0;
	case SHAPE_OUTCOME:
		return entry->refused;
	case SHAPE_PART:
		return entry->parts > 0 || entry->part > 0;
	}
	return false;
}

static bool
text_is_valid(const char *text, size_t bytes, size_t bytes_max)
{
	if (bytes < 1 || bytes > bytes_max)
		return false;
	for (size_t i = 0; i < bytes; i++)
		if ((unsigned char)text[i] < 0x20)
			return false;
	return utf8_is_valid(text, bytes);
}

static bool
fields_ascend(const uint32_t *fields, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (fields[i] <= fields[i - 1])
			return false;
	return true;
}

/* Of a value that is present: may it be written? */
static bool
is_valid(const struct ledger_entry *entry, const struct slot *slot)
{
	const char *text;

	switch (slot->shape) {
	case SHAPE_KIND:
		return (unsigned)entry->kind < LEDGER_KIND_COUNT;
	case SHAPE_TIME:
		return entry->time_ms >= 0 && entry->time_ms < TIME_LIMIT;
	case SHAPE_FIELDS:
		return fields_ascend(entry->fields, entry->field_count);
	case SHAPE_PART:
		return entry->part >= 1 && entry->part <= entry->parts;
	case SHAPE_TEXT:
		text = pointer_at(entry, slot);
		return text_is_valid(text, strlen(text), slot->text_bytes_max);
	case SHAPE_NUMBER:
	case SHAPE_ID:
	case SHAPE_OUTCOME:
		break;
	}
	return true;
}

static void
write_value(const struct ledger_entry *entry, const struct slot *slot, struct strbuf *out)
{
	switch (slot->shape) {
	case SHAPE_KIND:
		cbor_uint(out, entry->kind);
		break;
	case SHAPE_TIME:
		cbor_uint(out, (uint64_t)entry->time_ms);
		break;
	case SHAPE_NUMBER:
		cbor_uint(out, number_at(entry, slot));
		break;
	case SHAPE_ID:
		cbor_bytes(out, pointer_at(entry, slot), LEDGER_ID_BYTES);
		break;
	case SHAPE_FIELDS:
		cbor_array(out, entry->field_count);
		for (size_t i = 0; i < entry->field_count; i++)
			cbor_uint(out, entry->fields[i]);
		break;
	case SHAPE_OUTCOME:
		cbor_uint(out, 1);
		break;
	case SHAPE_PART:
		cbor_array(out, 2);
		cbor_uint(out, entry->part);
		cbor_uint(out, entry->parts);
		break;
	case SHAPE_TEXT:
		cbor_text(out, pointer_at(entry, slot), strlen(pointer_at(entry, slot)));
		break;
	}
}

static enum error
write_part(const struct part *part, const struct ledger_entry *entry, struct strbuf *out)
{
	size_t before = out->bytes;
	size_t count = 0;

	for (size_t key = 0; key < part->slot_count; key++) {
		bool present = is_present(entry, &part->slots[key]);

		if (present ? !is_valid(entry, &part->slots[key]) : part->slots[key].required)
			return ERR_BAD_INPUT;
		count += present;
	}
	cbor_map(out, count);
	for (size_t key = 0; key < part->slot_count; key++) {
		if (!is_present(entry, &part->slots[key]))
			continue;
		cbor_uint(out, key);
		write_value(entry, &part->slots[key], out);
	}
	return out->bytes - before <= part->bytes_max ? OK : ERR_BAD_INPUT;
}

enum error
entry_write_header(const struct ledger_entry *entry, struct strbuf *out)
{
	return write_part(&header_part, entry, out);
}

enum error
entry_write_detail(const struct ledger_entry *entry, struct strbuf *out)
{
	bool empty =
		entry->case_text == NULL && entry->query == NULL && entry->session == NULL && entry->origin == NULL;

	return entry->actor == NULL && empty ? OK : write_part(&detail_part, entry, out);
}

static bool
next_uint(struct cbor_reader *reader, uint64_t *ret_number)
{
	struct cbor_item item;

	if (cbor_next(reader, &item) != OK || item.kind != CBOR_UINT)
		return false;
	*ret_number = item.number;
	return true;
}

static bool
read_id(struct cbor_reader *reader, const unsigned char **ret_id)
{
	struct cbor_item item;

	if (cbor_next(reader, &item) != OK || item.kind != CBOR_BYTES || item.count != LEDGER_ID_BYTES)
		return false;
	*ret_id = item.bytes;
	return true;
}

static bool
read_text(struct cbor_reader *reader, struct arena *arena, const char **ret_text)
{
	struct cbor_item item;

	/* The bounds are checked with the finished entry, as before writing. */
	if (cbor_next(reader, &item) != OK || item.kind != CBOR_TEXT)
		return false;
	*ret_text = arena_copy(arena, item.bytes, item.count);
	return true;
}

static bool
read_fields(struct cbor_reader *reader, struct arena *arena, struct ledger_entry *entry)
{
	struct cbor_item item;

	if (cbor_next(reader, &item) != OK || item.kind != CBOR_ARRAY || item.number == 0)
		return false;
	uint32_t *fields = arena_array_of(arena, uint32_t, item.number);

	for (size_t i = 0; i < item.number; i++) {
		uint64_t code;

		if (!next_uint(reader, &code) || code > UINT32_MAX)
			return false;
		fields[i] = (uint32_t)code;
	}
	entry->fields = fields;
	entry->field_count = (size_t)item.number;
	return true;
}

static bool
read_pair(struct cbor_reader *reader, struct ledger_entry *entry)
{
	struct cbor_item item;

	return cbor_next(reader, &item) == OK && item.kind == CBOR_ARRAY && item.number == 2 &&
	       next_uint(reader, &entry->part) && next_uint(reader, &entry->parts) && entry->part >= 1;
}

static bool
read_value(struct cbor_reader *reader, struct arena *arena, const struct slot *slot, struct ledger_entry *entry)
{
	void *to = (char *)entry + slot->offset;
	uint64_t number;

	switch (slot->shape) {
	case SHAPE_ID:
		return read_id(reader, to);
	case SHAPE_TEXT:
		return read_text(reader, arena, to);
	case SHAPE_FIELDS:
		return read_fields(reader, arena, entry);
	case SHAPE_PART:
		return read_pair(reader, entry);
	default:
		break;
	}
	if (!next_uint(reader, &number))
		return false;
	switch (slot->shape) {
	case SHAPE_KIND:
		entry->kind = (enum ledger_kind)number;
		return number < LEDGER_KIND_COUNT;
	case SHAPE_TIME:
		entry->time_ms = (int64_t)number;
		return number < (uint64_t)TIME_LIMIT;
	case SHAPE_OUTCOME:
		entry->refused = number == 1;
		return number <= 1;
	default:
		*(uint64_t *)to = number;
		return number != UINT64_MAX; /* that is how an entry says absent */
	}
}

/* Required keys, and the bounds by the same rules as before writing; `seen` has a bit for each key. */
static bool
is_complete(const struct part *part, const struct ledger_entry *entry, unsigned seen)
{
	for (size_t key = 0; key < part->slot_count; key++) {
		const struct slot *slot = &part->slots[key];

		if ((seen >> key & 1) != 0 ? is_present(entry, slot) && !is_valid(entry, slot) : slot->required)
			return false;
	}
	return true;
}

static enum error
read_part(const struct part *part, struct arena *arena, const void *bytes, size_t count, struct ledger_entry *entry)
{
	struct cbor_reader reader = { .at = bytes, .end = (const unsigned char *)bytes + count, .strict = true };
	struct cbor_item map;
	size_t key_behind = 0; /* the least key that may come next */
	unsigned seen = 0;

	if (count > part->bytes_max || cbor_next(&reader, &map) != OK || map.kind != CBOR_MAP)
		return ERR_BAD_INPUT;
	for (uint64_t i = 0; i < map.number; i++) {
		uint64_t key;

		if (!next_uint(&reader, &key) || key < key_behind || key >= part->slot_count)
			return ERR_BAD_INPUT;
		if (!read_value(&reader, arena, &part->slots[key], entry))
			return ERR_BAD_INPUT;
		seen |= 1U << key;
		key_behind = (size_t)key + 1;
	}
	return reader.at == reader.end && is_complete(part, entry, seen) ? OK : ERR_BAD_INPUT;
}

enum error
entry_read(struct arena *arena, const void *header, size_t header_bytes, const void *detail, size_t detail_bytes,
	   struct ledger_entry *ret_entry)
{
	struct ledger_entry entry;

	ledger_entry_init(&entry);
	if (header != NULL)
		TRY(read_part(&header_part, arena, header, header_bytes, &entry));
	if (detail != NULL && detail_bytes > 0)
		TRY(read_part(&detail_part, arena, detail, detail_bytes, &entry));
	*ret_entry = entry;
	return OK;
}

enum { FORM_SEALED = 1, FORM_OPEN = 2, VERSION = 1 };

void
entry_seal(const unsigned char tag[static LEDGER_HASH_BYTES],
	   const unsigned char commitments[static 3][LEDGER_HASH_BYTES],
	   unsigned char ret_body[static ENTRY_SEALED_BYTES])
{
	ret_body[0] = VERSION;
	ret_body[1] = FORM_SEALED;
	memcpy(ret_body + 2, tag, LEDGER_HASH_BYTES);
	for (size_t part = 0; part < SEAL_PART_COUNT; part++)
		memcpy(ret_body + 2 + (part + 1) * LEDGER_HASH_BYTES, commitments[part], LEDGER_HASH_BYTES);
}

/* role, action, time, then the key: a vkey as text, DER for certificates. */
static bool
key_body_is_valid(const unsigned char *body, size_t bytes)
{
	enum { KEY_AT = 10, ROLE_CERTIFICATES = 2 };

	if (bytes <= KEY_AT || body[0] < 1 || body[0] > 3 || body[1] < 1 || body[1] > 2)
		return false;
	return body[0] == ROLE_CERTIFICATES ||
	       text_is_valid((const char *)body + KEY_AT, bytes - KEY_AT, ENTRY_OPEN_BODY_BYTES_MAX);
}

static bool
open_body_is_valid(uint64_t kind, const unsigned char *body, size_t bytes)
{
	if (bytes > ENTRY_OPEN_BODY_BYTES_MAX)
		return false;
	switch (kind) {
	case LEDGER_OPEN_GENESIS:
		return text_is_valid((const char *)body, bytes, ENTRY_ORIGIN_BYTES_MAX);
	case LEDGER_OPEN_STREAM_INDEX:
		return bytes == 64;
	case LEDGER_OPEN_KEY:
		return key_body_is_valid(body, bytes);
	case LEDGER_OPEN_RULES:
		return bytes == LEDGER_HASH_BYTES;
	default:
		return false;
	}
}

enum error
entry_write_open(uint16_t kind, const void *body, size_t bytes, struct strbuf *out)
{
	unsigned char head[ENTRY_OPEN_HEAD_BYTES] = { VERSION, FORM_OPEN };

	if (!open_body_is_valid(kind, body, bytes))
		return ERR_BAD_INPUT;
	put_u16(head + 2, kind);
	put_u32(head + 4, (uint32_t)bytes);
	strbuf_add(out, head, sizeof(head));
	strbuf_add(out, body, bytes);
	return OK;
}

enum error
entry_read_body(const void *body, size_t bytes, struct entry_body *ret_body)
{
	const unsigned char *at = body;
	struct entry_body read = { 0 };

	if (bytes < ENTRY_OPEN_HEAD_BYTES || at[0] != VERSION)
		return ERR_BAD_INPUT;
	if (at[1] == FORM_SEALED && bytes == ENTRY_SEALED_BYTES) {
		read.tag = at + 2;
		for (size_t part = 0; part < SEAL_PART_COUNT; part++)
			read.commitments[part] = at + 2 + (part + 1) * LEDGER_HASH_BYTES;
		*ret_body = read;
		return OK;
	}
	uint64_t kind = get_unsigned(at + 2, 2);
	size_t body_bytes = bytes - ENTRY_OPEN_HEAD_BYTES;

	if (at[1] != FORM_OPEN || get_unsigned(at + 4, 4) != body_bytes ||
	    !open_body_is_valid(kind, at + ENTRY_OPEN_HEAD_BYTES, body_bytes))
		return ERR_BAD_INPUT;
	read.open = true;
	read.kind = (enum ledger_open_kind)kind;
	read.bytes = at + ENTRY_OPEN_HEAD_BYTES;
	read.byte_count = body_bytes;
	*ret_body = read;
	return OK;
}
