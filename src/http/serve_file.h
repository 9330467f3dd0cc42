/* serve_file.h - sends one uploaded file as an attachment (files.c). */
#pragma once
#include "http/request.h"
#include "registry/file.h"

/* A place for one file in memory, kept until the request ends. ERR_BUSY: all are taken, or this account has its share.
 * Somebody who sends or reads a byte now and then could else fill the memory with files. */
NODISCARD enum error hold_file(struct request *request);
void let_go_of_file(struct request *request);
/* `account` other than nobody: only if this account uploaded it. ERR_NOT_FOUND. */
NODISCARD enum error serve_file(struct request *request, struct db *db, int64_t file, int64_t account);
