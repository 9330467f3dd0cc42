/* search_inner.h - what search_find.c (candidates, in the caller's thread) and search.c (entries and the answer, in the
 * writer's) share. */
#pragma once
#include "registry/official_entry.h"
#include "registry/search.h"

/* The nth role of the actor that may search this register for the purpose; NULL: no more. */
const struct held_role *search_role(const struct search_job *search, size_t nth);
/* May the field be used and shown? `reads` NULL: of a public register only. */
bool search_reads(const struct reg *reg, const struct role_reads *reads, const struct field *field);
