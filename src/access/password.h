/* password.h - Argon2id with a bounded number at work, and what passwords are refused. */
#pragma once
#include "access/access.h"

/* Does `password` fit `hash` (text of a struct password_hash)? NULL: there is none to compare with; it takes as long
 * and is false. ERR_BUSY as account_hash. `ret_outdated`: it fits, but was made at a lower cost than now in force. */
NODISCARD enum error password_verify(const char *hash, const char *password, bool *ret_fits, bool *ret_outdated);
