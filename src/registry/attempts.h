/* attempts.h - how often one account's acts that came to nothing, or were only tried, have named one person today. Each
 * of the first few leaves an entry that the person sees; a page that tries what is typed must not fill their log, nor
 * must anybody out of spite. In memory only; of the writer's thread. What it counts follows the transaction. */
#pragma once
#include "base/base.h"

enum { ATTEMPTS_A_DAY = 3 };

struct attempts;

struct attempts *attempts_new(void);
void attempts_free(struct attempts *attempts);
DEFINE_AUTO(struct attempts, attempts_free)

/* Counts one about `party` in the register of that code; false: it was not among the day's first few. */
bool attempts_count(struct attempts *attempts, int64_t account, int64_t party, uint32_t reg_code, int64_t today);

void attempts_mark(struct attempts *attempts); /* a job begins */
void attempts_undo_to_mark(struct attempts *attempts);
void attempts_committed(struct attempts *attempts);
void attempts_undone(struct attempts *attempts);
