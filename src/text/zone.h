/* zone.h - one time zone: which civil day an instant falls on, when a day begins. Reads the
 * system's time zone file (RFC 8536, $TZDIR or /usr/share/zoneinfo) once; afterwards only arithmetic,
 * safe for several threads. Not ICU: its tables come with the library and are older (Almaty's change
 * to +05:00 on 1 March 2024 is missing in ICU 72). Known from 1900 to 2100; beyond, the offset of the edge. */
#pragma once
#include "base/base.h"

struct zone;
/* "Asia/Almaty". ERR_BAD_INPUT: no such zone; ERR_IO: no time zones are installed (package tzdata). */
NODISCARD enum error zone_open(const char *name, struct zone **ret_zone);
void zone_free(struct zone *zone);
DEFINE_AUTO(struct zone, zone_free)

/* Rounded towards 0: before 1920 many towns kept their own time, to the second. */
int zone_offset_minutes(const struct zone *zone, int64_t ms);
int64_t zone_day(const struct zone *zone, int64_t ms);
/* The first instant of `day` (of the next one there is, where a zone left this one out). */
int64_t zone_day_begins(const struct zone *zone, int64_t day);
