/* town.c - invented people for bench/run and tests/crash: files to import, then requests about what was imported.
 *
 *	town csv FOLDER PEOPLE          people.csv, buildings.csv, dwellings.csv, ownership.csv
 *	town accounts STORE TOKEN       one request an account: a program that declares for each owner
 *	town tokens STORE TOKEN         one request a token of those
 *	town declare STORE TOKENS N     N declarations of stays, by the tokens in that file, all of other guests
 *	town lookup STORE TOKEN N       N look-ups of persons
 *	town search STORE TOKEN N       N searches of persons by name, a letter missing in each third
 *	town stays STORE N              a file to import: N stays as they were registered on paper
 *
 * Requests are lines as bench/rows.h has them. The numbers are of people who were born before 1900. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/arena.h"
#include "base/day.h"
#include "store/db.h"
#include "text/number.h"
#include "text/reference.h"

enum { OWNERS_MAX = 1000, BUILDING_DWELLINGS = 60, TOKENS_MAX = OWNERS_MAX };

static void __attribute__((format(printf, 1, 2), noreturn)) stop(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("town: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(2);
}

static uint64_t
number_of(const char *text)
{
	char *end = NULL;
	unsigned long long number = strtoull(text, &end, 10);

	if (*end != '\0' || number == 0)
		stop("%s is no count", text);
	return number;
}

/* ---- files to import ---- */

enum { FAMILY_NAMES = 20011, GIVEN_NAMES = 487, NAME_BYTES_MAX = 64 };

/* The nth name of a country that has as many as a real one: three syllables and an ending. */
static const char *
name_of(uint64_t n, bool family, char text[static NAME_BYTES_MAX])
{
	static const char *const firsts[] = { "Аб", "Бай", "Ған", "Да", "Ер", "Жұм", "Зей",
					      "Қа", "Мұ",  "Нұр", "Сә", "Тө", "Ша" };
	static const char *const middles[] = { "ды", "ра", "лі", "ма", "бе", "сұ", "қа",
					       "не", "ғи", "то", "жа", "ке", "үй" };
	static const char *const lasts[] = {
		"т", "хан", "лан", "бек", "нұр", "мет", "сін", "дос", "рал", "кен", "мыр"
	};
	static const char *const endings[] = { "ов", "ова", "ев", "ева", "ұлы", "қызы" };
	uint64_t spread = n * 2654435761U % (family ? FAMILY_NAMES : GIVEN_NAMES);
	const char *first = firsts[spread % ARRAY_COUNT(firsts)], *middle = middles[spread / 13 % ARRAY_COUNT(middles)];
	const char *last = lasts[spread / 169 % ARRAY_COUNT(lasts)];

	snprintf(text, NAME_BYTES_MAX, "%s%s%s%s", first, middle, last,
		 family ? endings[spread / 1859 % ARRAY_COUNT(endings)] : "");
	return text;
}

static FILE *
file_in(const char *folder, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "we");

	if (file == NULL)
		stop("%s cannot be written", path);
	return file;
}

static void
close_file(FILE *file)
{
	if (fclose(file) != 0)
		stop("a file could not be written");
}

/* The nth number that the rules allow (some serials have no check digit). */
static int64_t
next_iin(uint64_t *serial)
{
	for (;; (*serial)++) {
		uint64_t day = *serial / 20000, of_day = *serial % 20000;
		/* YYMMDD, then 1 or 2 for men and women of the nineteenth century, four digits, the check digit. */
		uint64_t date = (40 + day / 336) * 10000 + (1 + day % 336 / 28) * 100 + 1 + day % 28;
		int64_t iin = iin_complete((int64_t)((date * 100000 + 10000 + of_day) * 10));

		if (iin >= 0) {
			(*serial)++;
			return iin;
		}
	}
}

static void
write_people(const char *folder, uint64_t people)
{
	FILE *file = file_in(folder, "people.csv");
	char iin[16], family[NAME_BYTES_MAX], given[NAME_BYTES_MAX];
	uint64_t serial = 0;

	fputs("no,iin,family_name,given_name,language\n", file);
	for (uint64_t i = 0; i < people; i++)
		fprintf(file, "p%llu,%s,%s,%s,%s\n", (unsigned long long)i, iin_print(next_iin(&serial), iin),
			name_of(i, true, family), name_of(i / 3, false, given), i % 3 == 0 ? "ru" : "kk");
	close_file(file);
}

static void
write_dwellings(const char *folder, uint64_t dwellings, uint64_t owners)
{
	FILE *buildings = file_in(folder, "buildings.csv"), *flats = file_in(folder, "dwellings.csv");
	FILE *ownership = file_in(folder, "ownership.csv");

	fputs("no,place,street,house,use\n", buildings);
	fputs("no,building#,flat,area,rka\n", flats);
	fputs("dwelling#,owner#,since\n", ownership);
	for (uint64_t i = 0; i < dwellings; i++) {
		unsigned long long nr = i, building = i / BUILDING_DWELLINGS;

		if (i % BUILDING_DWELLINGS == 0)
			fprintf(buildings, "b%llu,750000000,Street %llu,%llu,residential\n", building, building / 100,
				building % 100 + 1);
		fprintf(flats, "d%llu,b%llu,%llu,9000.00,%016llu\n", nr, building, nr % BUILDING_DWELLINGS + 1, nr + 1);
		fprintf(ownership, "d%llu,p%llu,2022-01-08\n", nr, nr % owners);
	}
	close_file(buildings);
	close_file(flats);
	close_file(ownership);
}

static void
write_csv(const char *folder, uint64_t people)
{
	uint64_t owners = people / 10 < OWNERS_MAX ? people / 10 + 1 : OWNERS_MAX;

	write_people(folder, people);
	write_dwellings(folder, people / 3 + owners, owners);
}

/* ---- requests ---- */

struct town {
	struct db *db;
	struct reference_key *references;
};

static void
open_town(const char *store, struct town *ret_town)
{
	unsigned char key[REFERENCE_KEY_BYTES];
	char path[4096];

	snprintf(path, sizeof(path), "%s/keys/reference.key", store);
	FILE *file = fopen(path, "rbe");

	if (file == NULL || fread(key, 1, sizeof(key), file) != sizeof(key))
		stop("%s cannot be read", path);
	fclose(file);
	ret_town->references = reference_key_new(key);
	snprintf(path, sizeof(path), "%s/store/tirkeu.db", store);
	if (db_open(path, DB_READ, &ret_town->db) != OK)
		stop("%s cannot be opened", path);
}

static void
close_town(struct town *town)
{
	reference_key_free(town->references);
	db_close(town->db);
}

static const char *
reference(const struct town *town, const char *prefix, int64_t id)
{
	static char text[REFERENCE_BYTES_MAX];

	return reference_print(town->references, prefix, id, text);
}

static bool
next_row(struct query *query)
{
	enum error e = query_step(query);

	if (e != OK && e != ERR_NOT_FOUND)
		stop("the store cannot be read: %s", error_name(e));
	return e == OK;
}

static const char owners_sql[] = "SELECT DISTINCT owner FROM ownership WHERE state = 'current' ORDER BY owner";

static void
print_accounts(const struct town *town, const char *token)
{
	AUTO(query_free) struct query *query = db_query(town->db, owners_sql);

	for (unsigned nr = 0; next_row(query); nr++)
		printf("POST\t/api/"
		       "accounts\t%s\t{\"name\":\"program%u\",\"language\":\"kk\",\"roles\":[{\"role\":\"integrator\","
		       "\"party\":\"%s\"}]}\n",
		       token, nr, reference(town, "PE", column_integer(query, 0)));
}

static void
print_tokens(const struct town *town, const char *token)
{
	AUTO(query_free) struct query *query = db_query(town->db, owners_sql);

	for (unsigned nr = 0; next_row(query); nr++)
		printf("POST\t/api/accounts/program%u/tokens\t%s\t{\"label\":\"bench\"}\n", nr, token);
}

static size_t
read_tokens(const char *path, char (*tokens)[128])
{
	FILE *file = fopen(path, "re");
	size_t count = 0;

	if (file == NULL)
		stop("%s cannot be read", path);
	while (count < TOKENS_MAX && fscanf(file, "%127s", tokens[count]) == 1)
		count++;
	fclose(file);
	if (count == 0)
		stop("%s is empty", path);
	return count;
}

struct dwelling {
	int64_t owner;
	char rka[20];
};

static size_t
read_dwellings(const struct town *town, struct dwelling **ret_dwellings)
{
	AUTO(query_free)
	struct query *query = db_query(
		town->db, "SELECT o.owner, d.rka FROM ownership o JOIN dwelling d ON d.id = o.dwelling ORDER BY d.id");
	struct dwelling *dwellings = NULL;
	size_t count = 0, room = 0;

	for (; next_row(query); count++) {
		if (count == room) {
			room = room == 0 ? 1024 : 2 * room;
			dwellings = reallocarray(dwellings, room, sizeof(*dwellings));
			if (dwellings == NULL)
				stop("out of memory");
		}
		dwellings[count].owner = column_integer(query, 0);
		snprintf(dwellings[count].rka, sizeof(dwellings[count].rka), "%s", column_text(query, 1));
	}
	*ret_dwellings = dwellings;
	return count;
}

static void
print_day(const char *field, int64_t day)
{
	char text[DAY_TEXT_BYTES];

	printf(",\"%s\":\"%s\"", field, day_print(day, text));
}

/* Owners have their dwellings in turn, so the dwelling's number tells whose token it is. */
static void
print_declarations(const struct town *town, const char *tokens_path, uint64_t count)
{
	static char tokens[TOKENS_MAX][128];
	size_t token_count = read_tokens(tokens_path, tokens);
	struct dwelling *dwellings = NULL;
	size_t dwelling_count = read_dwellings(town, &dwellings);
	AUTO(query_free)
	struct query *query = db_query(
		town->db,
		"SELECT iin, family_name FROM person WHERE id > $1 AND iin IS NOT NULL ORDER BY (id * 7919) % 1000003");
	int64_t today = (int64_t)(time(NULL) / 86400);
	char iin[16];

	bind_integer(query, 1, dwellings[token_count - 1].owner); /* owners are nobody's guests */
	for (uint64_t i = 0; i < count; i++) {
		size_t nr = i * 7919 % dwelling_count;

		if (!next_row(query))
			stop("there are only %llu people to declare", (unsigned long long)i);
		printf("POST\t/api/registers/stay/declare\t%s\t{\"guest\":{\"iin\":\"%s\",\"family_name\":\"%s\"}",
		       tokens[nr % token_count], iin_print(column_integer(query, 0), iin), column_text(query, 1));
		printf(",\"dwelling\":{\"rka\":\"%s\"},\"host\":\"%s\",\"purpose\":\"tenancy\"", dwellings[nr].rka,
		       reference(town, "PE", dwellings[nr].owner));
		print_day("arrived", today - (int64_t)(i % 9));
		print_day("leaves", today + 30 + (int64_t)(i % 300));
		puts("}");
	}
	free(dwellings);
}

/* Guests from the far end of the order in which print_declarations takes them. */
static void
print_stays(const struct town *town, uint64_t count)
{
	struct dwelling *dwellings = NULL;
	size_t dwelling_count = read_dwellings(town, &dwellings);
	AUTO(query_free)
	struct query *query = db_query(town->db, "SELECT iin, family_name FROM person WHERE iin IS NOT NULL ORDER BY "
						 "(id * 7919) % 1000003 DESC LIMIT $1");
	int64_t today = (int64_t)(time(NULL) / 86400);
	char iin[16], arrived[DAY_TEXT_BYTES], leaves[DAY_TEXT_BYTES];

	puts("guest.iin,guest.family_name,dwelling.rka,host,purpose,arrived,leaves,declared_on");
	bind_integer(query, 1, (int64_t)count);
	for (uint64_t i = 0; next_row(query); i++) {
		const struct dwelling *dwelling = &dwellings[i * 7919 % dwelling_count];

		day_print(today - 20 - (int64_t)(i % 100), arrived);
		day_print(today + (int64_t)(i % 200), leaves);
		printf("%s,%s,%s,%s,tenancy,%s,%s,%s\n", iin_print(column_integer(query, 0), iin),
		       column_text(query, 1), dwelling->rka, reference(town, "PE", dwelling->owner), arrived, leaves,
		       arrived);
	}
	free(dwellings);
}

static void
print_lookups(const struct town *town, const char *token, uint64_t count)
{
	AUTO(query_free)
	struct query *query = db_query(town->db, "SELECT id FROM person ORDER BY (id * 7919) % 1000003 LIMIT $1");

	bind_integer(query, 1, (int64_t)count);
	while (next_row(query))
		printf("POST\t/api/"
		       "lookups\t%s\t{\"register\":\"person\",\"ref\":\"%s\",\"purpose\":\"registration\"}\n",
		       token, reference(town, "PE", column_integer(query, 0)));
}

/* Leaves out the nth letter, which may be of two bytes. */
static void
print_mistyped(const char *name, int nth)
{
	int letter = -1;

	for (; *name != '\0'; name++) {
		letter += ((unsigned char)*name & 0xc0) != 0x80;
		if (letter != nth)
			putchar(*name);
	}
}

static void
print_searches(const struct town *town, const char *token, uint64_t count)
{
	AUTO(query_free)
	struct query *query = db_query(
		town->db, "SELECT family_name, given_name FROM person ORDER BY (id * 7919) % 1000003 LIMIT $1");

	bind_integer(query, 1, (int64_t)count);
	for (uint64_t i = 0; next_row(query); i++) {
		printf("POST\t/api/searches\t%s\t{\"register\":\"person\",\"text\":\"", token);
		print_mistyped(column_text(query, 0), i % 3 == 0 ? 3 : -2);
		printf(" %s\",\"purpose\":\"registration\"}\n", column_text(query, 1));
	}
}

static const char usage[] = "csv FOLDER PEOPLE | accounts STORE TOKEN | tokens STORE TOKEN | declare STORE TOKENS N | "
			    "lookup STORE TOKEN N | search STORE TOKEN N | stays STORE N";

static void
print_requests(const struct town *town, int argc, char **argv)
{
	const char *what = argv[1];

	if (strcmp(what, "accounts") == 0)
		print_accounts(town, argv[3]);
	else if (strcmp(what, "tokens") == 0)
		print_tokens(town, argv[3]);
	else if (strcmp(what, "stays") == 0)
		print_stays(town, number_of(argv[3]));
	else if (strcmp(what, "declare") == 0 && argc == 5)
		print_declarations(town, argv[3], number_of(argv[4]));
	else if (strcmp(what, "lookup") == 0 && argc == 5)
		print_lookups(town, argv[3], number_of(argv[4]));
	else if (strcmp(what, "search") == 0 && argc == 5)
		print_searches(town, argv[3], number_of(argv[4]));
	else
		stop("%s", usage);
}

int
main(int argc, char **argv)
{
	struct town town = { 0 };

	if (argc < 4 || argc > 5)
		stop("%s", usage);
	if (strcmp(argv[1], "csv") == 0) {
		write_csv(argv[2], number_of(argv[3]));
		return 0;
	}
	open_town(argv[2], &town);
	print_requests(&town, argc, argv);
	close_town(&town);
	return fflush(stdout) == 0 ? 0 : 2;
}
