#!/bin/bash
# tirkeu verify: a sound store is sound, while it serves too; one flipped bit anywhere, one row changed past the ledger,
# is found and its place named.
. "$(dirname "$0")/lib.sh"

tirkeu() {
	"$TIRKEU" "$@" >"$work/said" 2>&1 </dev/null
	EXIT=$?
}
expect_exit() { [ "$EXIT" = "$1" ] || { wrong "exit code $EXIT instead of $1"; cat "$work/said"; }; }
expect_said() { grep -qF -- "$1" "$work/said" || { wrong "nothing like “$1” is said"; cat "$work/said"; }; }
# result PART: what the JSON answer says of it.
result() { jq -r --arg name "$1" '.phases[] | select(.name == $name).result' "$work/said"; }

# sql STORE STATEMENT: past the program.
sql() { sqlite3 "$1/store/tirkeu.db" "$2" || wrong "sqlite3: $2"; }

# flip FILE AT: one bit of one byte; AT may be negative, from the end.
flip() {
	python3 - "$@" <<'END'
import os, sys
path, at = sys.argv[1], int(sys.argv[2])
os.chmod(path, 0o600)
with open(path, "r+b") as file:
    file.seek(at, 2 if at < 0 else 0)
    byte = file.read(1)[0]
    file.seek(at, 2 if at < 0 else 0)
    file.write(bytes([byte ^ 1]))
END
}

# broken NAME PART SAID: runs the function NAME on a fresh copy of the store; verify must find it.
broken() {
	rm -rf "$work/broken"
	cp -r "$STORE" "$work/broken"
	"$1" "$work/broken"
	tirkeu --json verify "$work/broken"
	expect_exit 1
	[ "$(result "$2")" = damaged ] || { wrong "$1: $2 is $(result "$2")"; cat "$work/said"; }
	expect_said "$3"
	tirkeu verify "$work/broken"
	expect_exit 1
	expect_said DAMAGED
}

begin tests/packs/library "tlog_interval_s: 1"
account ida librarian

step "a library at work is sound while it serves"
as ida
act book/catalogue '{"title": "Abai zholy", "isbn": "978601293001X", "authors": [{"name": "Mukhtar Auezov", "part": "writer"}, {"name": "Anna Nikolskaya", "part": "translator"}]}'
expect_status 201
book=$(ref)
act copy/shelve "{\"book\": \"$book\", \"barcode\": 1, \"condition\": \"good\", \"price\": \"12.50\"}"
expect_status 201
act member/join '{"family_name": "Omarova", "given_name": "Dana", "birth_day": "1885-03-02", "card": "AB0001"}'
expect_status 201
act loan/lend '{"copy": {"barcode": 1}, "member": {"card": "AB0001", "family_name": "Omarova"}}'
expect_status 201
loan=$(ref)
act "loan/$loan/renew"
expect_status 200
for number in $(seq 300); do
	act book/catalogue "{\"title\": \"Volume $number\"}"
done
expect_status 201
tirkeu verify "$STORE"
expect_exit 0
act "loan/$loan/give_back" '{"seen": "fair"}'
expect_status 200
for _ in $(seq 100); do
	tirkeu --json verify "$STORE"
	[ "$(jq '.entries > 300 and .checkpoint.size == .entries' "$work/said")" = true ] && break
	sleep 0.1
done
expect_exit 0
for part in store ledger registers oversight checkpoint tiles bundles signer index; do
	[ "$(result $part)" = sound ] || wrong "$part is $(result $part)"
done
jq -e '.phases[] | select(.name == "tiles").checked > 1' "$work/said" >/dev/null || wrong "no tiles were looked at"
stop_server || wrong "it ended with $?"

step "it is sound when it is at rest"
tirkeu verify "$STORE"
expect_exit 0
expect_said 'Registers: sound'
tirkeu --lang ru verify "$STORE"
expect_exit 0
expect_said 'Регистры: в порядке'

step "a flipped bit of what is published is found"
full_tile() { flip "$1/tlog/tile/0/000" 40; }
broken full_tile tiles tlog/tile/0/000
partial_tile() { flip "$(find "$1/tlog/tile/0" -path '*001.p/*' | sort -V | tail -n 1)" 0; }
broken partial_tile tiles tlog/tile/0/001.p/
upper_tile() { flip "$1/tlog/tile/1/000.p/1" 31; }
broken upper_tile tiles tlog/tile/1/000.p/1
bundle() { flip "$1/tlog/tile/entries/000" 700; }
broken bundle bundles tlog/tile/entries/000
lost_bundle() { rm "$1/tlog/tile/entries/000"; }
broken lost_bundle bundles 'tlog/tile/entries/000 is missing'
checkpoint() { flip "$1/tlog/checkpoint" -10; }
broken checkpoint checkpoint tlog/checkpoint
size_of_checkpoint() { python3 - "$1/tlog/checkpoint" <<'END'
import os, sys
os.chmod(sys.argv[1], 0o600)
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
lines[1] = str(int(lines[1]) - 1)
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(lines))
END
}
broken size_of_checkpoint checkpoint tlog/checkpoint
signer() { flip "$1/once/signer" -5; }
broken signer signer once/signer
lost_signer() { rm "$1/once/signer"; }
broken lost_signer signer 'once/signer is missing'

index_file() { flip "$(find "$1/store/index" -type f | sort -V | tail -n 1)" -3; }
broken index_file index store/index

step "a row that was changed past the ledger is found and named"
title() { sql "$1" "update book set title = 'Another' where isbn is not null"; }
broken title registers "book $book: changed (title)"
state() { sql "$1" "update loan set state = 'lost'"; }
broken state registers "loan $loan: changed (state)"
deleted() { sql "$1" "delete from loan"; }
broken deleted registers "loan $loan: gone from the table"
added() { sql "$1" "insert into book (id, state, version, changed_at, title, kind) values (5000, 'listed', 1, 1, 'X', 'rare')"; }
broken added registers 'not from the ledger'
row_of_list() { sql "$1" "delete from book_authors where nr = 2"; }
broken row_of_list registers "book $book: changed (authors)"
past() { sql "$1" "update loan_past set due_on = due_on + 1 where version = 1"; }
broken past registers "loan $loan: changed (due_on, version 1)"
number() { sql "$1" "update next_id set id = 2"; }
broken number registers 'is taken'

step "a byte of an entry is found and the entry named"
# cell COLUMN INDEX: one bit of one byte of a column.
cell() {
	python3 - "$1/store/tirkeu.db" "$2" "$3" <<'END'
import sqlite3, sys
path, column, index = sys.argv[1], sys.argv[2], int(sys.argv[3])
db = sqlite3.connect(path)
(value,) = db.execute(f"select {column} from ledger_entry where idx = ?", (index,)).fetchone()
assert value, column
db.execute(f"update ledger_entry set {column} = ? where idx = ?", (value[:-1] + bytes([value[-1] ^ 1]), index))
db.commit()
END
}
for column in body header iv detail payload; do
	one() { cell "$1" "$column" 7; }
	broken one ledger 'the first wrong entry is 7'
done
last_entry() { sql "$1" "delete from ledger_entry where idx = (select max(idx) from ledger_entry)"; }
broken last_entry checkpoint 'more entries than the ledger has'
stream() { sql "$1" "update ledger_stream set key = randomblob(32) where number = -1"; }
broken stream ledger 'the first wrong entry is'
trail() { sql "$1" "delete from official_use where id = (select min(id) from official_use)"; }
broken trail oversight 'official_use'
nobody() { sql "$1" "insert into ledger_stream (number, key) values (4000, randomblob(32))"; }
broken nobody registers 'belongs to no record'

step "what was deleted and can be made again is no damage"
cp -r "$STORE" "$work/again"
rm -rf "$work/again/tlog"
tirkeu --json verify "$work/again"
expect_exit 0
[ "$(result tiles)" = absent ] || wrong "tiles are $(result tiles)"

step "without its keys a store cannot be checked"
cp -r "$STORE" "$work/keyless"
rm "$work/keyless/keys/ledger.key"
tirkeu verify "$work/keyless"
expect_exit 3
cp "$STORE/keys/ledger.key" "$work/keyless/keys/"
rm "$work/keyless/keys/data.keys"
tirkeu verify "$work/keyless"
expect_exit 3

step "a part that is missing is damage unless an erasure names it"
erased() { sql "$1" "update ledger_entry set detail = null where idx = 7"; }
broken erased ledger 'the first wrong entry is 7'
