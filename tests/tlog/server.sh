#!/bin/bash
# The log of a real server, read by tlogcheck over HTTP, and what it refuses of a copy that was tampered with.
. "$(dirname "$0")/../scenario/lib.sh"

holds() { said=$("$TLOGCHECK" "$@" 2>&1) || wrong "tlogcheck $1: $said"; }
refused() {
	local code
	said=$("$TLOGCHECK" "$@" 2>&1)
	code=$?
	[ $code -eq 1 ] && [[ $said == tlogcheck:\ refused:* ]] || wrong "tlogcheck $1 ended with $code: $said"
}
size() { curl -s "$URL/tlog/checkpoint" | sed -n 2p; }
# Waits until everything the ledger has is under a checkpoint.
settled() {
	local entries
	entries=$(curl -s "$URL/healthz" | jq .ledger_entries)
	for _ in $(seq 100); do
		[ "$(size)" -ge "$entries" ] 2>/dev/null && return 0
		sleep 0.1
	done
	wrong "no checkpoint of $entries entries came"
}

begin tests/packs/library "tlog_interval_s: 1"
account keeper keeper
account ida librarian
settled
vkey=$(curl -s "$URL/tlog/vkey")
curl -s "$URL/tlog/checkpoint" >"$work/first"
first=$(size)

step "Go's note package opens the checkpoint under the published key"
holds checkpoint "$URL/tlog" "$vkey"
[[ $said == "demo.invalid promises $first entries under"* ]] || wrong "$said"

step "entries, tiles and root agree, each entry proven"
holds all "$URL/tlog" "$vkey"

step "a log that grew still begins with what it promised"
as ida
act book/catalogue '{"title": "Abai zholy", "authors": [{"name": "Mukhtar Auezov", "part": "writer"}], "isbn": "978601293001X", "year": 1942}'
expect_status 201
book=$(ref)
for barcode in $(seq 12); do
	act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
	expect_status 201
done
settled
last=$(size)
[ "$last" -gt "$first" ] || wrong "the log did not grow"
holds consistency "$work/first" "$URL/tlog" "$vkey"
[[ $said == "the first $first of the $last entries"* ]] || wrong "$said"
holds all "$URL/tlog" "$vkey"

step "every proof file that the server gives proves its entry"
as keeper
for index in $(seq 0 $((last - 1))); do
	get "/api/entries/$index/proof"
	expect_status 200
	cp "$BODY" "$work/$index.tlog-proof"
	"$TLOGCHECK" entry "$URL/tlog" "$vkey" "$index" >"$work/$index.entry" || wrong "entry $index"
	holds proof "$work/$index.tlog-proof" "$vkey" "$work/$index.entry"
	[[ $said == "the entry is number $index of the $last that demo.invalid promises" ]] || wrong "$said"
done
refused proof "$work/0.tlog-proof" "$vkey" "$work/1.entry"

step "the published files lie as they are served"
stop_server || wrong "it ended with $?"
holds all "$STORE/tlog" "$vkey"
holds consistency "$work/first" "$STORE/tlog" "$vkey"

step "refused: an entry changed in the server's folder"
cp -r "$STORE/tlog" "$work/harmed"
bundle=$(find "$work/harmed/tile/entries" -type f -path "*.p/$(sed -n 2p "$work/harmed/checkpoint")")
[ -f "$bundle" ] || wrong "no bundle of the last size"
printf '\377' | dd of="$bundle" bs=1 seek=20 conv=notrunc status=none
refused all "$work/harmed" "$vkey"

step "refused: a tile changed in the server's folder"
rm -rf "$work/harmed"
cp -r "$STORE/tlog" "$work/harmed"
tile=$(find "$work/harmed/tile/0" -type f -path "*.p/$(sed -n 2p "$work/harmed/checkpoint")")
printf '\0\0' | dd of="$tile" bs=1 seek=40 conv=notrunc status=none
refused all "$work/harmed" "$vkey"

step "refused: the log of another server under the same name"
STORE=$work/another
"$TIRKEU" init "$STORE" --pack tests/packs/library --origin demo.invalid >"$work/init.log" 2>&1 || wrong "$(cat "$work/init.log")"
printf '\ntlog_interval_s: 1\n' >>"$STORE/settings.yaml"
start_server
settled
another=$(curl -s "$URL/tlog/vkey")
[ "$another" != "$vkey" ] || wrong "two servers have one key"
holds all "$URL/tlog" "$another"
refused checkpoint "$URL/tlog" "$vkey"
refused all "$URL/tlog" "$vkey"
refused consistency "$work/first" "$URL/tlog" "$another"
refused consistency "$work/first" "$URL/tlog" "$vkey"
