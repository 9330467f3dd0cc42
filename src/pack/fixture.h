/* fixture.h - a small pack for tests, as strings, and folders made of it. Each line is one of the file, so
 * that tests can find where a fault must be reported. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/strbuf.h"
#include "pack/pack.h"

struct fixture_file {
	const char *path, *text;
};

static const struct fixture_file fixture_files[] = {
	{ "pack.yaml", "pack: small\n"
		       "edition: 2026-11-01\n"
		       "time_zone: Asia/Almaty\n"
		       "languages: [en, kk]\n"
		       "currency: {code: KZT, scale: 2}\n"
		       "places: {file: tables/place.csv, root: KZ}\n"
		       "exceptions:\n"
		       "  - {register: member, field: faith_house, reason: the use of a building}\n" },
	{ "registers/member.yaml",
	  "register: member\n"
	  "prefix: ME\n"
	  "party: {name: [family_name, given_name], email: email, phone: phone, language: language}\n"
	  "personal: true\n"
	  "streams: [id]\n"
	  "retention: years_5\n"
	  "fields:\n"
	  "  family_name: {type: name, required: true}\n"
	  "  given_name: {type: name, required: true}\n"
	  "  card: {type: text, required: true, max: 12, pattern: \"[0-9]{4}\"}\n"
	  "  email: {type: email}\n"
	  "  phone: {type: phone}\n"
	  "  language: {type: choice, of: [kk, en]}\n"
	  "  born: {type: day, min: 1900-01-01}\n"
	  "  home: {type: point}\n"
	  "  faith_house: {type: text}\n"
	  "parties:\n"
	  "  self: select id as record, id as party from member\n"
	  "unique: {fields: [card]}\n"
	  "search: {name: [family_name, given_name], exact: [card], shows: [family_name, born]}\n"
	  "correct: [\"@librarian\"]\n"
	  "actions:\n"
	  "  join: {new: active, by: [\"@librarian\"], takes: [family_name, given_name, card, email, born]}\n"
	  "  leave: {from: [active], to: gone, by: [self], tells: [self]}\n" },
	{ "registers/library.yaml",
	  "register: book\n"
	  "prefix: BO\n"
	  "public: true\n"
	  "fields:\n"
	  "  title: {type: text, required: true}\n"
	  "  kind: {type: choice, of: [ordinary, rare], ranked: true, default: \"'ordinary'\"}\n"
	  "  price: {type: money, min: 0, max: 9999.99}\n"
	  "  weight: {type: decimal, scale: 3}\n"
	  "  town: {type: place}\n"
	  "  shelf: {type: point}\n"
	  "  authors: {type: list, max: 20, of: {name: {type: text, required: true}, part: {type: choice, of: [writer, "
	  "artist]}}}\n"
	  "  mark: {type: number}\n"
	  "views:\n"
	  "  by_town: {public: true, select: \"select town, count(*) as books from book group by town\"}\n"
	  "actions:\n"
	  "  list: {new: listed, by: [\"@librarian\"], takes: [title, kind, price, weight, town, shelf, authors]}\n"
	  "  withdraw: {from: [listed], to: withdrawn, by: [\"@librarian\"]}\n"
	  "---\n"
	  "register: loan\n"
	  "prefix: LO\n"
	  "personal: true\n"
	  "streams: [member]\n"
	  "retention: years_5\n"
	  "fields:\n"
	  "  book: {type: ref, to: book, required: true}\n"
	  "  member: {type: ref, to: member, required: true, resolve: [card, family_name]}\n"
	  "  due: {type: day, required: true, check: due > lent}\n"
	  "  lent: {type: day, required: true}\n"
	  "  reason: {type: text}\n"
	  "unique:\n"
	  "  - {fields: [book], while: [out, overdue]}\n"
	  "correct: [\"@librarian\"]\n"
	  "actions:\n"
	  "  lend:\n"
	  "    new: out\n"
	  "    by: [\"@librarian\"]\n"
	  "    takes: [book, member, due]\n"
	  "    set: {lent: $today}\n"
	  "    when: $due > $today\n"
	  "    asks: {member: all, within: 3 days, refused: give_up, silent: give_up}\n"
	  "    gives: receipt\n"
	  "  renew:\n"
	  "    from: [out]\n"
	  "    by: [member, \"@librarian\"]\n"
	  "    args: {days: {type: integer, required: true, min: 1, max: 30}}\n"
	  "    set: {due: \"add_days(this.due, $days)\"}\n"
	  "    tells: [member]\n"
	  "  fall_due:\n"
	  "    from: [out]\n"
	  "    to: overdue\n"
	  "    at: add_days(this.due, 1)\n"
	  "    also:\n"
	  "      - {do: fine.charge, with: {loan: $record, member: this.member, amount: \"100\"}}\n"
	  "      - {do: fine.remind, record: select id from fine where loan = this.id, later: true}\n"
	  "  give_back: {from: [out, overdue], to: returned, by: [\"@librarian\"]}\n"
	  "  give_up: {from: [pending], to: dropped}\n"
	  "---\n"
	  "register: fine\n"
	  "prefix: FI\n"
	  "fields:\n"
	  "  loan: {type: ref, to: loan, indexed: false}\n"
	  "  member: {type: ref, to: member, required: true}\n"
	  "  amount: {type: money, required: true}\n"
	  "  month: {type: day}\n"
	  "actions:\n"
	  "  charge: {new: owed, takes: [loan, member, amount]}\n"
	  "  remind: {from: [owed], by: [\"@librarian\"], tells: [member]}\n"
	  "  sum_up: {new: owed, every: month, each: \"select id as member, 100 as amount, $today as month from "
	  "member\", takes: "
	  "[member, amount, month]}\n" },
	{ "registers/town.yaml",
	  "register: branch\n"
	  "prefix: BR\n"
	  "public: true\n"
	  "fields:\n"
	  "  town: {type: place, required: true}\n"
	  "  street: {type: text}\n"
	  "  house: {type: text, required: true}\n"
	  "  code: {type: text}\n"
	  "unique: {fields: [code]}\n"
	  "search: {address: {place: town, street: street, house: house}, exact: [code]}\n"
	  "actions:\n"
	  "  open: {new: opened, by: [\"@librarian\"], takes: [town, street, house, code]}\n"
	  "---\n"
	  "register: room\n"
	  "prefix: RO\n"
	  "public: true\n"
	  "fields:\n"
	  "  branch: {type: ref, to: branch, required: true}\n"
	  "  nr: {type: text, required: true}\n"
	  "  reader: {type: ref, to: member}\n"
	  "search: {address: {in: branch, unit: nr}}\n"
	  "reveals:\n"
	  "  readers: {register: member, select: \"select id as record, reader as shown from room\"}\n"
	  "views:\n"
	  "  opened: {monthly: true, keys: [nr], select: \"select town, count(*) as rooms from branch where changed_at "
	  "> "
	  "$from and changed_at < $until group by town\"}\n"
	  "  used: {audit: true, select: \"select u.role as held, count(*) as times from official_use u group by "
	  "u.role\"}\n"
	  "actions:\n"
	  "  open: {new: opened, by: [\"@librarian\"], takes: [branch, nr, reader]}\n" },
	{ "roles.yaml", "librarian:\n"
			"  body: library\n"
			"  territory: true\n"
			"  can: [counter, lookups]\n"
			"  purposes: [desk]\n"
			"  reads: {member: [card, family_name], loan: all}\n"
			"reader: {only: [loan.renew]}\n"
			"keeper: {can: [accounts, pack]}\n"
			"warden: {can: [lookups], purposes: [desk], reads: {member: all}, searches: [member, room, "
			"branch], limits: {lookups: 60, searches: 30}}\n" },
	{ "purposes.yaml", "desk: {basis: \"library-act, article 3\", case: true}\n"
			   "audit: {basis: \"library-act, article 9\", defer: 30 days, discreet: true}\n" },
	{ "retention.yaml", "years_5: {record: 5 years, header: 10 years, detail: 36 months, payload: 5 years}\n" },
	{ "law/library-act/act.yaml", "status: in force\n"
				      "number: \"12\"\n"
				      "day: 2016-12-01\n"
				      "readings: [{nr: 1, day: 2016-11-01}, {nr: 2, day: 2016-11-20}]\n" },
	{ "law/library-act/most.sql", "-- kind:     forbid\n"
				      "-- at:       loan.lend, loan.renew\n"
				      "-- act:      library-act, article 5(1)\n"
				      "-- in force: 2017-01-07 ..\n"
				      "select l.id as record, l.member as who, count(*) as has\n"
				      "  from loan l join loan o on o.member = l.member\n"
				      " group by l.id, l.member having count(*) > 5\n" },
	{ "law/library-act/late.sql", "-- kind:     obligation\n"
				      "-- act:      library-act, article 6\n"
				      "-- in force: 2017-01-07 .. 2020-12-31, 2022-01-01 ..\n"
				      "-- wakes:    fine: select id from loan where id in (old.loan, new.loan)\n"
				      "-- wakes:    member: select id from loan where member = new.id\n"
				      "-- tick:     day\n"
				      "select id as record, member as who, due from loan where due < $today\n" },
	{ "tables/rate.csv", "kind,per_day:money,share:decimal2,days,from_day,until_day,source,confidence\n"
			     "ordinary,10.00,0.50,3,2017-01-01,2020-12-31,act,1\n"
			     "ordinary,12.50,0.75,,2021-01-01,,act,2\n" },
	{ "tables/calendar.csv", "kind,value,from_day,until_day,source,confidence\n"
				 "weekend,6,,,code,text\n"
				 "weekend,7,,,code,text\n"
				 "holiday_yearly,01-01,,,code,text\n"
				 "holiday,2026-11-23,,,decree,text\n"
				 "workday,2026-11-21,,,decree,text\n" },
	{ "tables/place.csv", "code,parent,name_kk,name_ru,name_en,valid_from,valid_to,lat,lon\n"
			      "750000000,,Алматы,Алматы,Almaty,,,43.25,76.94\n"
			      "751000000,,Алмалы,Алмалы,,,,,\n"
			      "751110000,,Орталық,,,2018-01-01,2025-12-31,,\n"
			      "710000000,KZ,Астана,,,,,,\n" },
};

static const char fixture_texts[] = "pack: A small library\n"
				    "correct: Correct\n"
				    "correct.reason: Why\n"
				    "correct.correct_reason: Why\n"
				    "member: Reader\n"
				    "member.family_name: Family name\n"
				    "member.given_name: Given name\n"
				    "member.card: Card\n"
				    "member.email: E-mail\n"
				    "member.phone: Phone\n"
				    "member.language: Language\n"
				    "member.language.kk: Kazakh\n"
				    "member.language.en: English\n"
				    "member.born: Day of birth\n"
				    "member.home: Home on the map\n"
				    "member.faith_house: House of faith\n"
				    "member.self: The reader\n"
				    "member.join: Join\n"
				    "member.leave: Leave\n"
				    "member.leave.tells: You have left\n"
				    "member.is.active: Active\n"
				    "member.is.gone: Gone\n"
				    "book: Book\n"
				    "book.title: Title\n"
				    "book.kind: Kind\n"
				    "book.kind.ordinary: ordinary\n"
				    "book.kind.rare: rare\n"
				    "book.price: Price\n"
				    "book.weight: Weight\n"
				    "book.town: Town\n"
				    "book.shelf: Shelf\n"
				    "book.authors: Authors\n"
				    "book.authors.name: Name\n"
				    "book.authors.part: Part\n"
				    "book.authors.part.writer: writer\n"
				    "book.authors.part.artist: artist\n"
				    "book.mark: Mark\n"
				    "book.list: List\n"
				    "book.withdraw: Withdraw\n"
				    "book.is.listed: Listed\n"
				    "book.is.withdrawn: Withdrawn\n"
				    "loan: Loan\n"
				    "loan.book: Book\n"
				    "loan.member: Reader\n"
				    "loan.due: Due\n"
				    "loan.lent: Lent\n"
				    "loan.reason: Reason\n"
				    "loan.lend: Lend\n"
				    "loan.lend.asks: Do you agree?\n"
				    "loan.lend.tells: It was lent\n"
				    "loan.renew: Renew\n"
				    "loan.renew.days: Days\n"
				    "loan.renew.tells: It was renewed\n"
				    "loan.fall_due: Falls due\n"
				    "loan.give_back: Give back\n"
				    "loan.give_up: Give up\n"
				    "loan.is: {out: Out, overdue: Overdue, returned: Returned, dropped: Dropped}\n"
				    "is.pending: Waits\n"
				    "fine: Fine\n"
				    "fine.loan: Loan\n"
				    "fine.member: Reader\n"
				    "fine.amount: Amount\n"
				    "fine.month: Month\n"
				    "fine.charge: Charge\n"
				    "fine.remind: Remind\n"
				    "fine.remind.tells: Pay, please\n"
				    "fine.sum_up: Sum up\n"
				    "fine.is.owed: Owed\n"
				    "branch: Branch\n"
				    "branch.town: Town\n"
				    "branch.street: Street\n"
				    "branch.house: House\n"
				    "branch.code: Code\n"
				    "branch.open: Open\n"
				    "branch.is.opened: Open\n"
				    "room: Room\n"
				    "room.branch: Branch\n"
				    "room.nr: Number\n"
				    "room.reader: Reader\n"
				    "room.readers: Readers\n"
				    "room.open: Open\n"
				    "room.is.opened: Open\n"
				    "view.by_town: Books by town\n"
				    "view.opened: Rooms opened\n"
				    "view.used: What officials did\n"
				    "role.warden: Warden\n"
				    "role.librarian: Librarian\n"
				    "role.reader: Reader\n"
				    "role.keeper: Keeper of accounts\n"
				    "body.library: Library\n"
				    "purpose.desk: At the desk\n"
				    "purpose.audit: Audit\n"
				    "law.library-act: Library act\n"
				    "law.library-act.most: At most five loans\n"
				    "law.library-act.most.has: Has\n"
				    "law.library-act.late: Bring it back\n";

/* Texts for names that a mutation adds. */
static const char fixture_spare_texts[] =
	"member.extra: x\nbook.extra: x\nloan.extra: x\nfine.extra: x\nloan.is.extra: x\n"
	"book.is.extra: x\nrole.extra: x\npurpose.extra: x\nview.extra: x\nloan.lend.extra: x\n"
	"loan.renew.extra: x\nloan.extra.tells: x\nbook.extra.name: x\n"
	"book.kind_rank: x\nbook.shelf_lat: x\nloan.past: x\nloan.past.name: x\nloan.blood_group: x\n"
	"loan.extra.muslim: x\nloan.extra.none: x\n";

static inline void
fixture_write(const char *folder, const char *path, const char *text)
{
	char full[1024];

	snprintf(full, sizeof(full), "%s/%s", folder, path);
	for (char *p = full + strlen(folder) + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			mkdir(full, 0700);
			*p = '/';
		}
	FILE *file = fopen(full, "wb");

	assert(file != NULL);
	fputs(text, file);
	fclose(file);
}

static inline const char *
fixture_text(const char *path)
{
	for (size_t i = 0; i < ARRAY_COUNT(fixture_files); i++)
		if (strcmp(fixture_files[i].path, path) == 0)
			return fixture_files[i].text;
	return strncmp(path, "text/", 5) == 0 ? fixture_texts : "";
}

/* `folder` ends in XXXXXX and becomes a new folder under the system's place for such. */
static inline void
fixture_make(char folder[static 64], bool spare)
{
	AUTO(strbuf_done) struct strbuf texts = { 0 };

	snprintf(folder, 64, "%s/tirkeu-pack-XXXXXX", P_tmpdir);
	assert(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < ARRAY_COUNT(fixture_files); i++)
		fixture_write(folder, fixture_files[i].path, fixture_files[i].text);
	strbuf_text(&texts, fixture_texts);
	strbuf_text(&texts, spare ? fixture_spare_texts : "");
	fixture_write(folder, "text/en.yaml", texts.text);
	fixture_write(folder, "text/kk.yaml", texts.text);
}

static inline void
fixture_remove(const char *folder)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", folder);
	IGNORE(system(command)); /* a left folder does no harm */
}

/* Faults as one text, for messages of tests. */
static inline void
fixture_print(const struct pack_report *report, FILE *to)
{
	for (size_t i = 0; i < report->count; i++)
		fprintf(to, "  %s:%d: %s%s\n", report->faults[i].file, report->faults[i].line,
			report->faults[i].severity == SEVERITY_WARNING ? "warning: " : "", report->faults[i].text);
}
