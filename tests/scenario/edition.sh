#!/bin/bash
# A new edition of the library over readers, loans and open questions; editions that would lose data; a program killed in
# the middle; the two administrators of a store that is no demo.
. "$(dirname "$0")/lib.sh"

NEXT=$work/next

# edit FILE OLD NEW: one place of a file, which must be there.
edit() {
	python3 - "$@" <<'END'
import sys
path, old, new = sys.argv[1:]
text = open(path, encoding="utf-8").read()
if text.count(old) < 1:
    sys.exit(f"{path}: nothing like {old!r}")
open(path, "w", encoding="utf-8").write(text.replace(old, new, 1))
END
}

# tirkeu ARGUMENTS…: EXIT, and what it said in $work/said.
tirkeu() {
	"$TIRKEU" "$@" >"$work/said" 2>&1 </dev/null
	EXIT=$?
}
expect_exit() { [ "$EXIT" = "$1" ] || { wrong "exit code $EXIT instead of $1"; cat "$work/said"; }; }
expect_said() { grep -qF -- "$1" "$work/said" || { wrong "nothing like “$1” is said"; cat "$work/said"; }; }

# refused FILE OLD NEW SAID: the edition with this change is not installed, for this reason.
refused() {
	rm -rf "$work/wrong"
	cp -r "$NEXT" "$work/wrong"
	edit "$work/wrong/$1" "$2" "$3"
	"$TIRKEU" pack codes "$work/wrong" >/dev/null 2>&1
	tirkeu pack install "$STORE" "$work/wrong" --yes --widen
	expect_exit 1
	expect_said "$4"
}

begin tests/packs/library
account keeper keeper
account ida librarian
account head head_librarian

step "a library at work"
as ida
act book/catalogue '{"title": "Abai zholy", "isbn": "978601293001X"}'
book=$(ref)
for barcode in 1 2 3; do
	act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\"}"
	expect_status 201
done
act member/join '{"family_name": "Omarova", "given_name": "Dana", "birth_day": "1885-03-02", "card": "AB0001"}'
dana=$(ref)
account dana reader "$dana"
as ida
for barcode in 1 2 3; do
	act loan/lend "{\"copy\": {\"barcode\": $barcode}, \"member\": {\"card\": \"AB0001\", \"family_name\": \"Omarova\"}}"
	expect_status 201
	loan[barcode]=$(ref)
done
move_clock 25
act member/join '{"family_name": "Omarov", "given_name": "Alan", "birth_day": "'"$(day -3000)"'", "card": "AB0002", "guardian": {"card": "AB0001", "family_name": "Omarova"}}'
expect_status 202
alan=$(ref)
act "loan/${loan[2]}/give_back" '{"seen": "fair"}'
expect_status 200
act "loan/${loan[3]}/report_lost"
expect_status 200
as dana
get /api/registers/fine
fine=$(value '[.records[] | select(.fields.cause == "late")][0].ref')
as ida
act "fine/$fine/waive" '{"why": "snow"}'
expect_status 202

step "the next edition is written and differs as it should"
cp -r tests/packs/library "$NEXT"
edit "$NEXT/pack.yaml" 'edition: 2026-09-01' 'edition: 2026-10-01'
library=$NEXT/registers/library.yaml
edit "$library" '  weight:    {type: decimal, scale: 3}' '  origin:    {type: choice, of: [bought, given], required: true, default: "'"'bought'"'"}
  weight:    {type: decimal, scale: 3}'
edit "$library" 'takes: [book, barcode, condition, price, weight]' 'takes: [book, barcode, condition, price, weight, origin]'
edit "$library" 'of: [ordinary, course, rare]' 'of: [ordinary, comic, course, rare]'
edit "$library" '  withdraw:
    from: [listed]
    to: withdrawn
    by: ["@head_librarian"]' '  withdraw:
    from: [listed]
    to: withdrawn
    by: ["@head_librarian", "@librarian"]'
edit "$library" '  report_lost:' '  write_off: {from: [overdue], to: lost, at: "add_days(this.due_on, 60)", also: [{do: copy.lose, record: this.copy}]}
  report_lost:'
edit "$library" '  # Two pairs of eyes: another librarian or the head agrees.
' ''
python3 - "$library" <<'END'
import sys
path = sys.argv[1]
lines = open(path, encoding="utf-8").read().split("\n")
lines = [line for line in lines if not line.startswith(("  waive:", "  keep:"))]
lines += ["---", "register: evening", "prefix: EV", "public: true", "fields:", "  title: {type: text, required: true}",
          "  on: {type: day}".replace("on:", "held_on:"), "actions:",
          '  plan: {new: planned, by: ["@librarian"], takes: [title, held_on]}',
          '  cancel: {from: [planned], to: cancelled, by: ["@librarian"]}', ""]
open(path, "w", encoding="utf-8").write("\n".join(lines))
END
cat >"$NEXT/law/house-rules/address.sql" <<'END'
-- kind:     breach
-- act:      house-rules, rule 10
-- in force: 2026-10-01 ..
select m.id as record, m.id as who, m.joined
  from member m
 where m.state = 'active' and m.email is null
END
rm "$NEXT/law/house-rules/pay_up.sql"
python3 - "$NEXT/text/en.yaml" <<'END'
import sys
path = sys.argv[1]
lines = open(path, encoding="utf-8").read().split("\n")
lines = [line for line in lines if not line.startswith(("fine.waive", "fine.keep", "fine.is.waived", "law.house-rules.pay_up"))]
lines += ['copy.origin: "Origin"', 'copy.origin.bought: "bought"', 'copy.origin.given: "given"', 'book.kind.comic: "comic"',
          'loan.write_off: "Write off"', 'evening: "Evening"', 'evening.title: "Title"', 'evening.held_on: "Day"',
          'evening.plan: "Plan"', 'evening.cancel: "Cancel"', 'evening.is.planned: "Planned"',
          'evening.is.cancelled: "Cancelled"', 'law.house-rules.address: "A reader has an address."',
          'law.house-rules.address.joined: "Joined on"', ""]
open(path, "w", encoding="utf-8").write("\n".join(lines))
END
tirkeu pack check "$NEXT"
expect_exit 1
expect_said 'no code yet for copy.origin'
tirkeu pack codes "$NEXT"
expect_exit 0
tirkeu pack check "$NEXT"
expect_exit 0
tirkeu pack diff tests/packs/library "$NEXT"
expect_exit 0
expect_said '! role librarian: may run book.withdraw'
expect_said '! role librarian: may run evening.plan'
expect_said '+ code evening = '
expect_said '- provision house-rules/pay_up'
expect_said '+ field copy.origin: type = choice'

step "it is not installed while the server runs, nor without a word, nor with too small a one"
tirkeu pack install "$STORE" "$NEXT" --yes --widen
expect_exit 3
expect_said 'Another program works on'
stop_server || wrong "the server ended with $?"
cp -r "$STORE" "$work/before"
tirkeu pack install "$STORE" "$NEXT"
expect_exit 2
tirkeu pack install "$STORE" "$NEXT" --yes
expect_exit 2
expect_said '! role librarian: may run book.withdraw'
expect_said 'MIND: this edition widens rights'
expect_said '--widen'

step "an edition that would lose data is refused, with the reason and the place"
refused registers/library.yaml 'weight:    {type: decimal, scale: 3}' 'weight:    {type: text}' 'the field copy.weight was "decimal 3" and is now "text"; make a new field'
refused registers/library.yaml 'weight:    {type: decimal, scale: 3}' 'weight:    {type: decimal, scale: 2}' 'the field copy.weight was "decimal 3" and is now "decimal 2"'
refused registers/library.yaml 'of: [late, lost, damaged]' 'of: [late, lost]' 'fine.cause no longer knows "damaged"'
refused registers/library.yaml ', required: true, default: "'"'bought'"'"}' ', required: true}' 'the new field copy.origin is required and has no default, but there are records already'
refused registers/library.yaml 'unique: {fields: [barcode]}' 'unique: [{fields: [barcode]}, {fields: [book]}]' 'records of copy are alike already where the new `unique` forbids it'
refused pack.yaml 'edition: 2026-10-01' 'edition: 2026-08-01' 'the edition 2026-08-01 is older than the installed one of 2026-09-01'
refused pack.yaml 'pack: library' 'pack: archive' 'this database was made for the pack "library", not for "archive"'
refused codes.yaml 'book.isbn: 18' 'book.isbn: 318' '“book.isbn” had the code 18 and has 318 now: a code never changes'
refused codes.yaml 'fine.waive: 71
' '' '“fine.waive” had the code 71 and has none now: codes are kept'
refused codes.yaml 'fine.waive: 71' 'evening.cancels: 71' '“evening.cancels” has the code 71, which was that of “fine.waive”: a code is never used again'
refused registers/library.yaml '    to: returned' '    to: lost' 'there are records of loan in the state "returned", which is gone'
python3 - "$work/wrong" "$NEXT" <<'END'
import shutil, sys
wrong, right = sys.argv[1:]
shutil.rmtree(wrong)
shutil.copytree(right, wrong)
for name in ("registers/library.yaml", "text/en.yaml"):
    lines = open(f"{wrong}/{name}", encoding="utf-8").read().split("\n")
    lines = [line for line in lines if "why" not in line or "fine.waive" in line]
    open(f"{wrong}/{name}", "w", encoding="utf-8").write("\n".join(lines))
END
tirkeu pack install "$STORE" "$work/wrong" --yes --widen
expect_exit 1
expect_said 'the field fine.why has vanished; leave it out of the actions instead'

step "after all refusals the old edition is at work"
start_server
as nobody
get /api/pack
expect_json .edition '"2026-09-01"'
as dana
get "/api/registers/loan/${loan[1]}"
expect_json .state '"overdue"'
stop_server

step "killed at any moment, a store has one edition or the other, whole"
for round in $(seq 12); do
	rm -rf "$work/killed"
	cp -r "$work/before" "$work/killed"
	"$TIRKEU" pack install "$work/killed" "$NEXT" --yes --widen >/dev/null 2>&1 &
	victim=$!
	sleep "0.$(printf %03d $((round * 12)))"
	kill -KILL "$victim" 2>/dev/null
	wait "$victim" 2>/dev/null
	tirkeu law list "$work/killed" --json
	expect_exit 0
	new=$(jq -c '[.[] | select(.name == "house-rules/address")] | length' "$work/said")
	old=$(jq -c '[.[] | select(.name == "house-rules/pay_up")] | length' "$work/said")
	[ $((new + old)) = 1 ] || wrong "both editions or none: $new $old"
	# Whoever opens it next finishes what was begun: then evaluating finds nothing new.
	"$TIRKEU" user list "$work/killed" >/dev/null 2>&1 || wrong "it does not open"
	tirkeu verify "$work/killed"
	expect_exit 0
	"$TIRKEU" --json law evaluate "$work/killed" >"$work/said" 2>&1
	[ "$(jq -c '[.opened, .closed]' "$work/said")" = '[0,0]' ] || { wrong "findings were left out"; cat "$work/said"; }
	tirkeu pack install "$work/killed" "$NEXT" --yes --widen
	expect_exit 0
done

step "the edition is installed over living data"
before=$("$TIRKEU" --json verify "$STORE" | jq .entries)
tirkeu pack install "$STORE" "$NEXT" --yes --widen
expect_exit 0
expect_said 'edition 2026-10-01'
tirkeu pack install "$STORE" "$NEXT" --yes
expect_exit 0
expect_said 'installed already'
tirkeu verify "$STORE"
expect_exit 0
after=$("$TIRKEU" --json verify "$STORE" | jq .entries)
[ "$after" = $((before + 2)) ] || wrong "the ledger grew from $before to $after instead of by the rules and the edition"
start_server

step "what was there reads as before, with the default of the new field"
as nobody
get /api/pack
expect_json .edition '"2026-10-01"'
get "/api/registers/copy?limit=100"
expect_json '[.records[].fields.origin] | unique' '["bought"]'
expect_json '.records | length' 3
as dana
get "/api/registers/loan/${loan[1]}"
expect_json .state '"overdue"'
get "/api/registers/loan/${loan[2]}/history"
expect_json '[.versions[].state]' '["out","overdue","returned"]'

step "the new law finds who was there already, and what it dropped is closed"
get "/api/registers/member/$dana"
expect_json '[.findings[].provision]' '["house-rules/address"]'
get "/api/registers/fine/$fine"
expect_json '[.findings[].provision]' '[]'
tirkeu law list "$STORE" --day 2026-09-15 --json
expect_json_file() { [ "$(jq -c "$1" "$work/said")" = "$2" ] || { wrong "$1 is not $2"; cat "$work/said"; }; }
expect_json_file '[.[] | select(.name == "house-rules/address")][0].in_force' false
tirkeu law list "$STORE" --day 2026-10-15 --json
expect_json_file '[.[] | select(.name == "house-rules/address")][0].in_force' true

step "a question whose action is gone is withdrawn, another one can still be answered"
as head
get /api/me/inbox
expect_json '.asks | length' 0
act "fine/$fine/agree"
expect_problem 404 not-found
as dana
get "/api/registers/fine/$fine"
expect_json .state '"owed"'
get /api/me/inbox
expect_json '.asks | length' 1
act "member/$alan/agree"
expect_status 200
expect_json .state '"active"'

step "what is new works: a value, a field, a register, a right"
as ida
act book/catalogue '{"title": "Aldar Kose", "kind": "comic"}'
expect_status 201
comic=$(ref)
act copy/shelve "{\"book\": \"$comic\", \"barcode\": 9, \"condition\": \"good\", \"price\": \"2.00\", \"origin\": \"given\"}"
expect_status 201
get "/api/registers/copy/$(ref)"
expect_json .fields.origin '"given"'
act evening/plan '{"title": "Akyns", "held_on": "2026-12-16"}'
expect_status 201
act "book/$comic/withdraw"
expect_status 200
act "fine/$fine/pay"
expect_status 200

step "a new clock counts for a loan that is older than it"
move_clock 57
as dana
get "/api/registers/loan/${loan[1]}"
expect_json .state '"lost"'
as nobody
get "/api/registers/copy?limit=100"
expect_json '[.records[] | select(.fields.barcode == 1)][0].state' '"lost"'
stop_server

step "a new record that waits for an action that is gone lapses, with its entry"
rm -rf "$work/wrong"
cp -r "$NEXT" "$work/wrong"
edit "$work/wrong/pack.yaml" 'edition: 2026-10-01' 'edition: 2026-11-01'
edit "$work/wrong/registers/library.yaml" '  join:   {new' '  enrol:  {new'
sed -i 's/^member\.join\([.:]\)/member.enrol\1/' "$work/wrong/text/en.yaml"
cp -r "$work/before" "$work/lapsed"
tirkeu pack codes "$work/wrong"
tirkeu pack install "$work/lapsed" "$work/wrong" --yes --widen
expect_exit 0
STORE=$work/lapsed
tirkeu verify "$STORE"
expect_exit 0
start_server
as nobody
post /api/sessions "$(jq -n --arg name ida --arg password "$(password_of ida)" '$ARGS.named')"
TOKEN[ida]=$(jq -r .token "$BODY")
as ida
post /api/lookups "{\"register\": \"member\", \"ref\": \"$alan\", \"purpose\": \"desk\"}"
expect_json .state '"lapsed"'
stop_server

step "a store that is no demo needs two administrators, with their passwords"
STORE=$work/real
tirkeu init "$STORE" --pack tests/packs/library
expect_exit 0
rm -rf "$work/wrong"
cp -r tests/packs/library "$work/wrong"
edit "$work/wrong/pack.yaml" 'edition: 2026-09-01' 'edition: 2026-09-02'
tirkeu pack install "$STORE" "$work/wrong" --yes
expect_exit 0
for name in saule timur; do
	password_of $name | "$TIRKEU" user add "$STORE" $name --role keeper --password-stdin >"$work/said" 2>&1 || wrong "no account $name"
done
password_of ida | "$TIRKEU" user add "$STORE" ida --role librarian --password-stdin >"$work/said" 2>&1
approved() { # NAMES PASSWORD-OF…
	local names=$1
	shift
	for name; do password_of "$name"; done | "$TIRKEU" pack install "$STORE" "$NEXT" --yes --widen --approve "$names" >"$work/said" 2>&1
	EXIT=$?
}
tirkeu pack install "$STORE" "$NEXT" --yes --widen
expect_exit 2
expect_said 'Two administrators must approve'
approved saule saule
expect_exit 2
approved saule,saule saule saule
expect_exit 2
approved saule,timur saule saule
expect_exit 1
approved saule,ida saule ida
expect_exit 1
expect_said 'ida may not install packs'
tirkeu law list "$STORE" --json
expect_json_file '[.[] | select(.name == "house-rules/address")] | length' 0
approved saule,timur saule timur
expect_exit 0
tirkeu law list "$STORE" --json
expect_json_file '[.[] | select(.name == "house-rules/address")] | length' 1

step "the law of a past day can be asked for"
STORE=$work/kz
begin packs/kz
as nobody
get '/api/law?day=2016-01-01'
expect_json '[.provisions[].provision | select(test("/late(_before_2017)?$"))]' '["code-235-v/late_before_2017"]'
get '/api/law?day=2026-11-21'
expect_json '[.provisions[].provision | select(test("/late(_before_2017)?$"))]' '["code-235-v/late"]'
tirkeu law list "$STORE" --day 2016-01-01 --json
expect_json_file '[.[] | select(.name | test("/late(_before_2017)?$")) | select(.in_force) | .name]' '["code-235-v/late_before_2017"]'
tirkeu law evaluate "$STORE" --day 2016-01-01
expect_exit 2
