#include <stdlib.h>
#include <string.h>
#include "pack/load.h"

void
pack_free(struct pack *pack)
{
	if (pack == NULL)
		return;
	texts_free(pack->texts);
	arena_free(pack->arena); /* the pack itself lives there */
}

#define FIND(array, count, name)                           \
	for (size_t i_ = 0; i_ < (count); i_++)            \
		if (strcmp((array)[i_].name, (name)) == 0) \
			return &(array)[i_];               \
	return NULL

const struct reg *
pack_reg(const struct pack *pack, const char *name)
{
	FIND(pack->regs, pack->reg_count, name);
}

const struct reg *
pack_reg_by_prefix(const struct pack *pack, const char *prefix)
{
	for (size_t i = 0; i < pack->reg_count; i++)
		if (strcmp(pack->regs[i].prefix, prefix) == 0)
			return &pack->regs[i];
	return NULL;
}

const struct reg *
pack_reg_by_code(const struct pack *pack, int64_t code)
{
	for (size_t i = 0; i < pack->reg_count; i++)
		if (pack->regs[i].code == code)
			return &pack->regs[i];
	return NULL;
}

const struct role *
pack_role_by_code(const struct pack *pack, int64_t code)
{
	for (size_t i = 0; i < pack->role_count; i++)
		if (pack->roles[i].code == code)
			return &pack->roles[i];
	return NULL;
}

const struct field *
reg_field(const struct reg *reg, const char *name)
{
	FIND(reg->fields, reg->field_count, name);
}

const struct action *
reg_action(const struct reg *reg, const char *name)
{
	FIND(reg->actions, reg->action_count, name);
}

const struct party *
reg_party(const struct reg *reg, const char *name)
{
	FIND(reg->parties, reg->party_count, name);
}

const struct field *
action_arg(const struct action *action, const char *name)
{
	FIND(action->args, action->arg_count, name);
}

const struct role *
pack_role(const struct pack *pack, const char *name)
{
	FIND(pack->roles, pack->role_count, name);
}

const struct purpose *
pack_purpose(const struct pack *pack, const char *name)
{
	FIND(pack->purposes, pack->purpose_count, name);
}

const struct view *
pack_view(const struct pack *pack, const char *name)
{
	FIND(pack->views, pack->view_count, name);
}

const struct provision *
pack_provision(const struct pack *pack, const char *name)
{
	FIND(pack->provisions, pack->provision_count, name);
}

const struct dated_table *
pack_table(const struct pack *pack, const char *name)
{
	FIND(pack->tables, pack->table_count, name);
}

static int
compare_id(const void *key, const void *item)
{
	int64_t id = *(const int64_t *)key;
	const struct place *place = item;

	return (id > place->id) - (id < place->id);
}

const struct place *
pack_place(const struct pack *pack, int64_t id)
{
	return pack->place_count == 0
		       ? NULL
		       : bsearch(&id, pack->places, pack->place_count, sizeof(*pack->places), compare_id);
}

const char *
pack_place_name(const struct pack *pack, const struct place *place, enum language language)
{
	const char *name = place->names[language];

	for (size_t i = 0; name == NULL && i < pack->language_count; i++)
		name = place->names[pack->languages[i]];
	return name;
}

bool
role_reads_field(const struct role_reads *reads, const struct field *field)
{
	for (size_t i = 0; !reads->all && i < reads->field_count; i++)
		if (reads->fields[i] == field)
			return true;
	return reads->all;
}

bool
view_has_key(const struct view *view, const char *column)
{
	for (size_t i = 0; i < view->key_count; i++)
		if (strcmp(view->keys[i], column) == 0)
			return true;
	return false;
}

bool
pack_place_within(const struct pack *pack, int64_t place, int64_t above)
{
	const struct place *at = pack_place(pack, place);

	while (at != NULL && at->id != above)
		at = pack_place(pack, at->parent);
	return at != NULL;
}

bool
provision_in_force(const struct provision *provision, int64_t day)
{
	if (provision->act->status != ACT_IN_FORCE)
		return false;
	for (size_t i = 0; i < provision->in_force_count; i++)
		if (day >= provision->in_force[i].from && day <= provision->in_force[i].until)
			return true;
	return false;
}
