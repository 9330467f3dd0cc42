#include "ledger/alarm.h"
#include "base/base.h"

static const struct {
	const char *name, *text;
} alarms[ALARM_COUNT] = {
#define ALARM(id, name, text) [id] = { name, text },
#include "ledger/alarm.def"
#undef ALARM
};

const char *
alarm_name(enum alarm alarm)
{
	assert(alarm < ALARM_COUNT);
	return alarms[alarm].name;
}

const char *
alarm_text(enum alarm alarm)
{
	assert(alarm < ALARM_COUNT);
	return alarms[alarm].text;
}
