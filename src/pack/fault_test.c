/* Each row breaks the small pack in one place; exactly one fault must be told, at that line, in those words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "pack/fixture.h"

struct mutation {
	const char *path, *find, *replace, *words;
	int line_offset;     /* of the fault, from the line where `find` begins */
	const char *told_in; /* NULL: in the same file */
	int told_line;       /* with told_in */
};

#define LIBRARY "registers/library.yaml"
#define MEMBER "registers/member.yaml"
#define TOWN "registers/town.yaml"
#define MOST "law/library-act/most.sql"
#define LATE "law/library-act/late.sql"
#define CALENDAR "tables/calendar.csv"
#define PLACE "tables/place.csv"
#define RATE "tables/rate.csv"

static const struct mutation mutations[] = {
	/* pack.yaml and small files */
	{ "pack.yaml", "pack: small", "pack: Small", "“pack” of pack.yaml: expected a name" },
	{ "pack.yaml", "edition: 2026-11-01", "edition: 2026-02-30",
	  "expected a day such as 2026-11-21, found “2026-02-30”" },
	{ "pack.yaml", "time_zone: Asia/Almaty", "timezone: Asia/Almaty",
	  "“timezone” is no word of pack.yaml; did you mean “time_zone”?", 0, "pack.yaml", 3 },
	{ "pack.yaml", "Asia/Almaty", "Asia/Almata", "there is no time zone “Asia/Almata”" },
	{ "pack.yaml", "[en, kk]", "[en, kk, fr]", "“fr” is no language of the engine" },
	{ "pack.yaml", "[en, kk]", "[en, kk, en]", "the language “en” stands here twice" },
	{ "pack.yaml", "code: KZT", "code: Kzt", "three capital letters" },
	{ "pack.yaml", "scale: 2", "scale: 9", "a currency has 0 to 4 decimals, found 9" },
	{ "pack.yaml", "root: KZ", "root: К", "is no code of a place" },
	{ "pack.yaml", "tables/place.csv", "tables/places.csv", "the pack lacks the file" },
	{ "purposes.yaml", "30 days", "30 weeks", "expected a time such as “30 days” or “12 hours”" },
	{ "purposes.yaml", "basis: \"library-act, article 3\", ", "", "a purpose needs “basis”" },
	{ "retention.yaml", "5 years,", "five years,", "expected a time such as “5 years” or “18 months”" },
	{ "retention.yaml", "header", "heading", "“heading” is no word of a retention row; did you mean “header”?" },
	/* registers */
	{ LIBRARY, "prefix: LO", "prefix: L0", "a prefix is two capital letters, found “L0”" },
	{ LIBRARY, "prefix: LO", "prefix: BO", "the prefix BO is that of the register “book” already" },
	{ LIBRARY, "register: fine", "register: book",
	  "the register “book” stands in registers/library.yaml:1 already" },
	{ LIBRARY, "public: true", "publik: true", "“publik” is no word of a register; did you mean “public”?" },
	{ LIBRARY, "public: true", "public: \"true\"", "“public” of a register: expected true or false, found “true”" },
	{ LIBRARY, "public: true", "public: true\npersonal: true", "a personal register cannot be public" },
	{ LIBRARY, "streams: [member]", "streams: [due]", "“due” is no ref to a register of parties" },
	{ LIBRARY, "streams: [member]", "streams: [membre]",
	  "the register “loan” has no field “membre”; did you mean “member”?" },
	{ LIBRARY, "retention: years_5", "retention: years_6",
	  "retention.yaml has no row “years_6”; did you mean “years_5”?" },
	{ LIBRARY, "fields: [book], while", "fields: [bok], while", "the register “loan” has no field “bok”" },
	{ LIBRARY, "[out, overdue]}\ncorrect", "[out, overdo]}\ncorrect",
	  "no action of “loan” leads to the state “overdo”; did you mean “overdue”?" },
	{ LIBRARY, "by_town: {public: true, select: \"select town", "by_town: {public: true, select: \"delete town",
	  "a view is one SELECT" },
	{ LIBRARY, "group by town\"", "group by town; drop table book\"", "“;” has no place in the SQL of a pack" },
	{ LIBRARY, "group by town\"", "where town = $town\"", "a view knows no parameters, found “$town”" },
	{ MEMBER, "email: email, phone", "email: card, phone",
	  "the field “card” is of type text and cannot be a party's email" },
	{ MEMBER, "name: [family_name", "name: [born", "the field “born” is of type day and cannot be a party's name" },
	{ MEMBER, "  self: select", "  card: select", "a party and a field are both named “card”" },
	{ MEMBER, "  self: select", "  join: select", "a party and an action are both named “join”" },
	{ "text/kk.yaml", "loan.lend.tells: It was lent\n", "", "the text “loan.lend.tells” is missing", 0, LIBRARY,
	  34 },
	{ MEMBER, "correct: [\"@librarian\"]", "correct: [\"@librarien\"]",
	  "roles.yaml has no role “librarien”; did you mean “librarian”?" },
	/* fields */
	{ LIBRARY, "shelf: {type: point}", "Shelf: {type: point}", "“Shelf” is no name of a field", 0, LIBRARY, 10 },
	{ LIBRARY, "reason: {type: text}", "version: {type: text}", "the name “version” is the engine's own" },
	{ LIBRARY, "reason: {type: text}", "is: {type: text}", "the name “is” is the engine's own" },
	{ LIBRARY, "{name: {type: text, required: true}", "{nr: {type: text, required: true}",
	  "the name “nr” is the engine's own" },
	{ LIBRARY, "{type: money, min: 0", "{type: mony, min: 0", "there is no type “mony”; did you mean “money”?" },
	{ LIBRARY, "{type: decimal, scale: 3}", "{type: integer, scale: 3}",
	  "“scale” does not go with the type integer" },
	{ LIBRARY, "max: 9999.99", "max: 9999.999", "“max” of a field of type money cannot be “9999.999”" },
	{ LIBRARY, "min: 0, max: 9999.99", "min: 5, max: 2", "“min” lies above “max”" },
	{ LIBRARY, "[ordinary, rare]", "[ordinary, rare, Rare]", "“Rare” is no value of a choice" },
	{ LIBRARY, "[ordinary, rare]", "[ordinary, rare, ordinary]", "the value “ordinary” stands here twice" },
	{ LIBRARY, "of: [ordinary, rare], ", "", "a choice needs “of”" },
	{ LIBRARY, "{type: ref, to: book, required: true}", "{type: ref, required: true}", "a ref needs “to”" },
	{ LIBRARY, "to: book, required", "to: books, required", "there is no register “books”; did you mean “book”?" },
	{ LIBRARY, "{type: ref, to: member, required: true}\n  amount",
	  "{type: ref, to: [member, book], required: true}\n  amount", "mixes registers of parties with others" },
	{ LIBRARY, "resolve: [card, family_name]", "resolve: [card, home]",
	  "a record is not found by a point (“home”)" },
	{ LIBRARY, "resolve: [card, family_name]", "resolve: [card, name]",
	  "the register “member” has no field “name”" },
	{ LIBRARY, "check: due > lent", "check: due > (lent", "a check: a bracket is not closed" },
	{ LIBRARY, "check: due > lent", "check: due > 'lent", "a check: a quotation mark or comment is not closed" },
	{ LIBRARY, "check: due > lent", "check: due > $today", "a check knows no parameters" },
	{ LIBRARY, "check: due > lent", "check: due > this.lent",
	  "“this.lent”: a check names the record's columns bare" },
	{ LIBRARY, "reason: {type: text}", "extra: {type: file, default: 1}",
	  "“default” does not go with the type file" },
	{ LIBRARY, "mark: {type: number}", "kind_rank: {type: number}",
	  "the fields “kind” and “kind_rank” would both have the column “kind_rank”" },
	{ LIBRARY, "mark: {type: number}", "shelf_lat: {type: number}", "would both have the column “shelf_lat”" },
	{ MEMBER, "pattern: \"[0-9]{4}\"", "pattern: \"([0-9]{4}\"", "“([0-9]{4}” is no regular expression" },
	/* tables of one name */
	{ LIBRARY, "reason: {type: text}", "past: {type: list, of: {name: {type: text}}}",
	  "the list “loan.past” would have the table “loan_past”, as the past of “loan” has" },
	{ LIBRARY, "register: fine", "register: place", "the name “place” is the engine's own" },
	/* actions */
	{ LIBRARY, "  withdraw: {from: [listed], to: withdrawn", "  withdraw: {to: withdrawn",
	  "needs exactly one of “new” and “from”, found neither" },
	{ LIBRARY, "    new: out", "    new: out\n    from: [out]", "needs exactly one of “new” and “from”, found both",
	  -1 },
	{ LIBRARY, "    new: out", "    new: out\n    to: overdue", "“to” goes with “from”", 1 },
	{ LIBRARY, "  withdraw: {from", "  title: {from", "a field and an action of “book” are both named “title”" },
	{ LIBRARY, "  withdraw: {from", "  correct: {from", "the name “correct” is the engine's own" },
	{ LIBRARY, "from: [out, overdue], to: returned", "from: [out, overdoo], to: returned",
	  "no action of “loan” leads to the state “overdoo”" },
	{ LIBRARY, "from: [out, overdue], to: returned", "from: [out, out], to: returned",
	  "the state “out” stands here twice" },
	{ LIBRARY, "by: [member, \"@librarian\"]", "by: [membr, \"@librarian\"]",
	  "the register “loan” has no party “membr”; did you mean “member”?" },
	{ LIBRARY, "by: [member, \"@librarian\"]", "by: [\"$days\", \"@librarian\"]",
	  "who may act cannot be taken from the request" },
	{ LIBRARY, "by: [member, \"@librarian\"]", "by: [\"@.due\", \"@librarian\"]",
	  "a field that names a role is a text or a choice, found the type day" },
	{ LIBRARY, "takes: [book, member, due]", "takes: [book, member, duo]",
	  "the register “loan” has no field “duo”; did you mean “due”?" },
	{ LIBRARY, "takes: [book, member, due]", "takes: [book, member, due, book]", "the action takes “book” twice" },
	{ LIBRARY, "takes: [book, member, due]\n    set: {lent: $today}", "takes: [book, member, due]",
	  "“lend” makes a record without “lent”, which is required", -3 },
	{ LIBRARY, "shelf, authors]}", "shelf, authors, mark]}", "“mark” is a number, which the engine gives itself" },
	{ LIBRARY, "when: $due > $today", "when: $duo > $today",
	  "“$duo” is neither an argument nor a field that the action takes; did you mean “due”?" },
	{ LIBRARY, "when: $due > $today", "when: this.due > $today", "“this.due”: a new record has no “this”" },
	{ LIBRARY, "add_days(this.due, $days)", "add_days(this.duo, $days)",
	  "“this.duo” is no column of the register “loan”; did you mean “due”?" },
	{ LIBRARY, "set: {due: \"add", "set: {dew: \"add", "the register “loan” has no field “dew”" },
	{ LIBRARY, "set: {lent: $today}", "set: {lent: {}}", "“set” of “lent” needs one value" },
	{ LIBRARY, "args: {days:", "args: {today:", "the name “today” is the engine's own" },
	{ LIBRARY, "min: 1, max: 30}}", "min: 1, max: 30, check: days > 1}}", "an argument has no “check”" },
	{ LIBRARY, "tells: [member]\n  fall_due", "tells: [\"$days\"]\n  fall_due",
	  "“$days” is of type integer, not a ref to a party" },
	{ LIBRARY, "gives: receipt", "gives: recipe", "there is no effect “recipe”" },
	{ LIBRARY, "{member: all,", "{member: most,", "agrees “all” or “any”, found “most”" },
	{ LIBRARY, "{member: all, within", "{within", "“asks” names nobody" },
	{ LIBRARY, "within: 3 days", "within: 3 day long", "expected a time such as “10 days” or “48 hours”" },
	{ LIBRARY, "refused: give_up", "refused: give_upp",
	  "the register “loan” has no action “give_upp”; did you mean “give_up”?" },
	{ LIBRARY, "refused: give_up", "refused: give_back",
	  "a new record waits as “pending”: “give_back” must act from it" },
	{ LIBRARY, "at: add_days(this.due, 1)", "at: add_days(this.due, $n)",
	  "the moment of “at” knows no parameters, found “$n”" },
	{ LIBRARY, "every: month", "every: week", "“every” is day, month, quarter or year, found “week”" },
	{ LIBRARY, "every: month, each: \"select id as member, 100 as amount, $today as month from member\", ",
	  "every: month, ", "“every” goes with “new” and “each”" },
	/* steps */
	{ LIBRARY, "do: fine.charge", "do: fine.change",
	  "the register “fine” has no action “change”; did you mean “charge”?" },
	{ LIBRARY, "do: fine.charge", "do: fines.charge", "there is no register “fines”; did you mean “fine”?" },
	{ LIBRARY, "do: fine.charge", "do: charge", "expected register.action, found “charge”" },
	{ LIBRARY, "{do: fine.charge, with", "{do: fine.charge, record: $record, with",
	  "“fine.charge” makes a new record; the step names none" },
	{ LIBRARY, "record: select id from fine where loan = this.id, ", "",
	  "“fine.remind” acts on a record: the step needs “record”" },
	{ LIBRARY, "amount: \"100\"}", "amont: \"100\", amount: \"1\"}",
	  "takes no field “amont”; did you mean “amount”?" },
	{ LIBRARY, ", amount: \"100\"}", "}", "the step gives “fine.charge” no “amount”, which is required" },
	{ LIBRARY, "member: this.member, amount", "member: $who, amount", "a step: “$who” is neither an argument" },
	/* roles */
	{ "roles.yaml", "can: [counter", "can: [count", "there is no ability “count”; did you mean “counter”?" },
	{ "roles.yaml", "purposes: [desk]", "purposes: [disk]",
	  "purposes.yaml has no purpose “disk”; did you mean “desk”?" },
	{ "roles.yaml", "{member: [card,", "{member: [cart,", "the register “member” has no field “cart”" },
	{ "roles.yaml", "loan: all}", "lone: all}", "there is no register “lone”; did you mean “loan”?" },
	{ "roles.yaml", "[loan.renew]", "[loan.renow]", "the register “loan” has no action “renow”" },
	{ "roles.yaml", "[accounts, pack]", "[accounts, pack], reads: {loan: all}",
	  "manages accounts, so it may not read records" },
	{ "roles.yaml", "keeper: {can", "keeper: {cann: [accounts], can",
	  "“cann” is no word of a role; did you mean “can”?" },
	/* searches, reveals, views over months and over officials */
	{ MEMBER, "search: {name: [family_name, given_name]", "search: {name: [family_name, given_name, card]",
	  "a name is one field or two (family name, given name), found 3" },
	{ MEMBER, "name: [family_name, given_name], exact", "name: [family_name, born], exact",
	  "the field “born” is of type day; a name that is searched is a name or a text" },
	{ MEMBER, "name: [family_name, given_name], exact", "name: [family_name, family_name], exact",
	  "“name” names “family_name” twice" },
	{ MEMBER, "exact: [card]", "exact: [email]", "the field “email” is of type email; what names one record is" },
	{ MEMBER, "exact: [card]", "exact: [faith_house]", "so the field “faith_house” must be unique alone" },
	{ MEMBER, "unique: {fields: [card]}", "unique: {fields: [card], while: [active]}",
	  "so the field “card” must be unique alone", 1 },
	{ MEMBER, "shows: [family_name, born]", "shows: [family_name, phone]",
	  "the field “phone” is of type phone; a hit shows neither files nor lists nor how to reach somebody" },
	{ MEMBER, ", shows: [family_name, born]", "", "several records may bear a name: “shows” must tell them apart" },
	{ MEMBER, "search: {name: [family_name, given_name], exact: [card], shows: [family_name, born]}",
	  "search: {shows: [born]}", "“search” of “member” names nothing to find a record by" },
	{ MEMBER, "exact: [card]", "exakt: [card]", "“exakt” is no word of search; did you mean “exact”?" },
	{ TOWN, "place: town, street: street, house: house", "place: town, street: street",
	  "an address is “place”, “street” and “house”, or “in” and “unit”" },
	{ TOWN, "house: house}", "house: house, unit: code}",
	  "an address is “place”, “street” and “house”, or “in” and “unit”" },
	{ TOWN, "place: town,", "place: code,", "the field “code” is of type text; “place” of an address is a place" },
	{ TOWN, "{in: branch, unit: nr}", "{in: reader, unit: nr}",
	  "“reader” is no ref to one register that has an address of its own", -1 },
	{ TOWN, "  readers: {register: member", "  readers: {register: membre",
	  "there is no register “membre”; did you mean “member”?" },
	{ TOWN, "  readers: {", "  reader: {", "a reveal and a field of “room” are both named “reader”" },
	{ TOWN, "\"select id as record, reader as shown", "\"select $record, reader as shown",
	  "a reveal knows no parameters, found “$record”" },
	{ "text/kk.yaml", "room.readers: Readers\n", "", "the text “room.readers” is missing", 0, TOWN, 23 },
	{ TOWN, "changed_at < $until", "changed_at < $today", "a monthly view: “$today” is neither an argument" },
	{ TOWN, "{audit: true, ", "{audit: true, public: true, ", "it cannot be public" },
	{ TOWN, "{audit: true, ", "{audit: true, monthly: true, ", "is either for an audit or a statistic" },
	{ "roles.yaml", "searches: [member, room, branch]", "searches: [member, room, loan]",
	  "the register “loan” has no “search”" },
	{ "roles.yaml", "reads: {member: all}", "reads: {loan: all}",
	  "the role “warden” searches “member” but does not read it" },
	{ "roles.yaml", "searches: [member, room", "searches: [members, room",
	  "there is no register “members”; did you mean “member”?" },
	{ "roles.yaml", "lookups: 60", "lookups: 0", "a limit is a number from 1 to 1000000, found 0" },
	{ "roles.yaml", "searches: 30", "searches: -1", "a limit is a number from 1 to 1000000, found -1" },
	{ "roles.yaml", "searches: 30", "search: 30", "“search” is no word of limits; did you mean “searches”?" },
	{ "roles.yaml", "reader: {only: [loan.renew]}", "reader: {only: [loan.renew], searches: [room]}",
	  "searches and so needs the ability “lookups”" },
	{ "roles.yaml", "reader: {only: [loan.renew]}", "reader: {only: [loan.renew], limits: {lookups: 3}}",
	  "limits mean nothing to it" },
	/* law */
	{ "law/library-act/act.yaml", "status: in force", "status: in use",
	  "the status of an act is draft, adopted, in force or repealed" },
	{ "law/library-act/act.yaml", "{nr: 2, day: 2016-11-20}", "{nr: 2}", "a reading needs “day”" },
	{ MOST, "select l.id", "-- \xff\nselect l.id", "this file is no text in UTF-8", 0, MOST, 0 },
	{ MOST, "forbid", "forbit", "the kind of a provision is forbid, obligation or breach; found “forbit”" },
	{ MOST, "loan.lend,", "loan.land,", "the register “loan” has no action “land”; did you mean “lend”?" },
	{ MOST, "library-act, article 5(1)", "library-act", "expected the act and its article" },
	{ MOST, "library-act, article", "weapon-act, article",
	  "lies in law/library-act, but its header says “weapon-act”" },
	{ MOST, "2017-01-07 ..", "2017-01-07", "expected days such as" },
	{ MOST, "2017-01-07 ..", "2017-01-07 .., 2019-01-01 ..",
	  "the ranges of days stand in order and do not overlap" },
	{ MOST, "-- at:       loan.lend, loan.renew\n", "", "a forbid needs “at”", 0, MOST, 1 },
	{ MOST, "-- act: ", "-- actt: library-act\n-- act: ",
	  "“actt” is no word of a provision's header; did you mean “act”?" },
	{ MOST, "select l.id", "update l.id", "a provision is one SELECT" },
	{ MOST, "count(*) > 5", "count(*) > $most", "“$most” is neither an argument", 0, MOST, 5 },
	{ MOST, "count(*) > 5", "count(*) > 5)", "a bracket is not opened" },
	{ LATE, "-- tick:     day\n", "", "“$today” stands in an obligation or a breach only with the header “tick”", 0,
	  LATE, 6 },
	{ LATE, "tick:     day", "tick:     week", "“tick” is day or month" },
	{ LATE, "fine: select id", "fines: select id", "there is no register “fines”" },
	{ LATE, "new.loan", "new.lone", "“new.lone” is no column of the register “fine”" },
	{ LATE, "-- tick: ", "-- at:   loan.lend\n-- tick: ", "“at” goes with a forbid" },
	{ LATE, "-- tick:     day", "-- kind:     breach\n-- tick:     day",
	  "the header “kind” stands in line 1 already" },
	/* tables and places */
	{ RATE, "per_day:money", "per_day:tenge", "a column's kind is “money” or “decimal0” to “decimal9”" },
	{ RATE, "per_day:money", "Per day", "“Per day” is no name of a column" },
	{ RATE, "12.50", "12.505",
	  "“per_day”: expected an amount such as 226.90 with at most 2 decimals, found “12.505”" },
	{ RATE, "2020-12-31", "2016-12-31", "the row ends before it begins" },
	{ RATE, "2021-01-01,,act,2", "2021-01-01,,act", "the row has 7 columns, the header 8" },
	{ RATE, "2021-01-01", "2021-13-01", "“from_day”: expected a day" },
	{ RATE, "kind,per_day", "days,per_day", "the column “days” stands here twice" },
	{ CALENDAR, "weekend,7", "weekend,8", "expected weekend 1..7" },
	{ CALENDAR, "holiday_yearly,01-01", "holiday_yearly,02-30", "found “holiday_yearly 02-30”" },
	{ PLACE, "751000000,,", "750000000,,", "the code “750000000” stands in line 2 already" },
	{ PLACE, "751000000,,", "0750000000,,", "have the same id in SQL" },
	{ PLACE, "751000000,,", "75-1,,", "“75-1” is no code of a place" },
	{ PLACE, "710000000,KZ", "710000000,KY", "there is no place “KY”, the parent of “710000000”" },
	{ PLACE, "43.25,76.94", "143.25,76.94", "expected degrees" },
	{ PLACE, "2018-01-01,2025-12-31", "2018-01-01,2015-12-31", "the place ends before it begins" },
	{ PLACE, "710000000,KZ", "710000000,710000000", "the parents of “710000000” run in a circle" },
	/* texts */
	{ "text/kk.yaml", "loan.due: Due\n", "", "the text “loan.due” is missing in text/kk.yaml", 0, LIBRARY, 27 },
	{ "text/kk.yaml", "is.pending: Waits\n", "", "the text “loan.is.pending” is missing in text/kk.yaml", 0,
	  LIBRARY, 19 },
	{ "text/kk.yaml", "book.kind.rare: rare\n", "", "the text “book.kind.rare” is missing", 0, LIBRARY, 6 },
	{ "text/kk.yaml", "tells: It was lent", "tells: \"Bring it back by {duo}\"",
	  "“loan.lend.tells”: nothing fills “{duo}”; expected ref, link, due or a field of “loan”; did you mean "
	  "“due”?" },
	{ "text/kk.yaml", "tells: You have left", "tells: \"Agree at {link}\"",
	  "nothing fills “{link}”; expected ref or" },
	{ "text/kk.yaml", "tells: It was lent", "tells: \"It was {due\"", "a “{” without its “}”" },
	{ "text/kk.yaml", "pack: A small library", "pack:", "“pack” needs a text" },
	{ "text/kk.yaml", "pack: A", "loan.is.out: A", "“loan.is.out” stands in line 1 already", 0, "text/kk.yaml",
	  57 },
	/* special categories: by name, by value, by title */
	{ LIBRARY, "reason: {type: text}", "blood_group: {type: text}", "looks like health (“blood_group”)" },
	{ LIBRARY, "reason: {type: text}", "extra: {type: choice, of: [muslim, none]}",
	  "looks like religion (“muslim”)" },
	{ "text/kk.yaml", "loan.reason: Reason", "loan.reason: Денсаулық жағдайы",
	  "looks like health (“Денсаулық жағдайы”)", 0, LIBRARY, 29 },
	{ "text/kk.yaml", "loan.reason: Reason", "loan.reason: «Национальность»", "looks like ethnicity", 0, LIBRARY,
	  29 },
	{ "pack.yaml", "field: faith_house", "field: faith_hall", "looks like religion (“faith_house”)", 0, MEMBER,
	  16 },
	{ LIBRARY, "reason: {type: text}", "reason: {type: fingerprint}",
	  "there is no type “fingerprint”: a register holds no biometrics" },
	/* YAML itself */
	{ "roles.yaml", "reader: {only", "librarian: {only", "librarian" },
	{ "roles.yaml", "reader: {only: [loan.renew]}", "reader: &x {only: [loan.renew]}", "&x" },
	{ LIBRARY, "      - {do: fine.charge, with", "      - {do: fine.charge, with: [", "The YAML cannot be read" },
};

static int
line_of(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

static bool
is_told(const struct mutation *mutation, const struct pack_report *report, int line)
{
	const char *file = mutation->told_in == NULL ? mutation->path : mutation->told_in;
	const struct pack_fault *only = NULL;

	for (size_t i = 0; i < report->count; i++)
		if (report->faults[i].severity == SEVERITY_ERROR)
			only = &report->faults[i];
	return report->error_count == 1 && strcmp(only->file, file) == 0 && only->line == line &&
	       strstr(only->text, mutation->words) != NULL;
}

/* Codes are asked for in another test; what the mutation's own name lacks of texts is there as spare ones. */
static bool
try_mutation(const char *folder, const struct mutation *mutation)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(pack_free) struct pack *pack = NULL;
	const char *before = fixture_text(mutation->path), *at = strstr(before, mutation->find);
	struct pack_report report;

	assert_non_null(at);
	strbuf_add(&text, before, (size_t)(at - before));
	strbuf_text(&text, mutation->replace);
	strbuf_text(&text, at + strlen(mutation->find));
	strbuf_text(&text, strncmp(mutation->path, "text/", 5) == 0 ? fixture_spare_texts : "");
	fixture_write(folder, mutation->path, text.text);
	pack_report_init(&report);
	enum error e = pack_load_uncoded(folder, &report, &pack);
	int line = mutation->told_in == NULL ? line_of(before, at) + mutation->line_offset : mutation->told_line;
	bool sound = e == ERR_BAD_INPUT && is_told(mutation, &report, line);

	if (!sound) {
		fprintf(stderr, "%s: “%s” for “%s”: expected line %d “%s”, found\n", mutation->path, mutation->replace,
			mutation->find, line, mutation->words);
		fixture_print(&report, stderr);
	}
	pack_report_done(&report);
	strbuf_clear(&text);
	strbuf_text(&text, before);
	strbuf_text(&text, strncmp(mutation->path, "text/", 5) == 0 ? fixture_spare_texts : "");
	fixture_write(folder, mutation->path, text.text);
	return sound;
}

static void
every_fault_is_told_once_where_it_stands(void **state)
{
	char folder[64];
	size_t wrong = 0;

	fixture_make(folder, true);
	for (size_t i = 0; i < ARRAY_COUNT(mutations); i++)
		wrong += !try_mutation(folder, &mutations[i]);
	fixture_remove(folder);
	assert_int_equal(wrong, 0);
}

/* What else the new file lacks is beside the point here. */
static bool
is_told_with(const char *path, const char *text, const char *words)
{
	char folder[64];
	struct pack_report report;
	struct pack *pack = NULL;
	bool found = false;

	fixture_make(folder, true);
	fixture_write(folder, path, text);
	pack_report_init(&report);
	assert_int_equal(pack_load_uncoded(folder, &report, &pack), ERR_BAD_INPUT);
	for (size_t i = 0; i < report.count; i++)
		found = found || strstr(report.faults[i].text, words) != NULL;
	if (!found)
		fixture_print(&report, stderr);
	pack_report_done(&report);
	fixture_remove(folder);
	return found;
}

static void
no_two_tables_get_one_name(void **state)
{
	assert_true(is_told_with("registers/more.yaml",
				 "register: book_authors\nprefix: BA\nfields: {x: {type: text}}\n"
				 "actions: {make: {new: made, by: [\"@librarian\"], takes: [x]}}\n",
				 "the list “book.authors” would have the table “book_authors”"));
	assert_true(is_told_with("registers/more.yaml",
				 "register: loan_past\nprefix: LP\nfields: {x: {type: text}}\n"
				 "actions: {make: {new: made, by: [\"@librarian\"], takes: [x]}}\n",
				 "the past of “loan” would have the table “loan_past”"));
	assert_true(is_told_with("tables/official_use.csv", "x\n1\n",
				 "would have the table “official_use”, as the engine has"));
	assert_true(is_told_with("tables/fine.csv", "x\n1\n", "the register “fine” would have the table “fine”"));
	assert_true(is_told_with("tables/place_above.csv", "x\n1\n",
				 "would have the table “place_above”, as the engine has"));
}

static void
a_mandate_has_its_shape(void **state)
{
	static const char words[] =
		"needs the refs “giver” and “holder” to registers of parties and the state “active”";

	assert_true(is_told_with("registers/more.yaml",
				 "register: mandate\nprefix: MA\nfields: {giver: {type: ref, to: member}}\n"
				 "actions: {give: {new: active, by: [giver], takes: [giver]}}\n",
				 words));
	assert_true(is_told_with("registers/more.yaml",
				 "register: mandate\nprefix: MA\n"
				 "fields: {giver: {type: ref, to: member}, holder: {type: ref, to: member}}\n"
				 "actions: {give: {new: given, by: [giver], takes: [giver, holder]}}\n",
				 words));
}

static void
law_in_a_folder_without_act_yaml_is_told(void **state)
{
	assert_true(is_told_with("law/other/x.sql",
				 "-- kind: breach\n-- act: other, article 1\n-- in force: 2020-01-01 ..\n"
				 "select id as record, member as who from loan\n",
				 "law/other lacks act.yaml"));
}

static void
many_faults_are_told_at_once_and_in_order(void **state)
{
	char folder[64];
	struct pack_report report;
	struct pack *pack = NULL;

	fixture_make(folder, false);
	fixture_write(folder, "roles.yaml", "librarian: {can: [fly], purposes: [desk, travel]}\nreader: {boddy: x}\n");
	fixture_write(folder, "retention.yaml", "years_5: {record: soon}\n");
	pack_report_init(&report);
	assert_int_equal(pack_load(folder, &report, &pack), ERR_BAD_INPUT);
	assert_int_equal(report.error_count, 4);
	assert_string_equal(report.faults[0].file, "retention.yaml");
	assert_string_equal(report.faults[1].file, "roles.yaml");
	assert_int_equal(report.faults[3].line, 2);
	pack_report_done(&report);
	fixture_remove(folder);
}

static void
a_file_that_cannot_be_read_makes_no_flood(void **state)
{
	static const char *const broken[] = { "roles.yaml",   "purposes.yaml",         "retention.yaml",
					      "text/kk.yaml", "registers/member.yaml", "registers/library.yaml",
					      "codes.yaml" };

	for (size_t i = 0; i < ARRAY_COUNT(broken); i++) {
		char folder[64];
		struct pack_report report;
		struct pack *pack = NULL;

		fixture_make(folder, false);
		fixture_write(folder, broken[i], "a: [1\nb: {\n");
		pack_report_init(&report);
		assert_int_equal(pack_load(folder, &report, &pack), ERR_BAD_INPUT);
		if (report.error_count != 1)
			fixture_print(&report, stderr);
		assert_int_equal(report.error_count, 1);
		assert_string_equal(report.faults[0].file, broken[i]);
		pack_report_done(&report);
		fixture_remove(folder);
	}
}

static bool
warns(const char *path, const char *find, const char *replace, const char *words)
{
	AUTO(strbuf_done) struct strbuf text = { 0 };
	AUTO(pack_free) struct pack *pack = NULL;
	const char *before = fixture_text(path), *at = strstr(before, find);
	struct pack_report report;
	char folder[64];
	bool found = false;

	assert_non_null(at);
	strbuf_add(&text, before, (size_t)(at - before));
	strbuf_text(&text, replace);
	strbuf_text(&text, at + strlen(find));
	fixture_make(folder, false);
	fixture_write(folder, path, text.text);
	pack_report_init(&report);
	assert_int_equal(pack_load_uncoded(folder, &report, &pack), OK);
	for (size_t i = 0; i < report.count; i++)
		found = found || strstr(report.faults[i].text, words) != NULL;
	if (!found)
		fixture_print(&report, stderr);
	pack_report_done(&report);
	fixture_remove(folder);
	return found;
}

static void
what_is_odd_but_works_is_warned_of(void **state)
{
	assert_true(
		warns("registers/library.yaml",
		      "    asks: {member: all, within: 3 days, refused: give_up, silent: give_up}\n",
		      "    asks: {member: all, refused: give_up, within: 3 days, silent: give_up, not_author: true}\n",
		      "") == false);
	assert_true(warns("registers/library.yaml",
			  "  give_back: {from: [out, overdue], to: returned, by: [\"@librarian\"]}",
			  "  give_back: {from: [returned], to: returned, by: [\"@librarian\"]}",
			  "no record of “loan” can come to the state “returned”"));
	assert_true(warns("registers/library.yaml", "to: withdrawn, by: [\"@librarian\"]}", "to: withdrawn}",
			  "nothing runs “book.withdraw”"));
	assert_true(warns("text/kk.yaml", "fine: Fine\n", "fine: Fine\nfine.colour: Red\n",
			  "nothing uses the text “fine.colour”"));
	assert_true(warns("tables/place.csv", "name_kk", "name_kz",
			  "nothing reads the column “name_kz”; did you mean “name_kk”?"));
	assert_true(warns("roles.yaml", "can: [counter, lookups]", "can: [counter]", "lacks the ability “lookups”"));
	assert_true(warns("registers/member.yaml", "retention: years_5\n", "", "names no retention"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_is_told_once_where_it_stands),
		cmocka_unit_test(no_two_tables_get_one_name),
		cmocka_unit_test(a_mandate_has_its_shape),
		cmocka_unit_test(law_in_a_folder_without_act_yaml_is_told),
		cmocka_unit_test(many_faults_are_told_at_once_and_in_order),
		cmocka_unit_test(a_file_that_cannot_be_read_makes_no_flood),
		cmocka_unit_test(what_is_odd_but_works_is_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
