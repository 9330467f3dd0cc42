#!/bin/bash
# A migration of another system's registers, as CSV files into a demo's store: 20,000 stays of which 300 are wrong in thirty
# ways. Exactly those are rejected; a dry run says the same and keeps nothing; killed at any moment the import goes on without
# doubling, and its rejects are the same. Prints "ok NAME" or "not ok NAME" for each. TIRKEU_IMPORT_KILLS (6).
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 3
tirkeu=$PWD/${TIRKEU:-build/tirkeu}
case ${TIRKEU:-} in /*) tirkeu=$TIRKEU ;; esac
kills=${TIRKEU_IMPORT_KILLS:-6}
work=$(mktemp -d "${TIRKEU_TMP:-/tmp}/import.XXXXXX") || exit 3
trap 'rm -rf "$work"' EXIT
failed=0

check() {
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		echo "ok import: $name"
	else
		tail -n 40 "$work/said"
		echo "not ok import: $name"
		failed=1
	fi
}

import() {
	"$tirkeu" import "$@" --lang en --json
}

# Exit code 1 with this many rejects: rows were rejected, nothing else went wrong.
rejects() {
	local count=$1 found
	shift
	import "$@" >"$work/answer"
	[ $? -eq 1 ] || return 1
	found=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["rejected"])' "$work/answer")
	[ "$found" = "$count" ] || { cat "$work/answer"; return 1; }
}

# Lines, columns and reasons are those that make-csv expected, and nothing else is there.
as_expected() {
	python3 - "$work/csv/expected.csv" "$1" "$work/answer" <<'END'
import collections, csv, json, sys
expected = list(csv.DictReader(open(sys.argv[1], encoding="utf-8")))
found = list(csv.DictReader(open(sys.argv[2], encoding="utf-8-sig"), delimiter=";"))
answer = json.load(open(sys.argv[3], encoding="utf-8"))
wanted = [(row["line"], row["column"]) for row in expected]
got = [(row["line"], row["column"]) for row in found]
for one, two in zip(wanted, got):
    if one != two:
        print("expected", one, "found", two)
counts = collections.Counter((row["column"], row["reason"]) for row in expected)
reasons = {(one["column"], one["reason"]): one["count"] for one in answer["reasons"]}
for key in sorted(set(counts) | set(reasons)):
    if counts.get(key, 0) != reasons.get(key, 0):
        print(key, "expected", counts.get(key, 0), "found", reasons.get(key, 0))
assert all(row["reason"] for row in found)
sys.exit(wanted != got or counts != collections.Counter(reasons))
END
}

# question DIR SQL ANSWER
answers() {
	local found
	found=$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])' "$1/store/tirkeu.db" "$2")
	[ "$found" = "$3" ] || { echo "$2: $found, not $3"; return 1; }
}

# One import after another, each killed a little later than the one before, then one to the end.
killed_again_and_again() {
	local i pid
	for ((i = 1; i <= kills; i++)); do
		"$tirkeu" import "$1" stay declare "$work/csv/stays.csv" --reject "$work/killed.csv" >/dev/null 2>&1 &
		pid=$!
		sleep "$(python3 -c "print(0.15 + 0.12 * $i)")"
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
	done
	rejects 300 "$1" stay declare "$work/csv/stays.csv" --reject "$work/killed.csv"
}

tried_before() {
	python3 -c 'import json, sys; sys.exit(not 0 < json.load(open(sys.argv[1]))["tried_before"])' "$work/answer"
}

mkdir "$work/csv"
check "the files are made" python3 tests/import/make-csv "$work/csv"
check "a demo is made" "$tirkeu" demo "$work/one" --people 300 --pack packs/kz
check "people come with the other system's keys" import "$work/one" person register "$work/csv/people.csv" --key id
check "buildings come" import "$work/one" building register "$work/csv/buildings.csv" --key id
check "dwellings find their buildings by address" import "$work/one" dwelling register "$work/csv/dwellings.csv" --key id
check "ownerships name dwellings and owners by key" import "$work/one" ownership register "$work/csv/ownerships.csv"
before=$(python3 -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("select count(*) from stay").fetchone()[0])' "$work/one/store/tirkeu.db")
cp -r "$work/one" "$work/two"
check "a dry run rejects 300 of 20,000 stays" \
	rejects 300 "$work/one" stay declare "$work/csv/stays.csv" --dry-run --reject "$work/dry.csv"
check "a dry run keeps nothing" answers "$work/one" "select count(*) from stay" "$before"
check "the import rejects 300 of 20,000 stays" \
	rejects 300 "$work/one" stay declare "$work/csv/stays.csv" --reject "$work/real.csv"
check "exactly the wrong rows are rejected, each with its reason" as_expected "$work/real.csv"
check "the dry run rejected the same" cmp "$work/dry.csv" "$work/real.csv"
check "all others are entered" answers "$work/one" "select count(*) - $before from stay" 19700
check "the same file again enters nothing" \
	rejects 300 "$work/one" stay declare "$work/csv/stays.csv" --reject "$work/again.csv"
check "and writes the same rejects" cmp "$work/again.csv" "$work/real.csv"
check "nothing is doubled by that" answers "$work/one" "select count(*) - $before from stay" 19700
check "an import that is killed $kills times goes on" killed_again_and_again "$work/two"
check "from where it was" tried_before
check "nothing is doubled or lost by kills" answers "$work/two" "select count(*) - $before from stay" 19700
check "the rejects are complete after kills" cmp "$work/killed.csv" "$work/real.csv"
check "the ledger is sound after kills" "$tirkeu" verify "$work/two"
check "the ledger is sound" "$tirkeu" verify "$work/one"
exit $failed
