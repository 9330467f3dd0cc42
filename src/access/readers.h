/* readers.h - connections for reading, opened when needed, a few kept for the next. */
#pragma once
#include "store/db.h"

struct readers;
NODISCARD enum error readers_open(const char *db_path, struct readers **ret_readers);
void readers_close(struct readers *readers);
NODISCARD enum error reader_take(struct readers *readers, struct db **ret_db);
void reader_give(struct readers *readers, struct db *db);
