/* fixture.h - for the tests of this floor: a store in a folder of its own, a small pack made by hand, passwords that
 * cost little. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "access/state.h"
#include "base/strbuf.h"

#define NOW INT64_C(1800000000000)
#define GOOD_PASSWORD "seven grey herons walk"
#define OTHER_PASSWORD "eleven quiet lanterns"
#define UNUSED __attribute__((unused))

enum { RESIDENT, CLERK, ADMINISTRATOR, INTEGRATOR, AUDITOR, ROLE_COUNT };
enum { COUNTRY = 1, CITY = 71, DISTRICT = 75, OTHER_CITY = 79 }; /* the district is the city's */

static const struct role_reads clerk_reads[] = { { .all = true } };
static const struct role roles[ROLE_COUNT] = {
	[RESIDENT] = { .name = "resident" },
	[CLERK] = { .name = "clerk",
		    .body = "interior",
		    .territory = true,
		    .can = CAN_COUNTER | CAN_LOOKUPS | CAN_FINDINGS,
		    .reads = clerk_reads,
		    .reads_count = 1,
		    .index = 1 },
	[ADMINISTRATOR] = { .name = "administrator", .can = CAN_ACCOUNTS, .index = 2 },
	[INTEGRATOR] = { .name = "integrator", .token = true, .index = 3 },
	[AUDITOR] = { .name = "auditor", .body = "audit", .can = CAN_AUDIT, .index = 4 },
};
static const struct place places[] = {
	{ .id = COUNTRY, .code = "000000000", .valid_from = -999999999, .valid_to = 999999999 },
	{ .id = CITY, .code = "710000000", .parent = COUNTRY, .valid_from = -999999999, .valid_to = 999999999 },
	{ .id = DISTRICT, .code = "711000000", .parent = CITY, .valid_from = -999999999, .valid_to = 999999999 },
	{ .id = OTHER_CITY, .code = "790000000", .parent = COUNTRY, .valid_from = -999999999, .valid_to = 999999999 },
};
static const struct pack test_pack = {
	.name = "test",
	.roles = roles,
	.role_count = ROLE_COUNT,
	.places = places,
	.place_count = ARRAY_COUNT(places),
	.place_root = COUNTRY,
};

struct fixture {
	char folder[64], path[80];
	struct db *db; /* the writer's; only for db_fail_at while it is idle */
	struct writer *writer;
	struct access *access;
	struct arena *arena;
	struct problem problem;
};

UNUSED static void
execute_file(struct db *db, const char *path)
{
	AUTO(strbuf_done) struct strbuf script = { 0 };
	FILE *file = fopen(path, "r");
	char part[4096];
	size_t bytes;

	assert_non_null(file);
	while ((bytes = fread(part, 1, sizeof(part), file)) > 0)
		strbuf_add(&script, part, bytes);
	fclose(file);
	assert_int_equal(db_execute(db, script.text), OK);
}

UNUSED static void
open_again(struct fixture *f)
{
	struct db *db = NULL;

	assert_int_equal(db_open(f->path, DB_WRITE, &db), OK);
	f->db = db;
	assert_int_equal(writer_open(db, f->path, NULL, &f->writer), OK);
	assert_int_equal(access_open(&test_pack, f->path, f->writer, &f->access), OK);
}

UNUSED static void
shut(struct fixture *f)
{
	access_close(f->access);
	writer_close(f->writer);
	f->access = NULL;
	f->writer = NULL;
}

UNUSED static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct db *db = NULL;

	access_set_cost(&(struct access_cost){ .passes = 1, .memory_bytes = 8192 });
	snprintf(f->folder, sizeof(f->folder), "/tmp/tirkeu-access-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/db", f->folder);
	assert_int_equal(db_open(f->path, DB_WRITE, &db), OK);
	execute_file(db, "migrations/0003-access.sql");
	db_close(db);
	open_again(f);
	f->arena = arena_new();
	problem_init(&f->problem, f->arena);
	*state = f;
	return 0;
}

UNUSED static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char command[96];

	shut(f);
	arena_free(f->arena);
	snprintf(command, sizeof(command), "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

/* What one job of the caller's does. */
enum deed { CREATE, CLOSE, GRANT, REVOKE, SET_PASSWORD, NEW_CODE };
struct deed_job {
	struct job job;
	struct access *access;
	enum deed deed;
	int64_t account, by, now;
	struct account_draft draft;
	struct held_role role;
	const char *password;
	struct password_hash hash;
	char code[ACTIVATION_CODE_BYTES];
	enum error then; /* returned after the deed: the job is undone */
};

UNUSED static enum error
deed_do(struct deed_job *d, struct db *db)
{
	struct access *access = access_by(d->access, d->by);
	const struct password_hash *hash = d->password == NULL ? NULL : &d->hash;

	switch (d->deed) {
	case CREATE:
		return account_create(access, db, &d->draft, hash, d->now, &d->account, d->code);
	case CLOSE:
		return account_close(access, db, d->account, d->now);
	case GRANT:
		return account_grant(access, db, d->account, &d->role, d->now, NULL);
	case REVOKE:
		return account_revoke(access, db, d->account, d->role.role, d->now);
	case SET_PASSWORD:
		return account_set_password(access, db, d->account, hash, d->now);
	default:
		return account_new_code(access, db, d->account, d->now, d->code);
	}
}

UNUSED static enum error
deed_run(struct job *job, struct db *db)
{
	struct deed_job *d = (struct deed_job *)job;
	enum error e = deed_do(d, db);

	return e == OK ? d->then : e;
}

UNUSED static enum error
run_deed(struct fixture *f, struct deed_job *d)
{
	d->job = (struct job){ .run = deed_run };
	d->access = f->access;
	d->now = d->now == 0 ? NOW : d->now;
	if (d->password != NULL)
		assert_int_equal(account_hash(d->password, &d->hash), OK);
	return writer_run(f->writer, &d->job);
}

/* `role` -1: none. */
UNUSED static int64_t
make_account(struct fixture *f, const char *name, const char *password, int role, int64_t place)
{
	struct held_role held = { .role = role < 0 ? NULL : &roles[role], .place = place };
	struct deed_job d = {
		.deed = CREATE,
		.password = password,
		.draft = { .name = name, .language = LANGUAGE_KK, .roles = &held, .role_count = role < 0 ? 0 : 1 }
	};

	assert_int_equal(run_deed(f, &d), OK);
	return d.account;
}

UNUSED static enum error
change(struct fixture *f, int64_t account, enum deed deed, int role, int64_t place)
{
	struct deed_job d = { .deed = deed,
			      .account = account,
			      .role = { .role = role < 0 ? NULL : &roles[role], .place = place },
			      .password = deed == SET_PASSWORD ? OTHER_PASSWORD : NULL };

	return run_deed(f, &d);
}

UNUSED static int64_t
query_number(struct fixture *f, const char *sql)
{
	struct db *db = NULL;

	assert_int_equal(db_open(f->path, DB_READ, &db), OK);
	struct query *q = db_query(db, sql);

	assert_int_equal(query_one(q), OK);
	int64_t number = column_integer(q, 0);

	query_free(q);
	db_close(db);
	return number;
}

UNUSED static struct session_grant
sign_in(struct fixture *f, const char *name, const char *password, int64_t now)
{
	struct session_grant grant = { .token = "" };

	assert_int_equal(session_open(f->access, name, password, "10.0.0.1", now, &f->problem, &grant), OK);
	return grant;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
