/* datadir.h - one installation on disk:
 *	DIR/store/tirkeu.db		the database: what backups hold
 *	DIR/keys/{reference,ledger,file,log}.key	random, 0600; never in the same archive as the store
 *	DIR/once/signer			what the log's key signed last; a backup must not bring it back
 *	DIR/tlog/			the published log; can be made again
 *	DIR/pack/<digest>/		the pack in use, so that its source folder may go
 *	DIR/run/socket, DIR/run/session-<uid>	0600; of running programs
 *	DIR/lock			whoever holds it writes
 *	DIR/settings.yaml
 * Folders are 0700. Knows no pack and no SQL. */
#pragma once
#include "base/arena.h"
#include "text/reference.h"

struct datadir {
	char *path;
	int folder_fd;
	int lock_fd; /* -1: not locked by us */
};

#define DATADIR_LOG_KEY "keys/log.key"

struct datadir_keys {
	unsigned char reference[REFERENCE_KEY_BYTES];
	unsigned char ledger[16];
	unsigned char file[32];
	unsigned char log[32];
	bool has_log; /* false: the installation is older than its log's key, or the key is lost */
};

/* Makes the folders, fresh keys and an empty settings.yaml, and takes the lock. ERR_DUPLICATE: there is something in
 * that folder. */
NODISCARD enum error datadir_make(const char *path, struct datadir **ret_dir);
/* Empties the folder that datadir_make has just made, when what followed failed. */
void datadir_unmake(const struct datadir *dir);
/* ERR_NOT_FOUND: no store there. */
NODISCARD enum error datadir_open(const char *path, struct datadir **ret_dir);
/* Of a folder that was just made and filled: all that lies in it keeps its name through a power cut. ERR_IO. */
NODISCARD enum error datadir_settle(const struct datadir *dir);
/* Gives the lock back. */
void datadir_close(struct datadir *dir);
DEFINE_AUTO(struct datadir, datadir_close)

/* ERR_BUSY: another program writes. */
NODISCARD enum error datadir_lock(struct datadir *dir);
/* "DIR/" before the name. */
const char *datadir_path(const struct datadir *dir, struct arena *arena, const char *name);
const char *datadir_store(const struct datadir *dir, struct arena *arena);
/* A path to DIR/run/socket that is short enough for a socket's address, as long as `dir` is open. */
const char *datadir_socket(const struct datadir *dir, struct arena *arena);
/* Where this user's session of `tirkeu login` is kept. */
const char *datadir_session(const struct datadir *dir, struct arena *arena);
/* ERR_NOT_FOUND, ERR_DAMAGED (a wrong length); without log.key only `has_log` is false. */
NODISCARD enum error datadir_keys(const struct datadir *dir, struct datadir_keys *ret_keys);
/* Of a folder that datadir_make has just made: these instead of fresh ones (a demo's come from its seed). */
NODISCARD enum error datadir_replace_keys(const struct datadir *dir, const struct datadir_keys *keys);
/* Of an installation that is older than its log's key. */
NODISCARD enum error datadir_add_log_key(const struct datadir *dir, const unsigned char key[static 32]);

/* The folder of the pack with this digest. */
const char *datadir_pack(const struct datadir *dir, struct arena *arena, const unsigned char digest[static 32]);
/* Copies the pack's files into it: whole or not at all. */
NODISCARD enum error datadir_keep_pack(const struct datadir *dir, const char *folder,
				       const unsigned char digest[static 32]);
/* Writes a 0600 file: whole or not at all. */
NODISCARD enum error datadir_write_private(const char *path, const void *bytes, size_t count);
