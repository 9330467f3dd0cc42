#include "registry/show.h"
#include <string.h>
#include "text/json.h"

bool
show_is_among(const struct parties *mine, int64_t id)
{
	for (size_t i = 0; mine != NULL && i < mine->count; i++)
		if (mine->ids[i] == id)
			return true;
	return false;
}

static bool
is_shown(const struct shown_fields *shown, const struct field *field)
{
	return shown == NULL || role_reads_field(shown->reads, field);
}

/* What people call it: the register's label, a party's name, else its reference. */
static const char *
label_of(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t id)
{
	const struct statement *label = &plan_of(registry, reg)->label;
	AUTO(strbuf_done) struct strbuf name = { 0 };
	struct value value = value_null();
	const struct image *image = NULL;
	struct scope scope = { .record = id };

	if (label->sql != NULL && statement_values(db, arena, label, &scope, &value, 1) == OK &&
	    value.kind == VALUE_TEXT)
		return value.text;
	if (reg->is_party && image_load_from(registry, db, arena, reg, id, &image) == OK)
		for (size_t i = 0; i < reg->party_name_count; i++) {
			const struct value *part = image_value(image, reg->party_name[i]);

			if (part->kind == VALUE_TEXT)
				strbuf_printf(&name, "%s%s", name.bytes > 0 ? " " : "", part->text);
		}
	return name.bytes > 0 ? arena_copy(arena, name.text, name.bytes) : registry_reference(registry, reg, arena, id);
}

/* A ref may lead to several registers: the one that has the record gives the prefix. */
static const struct reg *
register_of(struct registry *registry, struct db *db, struct arena *arena, const struct field *field, int64_t id)
{
	for (size_t i = 0; field->to_count > 1 && i < field->to_count; i++)
		if (image_exists(registry, db, field->to[i], id))
			return field->to[i];
	return field->to[0];
}

static void
show_ref(struct registry *registry, struct db *db, struct arena *arena, const struct field *field,
	 const struct value *value, const struct parties *mine, struct json *json)
{
	if (value->kind != VALUE_INTEGER) {
		json_null(json);
		return;
	}
	const struct reg *reg = register_of(registry, db, arena, field, value->integer);

	json_open_map(json);
	json_field_text(json, "ref", registry_reference(registry, reg, arena, value->integer));
	json_field_text(json, "register", reg->name);
	/* Those whom a record concerns know each other by name; an official opens each person on their own. */
	if (mine != NULL || !reg->personal)
		json_field_text(json, "label", label_of(registry, db, arena, reg, value->integer));
	if (reg->is_party)
		json_field_boolean(json, "me", show_is_among(mine, value->integer));
	json_close_map(json);
}

static enum error
show_list(struct registry *registry, struct db *db, struct arena *arena, const struct input_context *context,
	  const struct image *image, const struct field *list, struct json *json)
{
	AUTO(query_free) struct query *query = db_query(db, sql_list_load(arena, image->reg, list));
	enum error e;

	bind_integer(query, 1, image->id);
	json_open_list(json);
	while ((e = query_step(query)) == OK) {
		int at = 0;

		json_open_map(json);
		for (size_t i = 0; i < list->item_count; i++) {
			struct value values[2];
			size_t count = input_columns(&list->items[i]);

			for (size_t c = 0; c < count; c++)
				values[c] = column_value(query, at++, arena);
			json_key(json, list->items[i].name);
			if (list->items[i].type == FIELD_REF)
				show_ref(registry, db, arena, &list->items[i], &values[0], NULL, json);
			else
				input_print_json(context, &list->items[i], values, json);
		}
		json_close_map(json);
	}
	json_close_list(json);
	return e == ERR_NOT_FOUND ? OK : e;
}

static enum error
show_fields(struct registry *registry, struct db *db, struct arena *arena, const struct image *image,
	    const struct shown_fields *shown, const struct parties *mine, bool with_lists, int64_t now,
	    struct json *json)
{
	struct input_context context = registry_input_of(registry, db, arena, now);

	json_key(json, "fields");
	json_open_map(json);
	for (size_t i = 0; i < image->reg->field_count; i++) {
		const struct field *field = &image->reg->fields[i];

		if (!is_shown(shown, field))
			continue;
		json_key(json, field->name);
		if (field->type == FIELD_LIST && with_lists)
			TRY(show_list(registry, db, arena, &context, image, field, json));
		else if (field->type == FIELD_LIST)
			json_null(json);
		else if (field->type == FIELD_REF)
			show_ref(registry, db, arena, field, image_value(image, field), mine, json);
		else
			input_print_json(&context, field, image_value(image, field), json);
	}
	json_close_map(json);
	return OK;
}

static void
show_instant(struct registry *registry, const char *key, int64_t at, struct json *json)
{
	char text[INSTANT_TEXT_BYTES];

	json_field_text(json, key, at == 0 ? NULL : instant_print(at, zone_offset_minutes(registry->zone, at), text));
}

enum error
show_record(struct registry *registry, struct db *db, struct arena *arena, const struct image *image,
	    const struct shown_fields *shown, const struct parties *mine, int64_t now, struct json *json)
{
	json_field_text(json, "ref", registry_reference(registry, image->reg, arena, image->id));
	json_field_text(json, "state", image_state(image));
	json_field_integer(json, "version", image->values[COLUMN_VERSION].integer);
	show_instant(registry, "changed_at", image->values[COLUMN_CHANGED_AT].integer, json);
	return show_fields(registry, db, arena, image, shown, mine, true, now, json);
}

enum error
show_version(struct registry *registry, struct db *db, struct arena *arena, const struct image *image, int64_t until_at,
	     const struct parties *mine, struct json *json)
{
	json_open_map(json);
	json_field_integer(json, "version", image->values[COLUMN_VERSION].integer);
	json_field_text(json, "state", image_state(image));
	show_instant(registry, "from", image->values[COLUMN_CHANGED_AT].integer, json);
	show_instant(registry, "until", until_at, json);
	/* Only the lists of now are kept as rows; those of then stand in the ledger. */
	TRY(show_fields(registry, db, arena, image, NULL, mine, until_at == 0, 0, json));
	json_close_map(json);
	return OK;
}

/* ---- asks ---- */

static const char *
subject_name(const struct action *action, size_t subject)
{
	return action == NULL || subject >= action->ask_count ? NULL : action->asks[subject].subject.text;
}

enum error
show_asks(struct registry *registry, struct db *db, struct arena *arena, const struct image *image,
	  const struct parties *mine, enum language language, struct json *json)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT a.action, a.until_at, p.party, p.answer, p.subject FROM sys_ask a"
					   " JOIN sys_ask_party p ON p.ask = a.id"
					   " WHERE a.record = $1 AND a.outcome IS NULL ORDER BY a.id, p.id");
	enum error e;

	bind_integer(query, 1, image->id);
	json_key(json, "asks");
	json_open_list(json);
	while ((e = query_step(query)) == OK) {
		const char *action = column_text(query, 0);

		json_open_map(json);
		json_field_text(json, "action", action);
		json_field_text(json, "title",
				pack_textf(registry->pack, language, arena, "%s.%s", image->reg->name, action));
		show_instant(registry, "until", column_integer(query, 1), json);
		/* Who is asked, by the name that the record has for them: "guest", "@clerk". */
		json_field_text(json, "asked",
				subject_name(reg_action(image->reg, action), (size_t)column_integer(query, 4)));
		json_field_boolean(json, "me", show_is_among(mine, column_integer(query, 2)));
		json_field_text(json, "answer",
				column_is_null(query, 3)        ? NULL
				: column_integer(query, 3) != 0 ? "agreed"
								: "refused");
		json_close_map(json);
	}
	json_close_list(json);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* One ask of the inbox: reg, record, action, until_at, asked_at. */
static enum error
show_waiting_row(struct registry *registry, struct db *db, struct arena *arena, const struct query *query,
		 const struct parties *mine, enum language language, int64_t now, struct json *json)
{
	const struct reg *reg = pack_reg_by_code(registry->pack, column_integer(query, 0));
	const struct image *image = NULL;
	const char *action = column_text(query, 2), *text = NULL;

	if (reg == NULL)
		return OK;
	TRY(image_load_from(registry, db, arena, reg, column_integer(query, 1), &image));
	TRY(show_text(registry, db, arena, reg, image->id, action, true, language, NULL, column_integer(query, 3), 0,
		      &text));
	json_open_map(json);
	json_field_text(json, "register", reg->name);
	json_field_text(json, "action", action);
	json_field_text(json, "title", pack_textf(registry->pack, language, arena, "%s.%s", reg->name, action));
	json_field_text(json, "text", text);
	show_instant(registry, "until", column_integer(query, 3), json);
	TRY(show_record(registry, db, arena, image, NULL, mine, now, json));
	json_close_map(json);
	return OK;
}

enum error
show_waiting(struct registry *registry, struct db *db, struct arena *arena, int64_t party, const struct actor *actor,
	     size_t limit, const struct parties *mine, const struct parties *by_reg, int64_t now, struct json *json)
{
	AUTO(query_free)
	struct query *query = db_query(
		db, "SELECT a.reg, a.record, a.action, a.until_at FROM sys_ask_party p JOIN sys_ask a ON a.id = p.ask"
		    " WHERE p.party = $1 AND p.answer IS NULL AND a.outcome IS NULL ORDER BY p.id LIMIT $2");
	enum error e;

	bind_integer(query, 1, party);
	bind_integer(query, 2, (int64_t)limit);
	while ((e = query_step(query)) == OK) {
		const struct reg *reg = pack_reg_by_code(registry->pack, column_integer(query, 0));

		if (reg != NULL && show_is_among(&by_reg[reg->index], party))
			TRY(show_waiting_row(registry, db, arena, query, mine, actor->language, now, json));
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
show_waiting_for_roles(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
		       size_t limit, int64_t now, struct json *json)
{
	for (size_t i = 0; i < actor->role_count; i++) {
		AUTO(query_free)
		struct query *query =
			db_query(db, "SELECT a.reg, a.record, a.action, a.until_at FROM sys_ask_party p JOIN sys_ask a "
				     "ON a.id = p.ask"
				     " WHERE p.party = 0 AND p.role = $1 AND p.answer IS NULL AND a.outcome IS NULL"
				     " AND ($2 = 0 OR coalesce(p.place, 0) = 0 OR EXISTS"
				     " (SELECT 1 FROM place_above x WHERE x.place = p.place AND x.above = $2)) ORDER "
				     "BY p.id LIMIT $3");
		enum error e;

		bind_integer(query, 1, actor->roles[i].role->code);
		bind_integer(query, 2, actor->roles[i].place);
		bind_integer(query, 3, (int64_t)limit);
		while ((e = query_step(query)) == OK) {
			const struct reg *reg = pack_reg_by_code(registry->pack, column_integer(query, 0));
			const char *action = column_text(query, 2);

			/* A queue: what waits, where and until when; the record of a person is opened by a look-up. */
			if (reg == NULL)
				continue;
			json_open_map(json);
			json_field_text(json, "register", reg->name);
			json_field_text(json, "action", action);
			json_field_text(json, "title",
					pack_textf(registry->pack, actor->language, arena, "%s.%s", reg->name, action));
			show_instant(registry, "until", column_integer(query, 3), json);
			json_field_text(json, "ref",
					registry_reference(registry, reg, arena, column_integer(query, 1)));
			json_close_map(json);
		}
		if (e != ERR_NOT_FOUND)
			return e;
	}
	return OK;
}

/* ---- messages ---- */

static enum error
show_message_rows(struct registry *registry, struct db *db, struct arena *arena, struct query *query, int64_t party,
		  const struct parties *by_reg, enum language language, struct json *json)
{
	enum error e;

	while ((e = query_step(query)) == OK) {
		const struct reg *reg = pack_reg_by_code(registry->pack, column_integer(query, 0));
		const char *action = column_text(query, 2), *text = NULL;

		if (reg == NULL || (by_reg != NULL && !show_is_among(&by_reg[reg->index], party)))
			continue;
		/* To a role: the record of a person is opened by a look-up. */
		if (by_reg != NULL || !reg->personal)
			TRY(show_text(registry, db, arena, reg, column_integer(query, 1), action, false, language, NULL,
				      0, column_integer(query, 3), &text));
		json_open_map(json);
		show_instant(registry, "at", column_integer(query, 3), json);
		json_field_text(json, "register", reg->name);
		json_field_text(json, "action", action);
		json_field_text(json, "title", pack_textf(registry->pack, language, arena, "%s.%s", reg->name, action));
		json_field_text(json, "ref", registry_reference(registry, reg, arena, column_integer(query, 1)));
		json_field_text(json, "text", text);
		json_close_map(json);
	}
	return e == ERR_NOT_FOUND ? OK : e;
}

enum error
show_messages(struct registry *registry, struct db *db, struct arena *arena, int64_t party,
	      const struct parties *by_reg, enum language language, size_t limit, struct json *json)
{
	AUTO(query_free)
	struct query *query = db_query(db, "SELECT reg, record, action, created_at FROM sys_message WHERE party = $1 "
					   "AND ask_party IS NULL ORDER BY id DESC LIMIT $2");

	bind_integer(query, 1, party);
	bind_integer(query, 2, (int64_t)limit);
	return show_message_rows(registry, db, arena, query, party, by_reg, language, json);
}

enum error
show_messages_for_roles(struct registry *registry, struct db *db, struct arena *arena, const struct actor *actor,
			size_t limit, struct json *json)
{
	for (size_t i = 0; i < actor->role_count; i++) {
		AUTO(query_free)
		struct query *query = db_query(db, "SELECT reg, record, action, created_at FROM sys_message WHERE "
						   "party = 0 AND role = $1 AND ask_party IS NULL"
						   " AND ($2 = 0 OR coalesce(place, 0) = 0 OR EXISTS"
						   " (SELECT 1 FROM place_above x WHERE x.place = sys_message.place "
						   "AND x.above = $2)) ORDER BY id DESC LIMIT $3");

		bind_integer(query, 1, actor->roles[i].role->code);
		bind_integer(query, 2, actor->roles[i].place);
		bind_integer(query, 3, (int64_t)limit);
		TRY(show_message_rows(registry, db, arena, query, 0, NULL, actor->language, json));
	}
	return OK;
}

/* ---- texts ---- */

static bool
is_personal_number(const struct field *field)
{
	return field->type == FIELD_IIN || field->type == FIELD_DOCUMENT;
}

const char *
show_title(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t id,
	   enum language language)
{
	const char *label = label_of(registry, db, arena, reg, id);
	const struct image *image = NULL;
	int64_t place_id = 0;

	if (reg->is_party || reg->personal || reg->territory == NULL ||
	    image_load_from(registry, db, arena, reg, id, &image) != OK ||
	    image_territory(registry, db, arena, image, 0, &place_id) != OK)
		return label;
	const struct place *place = pack_place(registry->pack, place_id);
	const char *name = place == NULL ? NULL : pack_place_name(registry->pack, place, language);

	return name == NULL ? label : arena_printf(arena, "%s, %s", name, label);
}

/* A name may be written out to who is told; a personal number may not. */
static const char *
field_text(struct registry *registry, struct db *db, struct arena *arena, const struct image *image,
	   const struct field *field, enum language language)
{
	struct input_context context = registry_input(registry, arena, 0);
	const struct value *value = image_value(image, field);

	if (is_personal_number(field))
		return "…";
	if (field->type == FIELD_REF && value->kind == VALUE_INTEGER)
		return show_title(registry, db, arena, register_of(registry, db, arena, field, value->integer),
				  value->integer, language);
	return input_print_text(&context, image->reg, field, value, language);
}

/* As the fields of the same message write their days (pack/input.h). */
static const char *
day_text(struct arena *arena, int64_t day, enum language language)
{
	struct civil c = day_civil(day);
	char text[DAY_TEXT_BYTES];

	return language == LANGUAGE_EN ? arena_text(arena, day_print(day, text))
				       : arena_printf(arena, "%02d.%02d.%04d", c.day, c.month, c.year);
}

static const char *
placeholder(struct registry *registry, struct db *db, struct arena *arena, const struct image *image, const char *name,
	    enum language language, const char *link, int64_t until_at)
{
	if (strcmp(name, "ref") == 0)
		return registry_reference(registry, image->reg, arena, image->id);
	if (strcmp(name, "link") == 0)
		return link != NULL ? link
				    : message_print(arena, MSG_IN_INBOX, language, (const char *const[3]){ NULL });
	/* Where no answer is awaited, a field of that name is meant. */
	if (strcmp(name, "due") == 0 && until_at != 0)
		return day_text(arena, zone_day(registry->zone, until_at), language);
	const struct field *field = reg_field(image->reg, name);

	return field == NULL || field->type == FIELD_LIST ? ""
							  : field_text(registry, db, arena, image, field, language);
}

/* What is asked shows the record as it would be; one that nothing waits on any more is shown as it is. */
static enum error
load_as_asked(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t record,
	      const char *name, const struct image **ret_image)
{
	const struct action *action = reg_action(reg, name);
	AUTO(query_free)
	struct query *query = db_query(
		db, "SELECT args, party, asked_at FROM sys_ask WHERE record = $1 AND action = $2 AND outcome IS NULL");

	TRY(image_load_from(registry, db, arena, reg, record, ret_image));
	bind_integer(query, 1, record);
	bind_text(query, 2, name);
	enum error e = action == NULL ? ERR_NOT_FOUND : query_one(query);

	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	struct txn txn = { .registry = registry,
			   .db = db,
			   .arena = arena,
			   .me = column_integer(query, 1),
			   .now = column_integer(query, 2) };

	txn.today = registry_today(registry, txn.now);
	e = action_as_asked(&txn, action, *ret_image, column_text(query, 0), ret_image);
	return e == OK || error_http(e) < 500 ? OK : e;
}

/* The record as it stood at `at` (0: now): what was told does not change with what came after. */
static enum error
load_as_of(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t record,
	   int64_t at, const struct image **ret_image)
{
	const struct image *now = NULL;
	const struct image *then = NULL;
	enum error e;

	TRY(image_load_from(registry, db, arena, reg, record, &now));
	*ret_image = now;
	if (at == 0 || now->values[COLUMN_CHANGED_AT].integer <= at)
		return OK;
	AUTO(query_free) struct query *query = db_query(db, sql_past(arena, reg));

	bind_integer(query, 1, record);
	while ((e = query_step(query)) == OK && column_integer(query, (int)reg->column_count) <= at)
		then = image_of_row(arena, reg, record, query);
	if (then != NULL)
		*ret_image = then;
	return e == ERR_NOT_FOUND || e == OK ? OK : e;
}

enum error
show_text(struct registry *registry, struct db *db, struct arena *arena, const struct reg *reg, int64_t record,
	  const char *action, bool asks, enum language language, const char *link, int64_t until_at, int64_t at,
	  const char **ret_text)
{
	const char *key = arena_printf(arena, "%s.%s.asks", reg->name, action);
	const char *text = asks ? pack_text(registry->pack, language, key) : key;

	/* A pack may say the same to who is asked and to who is told. */
	if (text == key)
		text = pack_textf(registry->pack, language, arena, "%s.%s.tells", reg->name, action);
	AUTO(strbuf_done) struct strbuf out = { 0 };
	const struct image *image = NULL;

	TRY(asks ? load_as_asked(registry, db, arena, reg, record, action, &image)
		 : load_as_of(registry, db, arena, reg, record, at, &image));
	while (*text != '\0') {
		const char *end = *text == '{' ? strchr(text, '}') : NULL;

		if (end == NULL) {
			strbuf_char(&out, *text++);
			continue;
		}
		const char *value =
			placeholder(registry, db, arena, image, arena_copy(arena, text + 1, (size_t)(end - text - 1)),
				    language, link, until_at);

		strbuf_text(&out, value == NULL ? "" : value);
		text = end + 1;
	}
	*ret_text = arena_copy(arena, out.text, out.bytes);
	return OK;
}

static struct role_reads
without_numbers(struct arena *arena, const struct reg *reg)
{
	const struct field **fields = arena_array_of(arena, const struct field *, reg->field_count + 1);
	struct role_reads reads = { .reg = reg, .fields = fields };

	for (size_t i = 0; i < reg->field_count; i++)
		if (!is_personal_number(&reg->fields[i]))
			fields[reads.field_count++] = &reg->fields[i];
	return reads;
}

enum error
show_ask_page(struct registry *registry, struct db *db, struct arena *arena, const struct query *row,
	      const struct parties *asked, enum language language, struct json *json)
{
	const struct reg *reg = pack_reg_by_code(registry->pack, column_integer(row, 0));
	const char *action = column_text(row, 2), *text = NULL;
	const struct image *image = NULL;

	if (reg == NULL)
		return ERR_GONE;
	TRY(load_as_asked(registry, db, arena, reg, column_integer(row, 1), action, &image));
	TRY(show_text(registry, db, arena, reg, image->id, action, true, language,
		      message_print(arena, MSG_ON_THIS_PAGE, language, (const char *const[3]){ NULL }),
		      column_integer(row, 3), 0, &text));
	json_open_map(json);
	json_field_text(json, "register", reg->name);
	json_field_text(json, "register_title", pack_text(registry->pack, language, reg->name));
	json_field_text(json, "action", action);
	json_field_text(json, "title", pack_textf(registry->pack, language, arena, "%s.%s", reg->name, action));
	json_field_text(json, "text", text);
	show_instant(registry, "until", column_integer(row, 3), json);
	json_key(json, "shown");
	json_open_list(json);
	for (size_t i = 0; i < reg->field_count; i++) {
		const struct field *field = &reg->fields[i];

		if (field->type == FIELD_LIST || image_value(image, field)->kind == VALUE_NULL)
			continue;
		json_open_map(json);
		json_field_text(json, "name", field->name);
		json_field_text(json, "title",
				pack_textf(registry->pack, language, arena, "%s.%s", reg->name, field->name));
		json_field_text(json, "text", field_text(registry, db, arena, image, field, language));
		json_close_map(json);
	}
	json_close_list(json);
	/* Whoever holds the link reads this: personal numbers are not for a link. */
	struct role_reads reads = without_numbers(arena, reg);

	TRY(show_record(registry, db, arena, image, &(struct shown_fields){ .reads = &reads }, asked, 0, json));
	json_close_map(json);
	return OK;
}
