/* zone.h - one time zone: which civil day an instant falls on, when a day begins. Reads ICU's
 * tables once; afterwards only arithmetic, safe for several threads. */
#pragma once
#include "base/base.h"

struct zone;
/* ERR_BAD_INPUT: no such zone. */
NODISCARD enum error zone_open(const char *name, struct zone **ret_zone);
void zone_free(struct zone *zone);
DEFINE_AUTO(struct zone, zone_free)

int zone_offset_minutes(const struct zone *zone, int64_t ms);
int64_t zone_day(const struct zone *zone, int64_t ms);
/* The first instant of `day`. */
int64_t zone_day_begins(const struct zone *zone, int64_t day);
