#!/bin/bash
# docs/operating.md: saved while it serves, brought back on another machine, with its own keys only.
. "$(dirname "$0")/lib.sh"

tirkeu() {
	"$TIRKEU" "$@" >"$work/said" 2>&1 </dev/null
	EXIT=$?
}
expect_exit() { [ "$EXIT" = "$1" ] || { wrong "exit code $EXIT instead of $1"; cat "$work/said"; }; }
root() { "$TIRKEU" --json verify "$1" | jq -r .root; }

begin tests/packs/library "hosts: registers.example"

step "it answers under its own names only"
get /healthz 'Host: registers.example'
expect_status 200
get /healthz 'Host: elsewhere.example'
expect_status 421

step "it is saved while it serves"
account_said=$("$TIRKEU" user add "$STORE" aigul --role keeper 2>&1) || wrong "$account_said"
tirkeu backup "$STORE" "$work/saved.db"
expect_exit 0
tirkeu backup "$STORE" "$work/saved.db"
expect_exit 1
before=$(root "$STORE")
stop_server || wrong "it ended with $?"

step "a backup comes back where it was"
tirkeu restore "$STORE" "$work/saved.db"
expect_exit 2
tirkeu restore "$STORE" "$work/saved.db" --yes
expect_exit 0
[ "$(root "$STORE")" = "$before" ] || wrong "another root"

step "on a new machine it comes back under its own keys alone"
tirkeu init "$work/new" --pack tests/packs/library --origin demo.invalid
expect_exit 0
tirkeu restore "$work/new" "$work/saved.db" --yes
expect_exit 3
grep -q 'are not those of this store' "$work/said" || wrong "$(cat "$work/said")"
cp -p "$STORE"/keys/*.key "$work/new/keys/"
tirkeu user list "$work/new"
expect_exit 3
tirkeu restore "$work/new" "$work/saved.db" --yes
expect_exit 0
[ "$(root "$work/new")" = "$before" ] || wrong "another root"
tirkeu user list "$work/new"
expect_exit 0
grep -q aigul "$work/said" || wrong "the account is missing"

step "a backup with a damaged page is refused, though its ledger is sound"
cp "$work/saved.db" "$work/damaged.db"
leaf=$(sqlite3 "$work/damaged.db" "select rootpage from sqlite_master where name like 'ix.place_above.%' limit 1")
printf 'XXXXXXXX' | dd of="$work/damaged.db" bs=1 seek=$(((leaf - 1) * 4096 + 3)) conv=notrunc 2>/dev/null
tirkeu restore "$work/new" "$work/damaged.db" --yes
expect_exit 3
grep -q 'not what was written' "$work/said" || wrong "$(cat "$work/said")"

step "a backup of another ledger is refused"
tirkeu init "$work/other" --pack tests/packs/library
tirkeu restore "$work/other" "$work/saved.db" --yes
expect_exit 1
