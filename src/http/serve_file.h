/* serve_file.h - sends one uploaded file as an attachment (files.c). */
#pragma once
#include "http/request.h"
#include "registry/file.h"

/* `account` other than nobody: only if this account uploaded it. ERR_NOT_FOUND. */
NODISCARD enum error serve_file(struct request *request, struct db *db, int64_t file, int64_t account);
