#include "access/rule.h"
#include <stdio.h>
#include <string.h>

enum { NAME_BYTES_MIN = 2, FIELD_BYTES = 48 };

bool
rule_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.-_@";
	size_t bytes = name == NULL ? 0 : strnlen(name, ACCOUNT_NAME_BYTES_MAX + 1);

	if (bytes < NAME_BYTES_MIN || bytes > ACCOUNT_NAME_BYTES_MAX)
		return false;
	return strspn(name, letters) == bytes && strchr(".-_@", name[0]) == NULL;
}

bool
rule_is_official(const struct role *role)
{
	return role->body != NULL || role->can != 0 || role->reads_count > 0;
}

/* Whoever hands out accounts must not also see people, for they could make themselves anyone; nor watch over those who
 * hand them out. */
static bool
stands_apart(const struct role *role)
{
	return role->reads_count > 0 || (role->can & (CAN_LOOKUPS | CAN_AUDIT)) != 0;
}

static enum error
add_problem(struct problem *problem, size_t index, const char *part, enum message message, const char *argument)
{
	char field[FIELD_BYTES];

	snprintf(field, sizeof(field), "roles[%zu].%s", index, part);
	return problem_add(problem, ERR_BAD_INPUT, field, message, argument, NULL);
}

static enum error
check_place(const struct pack *pack, const struct held_role *held, size_t index, struct problem *problem)
{
	if (!held->role->territory)
		return held->place == 0 ? OK : add_problem(problem, index, "place", MSG_NOT_ALLOWED_HERE, "place");
	if (held->place == 0)
		return add_problem(problem, index, "place", MSG_REQUIRED, NULL);
	return pack_place(pack, held->place) != NULL ? OK : add_problem(problem, index, "place", MSG_NOT_PLACE, NULL);
}

static bool
is_repeated(const struct held_role *roles, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (roles[i].role == roles[index].role && roles[i].place == roles[index].place &&
		    roles[i].party == roles[index].party)
			return true;
	return false;
}

enum error
rule_roles(const struct pack *pack, const struct held_role *roles, size_t count, struct problem *problem)
{
	enum error e = OK;
	bool manages = false;

	if (count > ACTOR_ROLES_MAX)
		return problem_add(problem, ERR_BAD_INPUT, "roles", MSG_LIST_TOO_LONG, "16", NULL);
	for (size_t i = 0; i < count; i++)
		manages = manages || (roles[i].role != NULL && (roles[i].role->can & CAN_ACCOUNTS) != 0);
	for (size_t i = 0; i < count; i++) {
		if (roles[i].role == NULL) {
			e = add_problem(problem, i, "role", MSG_REQUIRED, NULL);
			continue;
		}
		if (check_place(pack, &roles[i], i, problem) != OK)
			e = ERR_BAD_INPUT;
		if (is_repeated(roles, i))
			e = add_problem(problem, i, "role", MSG_UNIQUE, roles[i].role->name);
		if (manages && stands_apart(roles[i].role))
			e = add_problem(problem, i, "role", MSG_ROLES_APART, roles[i].role->name);
	}
	return e;
}
