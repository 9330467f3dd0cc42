/* rule.h - which names and roles an account may have. */
#pragma once
#include "access/access.h"

bool rule_name(const char *name);
/* Territories and what goes together; ERR_BAD_INPUT with items on "roles[1].place" or "roles[1].role". */
NODISCARD enum error rule_roles(const struct pack *pack, const struct held_role *roles, size_t count,
				struct problem *problem);
/* A role of an office, or one with abilities: not for a clerk to hand out. */
bool rule_is_official(const struct role *role);
