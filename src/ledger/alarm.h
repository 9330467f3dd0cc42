/* alarm.h - the one list of reasons for which publishing stops for good (alarm.def). */
#pragma once

enum alarm {
#define ALARM(id, name, text) id,
#include "ledger/alarm.def"
#undef ALARM
	ALARM_COUNT
};
/* As /healthz and the log have it ("store-behind"). */
const char *alarm_name(enum alarm alarm);
/* One English sentence; "" for none. */
const char *alarm_text(enum alarm alarm);
