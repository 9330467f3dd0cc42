/* limit_sqlite.c - the floor under every figure of bench/run that writes: one table with one random index in SQLite, WAL,
 * synchronous FULL, so many rows a commit, nothing else. limit-sqlite FILE ROWS BATCH; prints JSON.
 *
 * What a declaration costs beyond this is what Tirkeu does: consent, law, findings, the sealed entry, HTTP. */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include "histogram.h"

static sqlite3 *db;

static void
must(int code)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
		fprintf(stderr, "limit-sqlite: %s\n", sqlite3_errmsg(db));
		exit(3);
	}
}

static double
now_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double
cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void
run(const char *script)
{
	must(sqlite3_exec(db, script, NULL, NULL, NULL));
}

/* As wide as a stay with its entry; the index is as scattered as a guest's number. */
static void
insert(sqlite3_stmt *statement, uint64_t nr)
{
	static const char entry[500] = "sealed";

	must(sqlite3_bind_int64(statement, 1, (sqlite3_int64)(nr * UINT64_C(0x9e3779b97f4a7c15) >> 20)));
	must(sqlite3_bind_int64(statement, 2, (sqlite3_int64)nr));
	must(sqlite3_bind_blob(statement, 3, entry, sizeof(entry), SQLITE_STATIC));
	must(sqlite3_step(statement));
	must(sqlite3_reset(statement));
}

int
main(int argc, char **argv)
{
	static struct histogram histogram;
	uint64_t rows = argc == 4 ? strtoull(argv[2], NULL, 10) : 0,
		 batch = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
	sqlite3_stmt *statement = NULL;

	if (rows == 0 || batch == 0) {
		fputs("usage: limit-sqlite FILE ROWS BATCH\n", stderr);
		return 2;
	}
	must(sqlite3_open(argv[1], &db));
	run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
	    "CREATE TABLE stay (id INTEGER PRIMARY KEY, guest bigint, arrived bigint, entry blob);"
	    "CREATE INDEX stay_guest ON stay (guest)");
	must(sqlite3_prepare_v2(db, "INSERT INTO stay (guest, arrived, entry) VALUES (?, ?, ?)", -1, &statement, NULL));
	double begin = now_seconds(), cpu = cpu_seconds();

	for (uint64_t nr = 0; nr < rows;) {
		double batch_begin = now_seconds();

		run("BEGIN");
		for (uint64_t i = 0; i < batch && nr < rows; i++)
			insert(statement, nr++);
		run("COMMIT");
		histogram_add(&histogram, (uint64_t)((now_seconds() - batch_begin) * 1e6));
	}
	double seconds = now_seconds() - begin;

	printf("{\"name\":\"sqlite\",\"batch\":%llu,\"per_second\":%.0f,\"server_cpu_us\":%.1f,\"p50_ms\":%.3f,\"p99_"
	       "ms\":%.3f}\n",
	       (unsigned long long)batch, (double)rows / seconds, (cpu_seconds() - cpu) * 1e6 / (double)rows,
	       (double)histogram_quantile(&histogram, 0.5) / 1e3, (double)histogram_quantile(&histogram, 0.99) / 1e3);
	must(sqlite3_finalize(statement));
	must(sqlite3_close(db));
	return 0;
}
