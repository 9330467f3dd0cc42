#!/bin/bash
# docs/ledger.md 3, rule 4: an old backup cannot publish a fork, whatever is done with it; the registers work on.
. "$(dirname "$0")/lib.sh"

published() { sed -n 2p "$STORE/tlog/checkpoint"; }
entries() { curl -s "$URL/healthz" | jq .ledger_entries; }
settled() {
	local want
	want=$(entries)
	for _ in $(seq 100); do
		[ "$(published)" -ge "$want" ] 2>/dev/null && return 0
		sleep 0.1
	done
	wrong "no checkpoint of $want entries came"
}
shelve() {
	as ida
	for barcode; do
		act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
		expect_status 201
	done
}
# stopped REASON: so says /healthz (which stays 200), the log and the metric, and the checkpoint is the one from before.
stopped() {
	for _ in $(seq 50); do
		get /healthz
		[ "$(value .status)" = ok ] || break
		sleep 0.1
	done
	expect_status 200
	expect_json .status '"degraded"'
	expect_json .writer '"ok"'
	expect_json .reason "\"$1\""
	grep -q "\"publishing-stopped\".*\"alarm\":\"$1\"" "$work/server.log" || wrong "the log does not say $1"
	curl -s "http://127.0.0.1:$metrics_port/metrics" >"$work/metrics"
	grep -qx 'tirkeu_tlog_alarm 1' "$work/metrics" || wrong "no metric tells it"
}
restart() {
	stop_server || wrong "it ended with $?"
	"$@"
	start_server --metrics-listen 127.0.0.1:0
	metrics_port=$(grep -o '"metrics_port":[0-9]*' "$work/server.log" | cut -d: -f2)
}

begin tests/packs/library "tlog_interval_s: 1"
account ida librarian
as ida
act book/catalogue '{"title": "Abai zholy", "authors": [{"name": "Mukhtar Auezov", "part": "writer"}], "isbn": "978601293001X", "year": 1942}'
book=$(ref)

step "a backup is taken, and the log goes on"
shelve 1 2 3
settled
"$TIRKEU" backup "$STORE" "$work/saved.db" >"$work/said" 2>&1 || wrong "$(cat "$work/said")"
cp -r "$STORE/tlog" "$work/saved-tlog"
shelve 4 5 6
settled
cp "$STORE/tlog/checkpoint" "$work/last"
size=$(published)

step "restored, the store is older than the log: nothing is published, and that is told"
restart "$TIRKEU" restore "$STORE" "$work/saved.db" --yes 2>"$work/said"
grep -q "MIND: $size entries were published" "$work/said" || wrong "restore does not warn: $(cat "$work/said")"
stopped store-behind
shelve 4 5
get /api/registers/copy
expect_status 200
sleep 1.2
stopped store-behind
curl -s "$URL/tlog/checkpoint" | cmp -s - "$work/last" || wrong "another checkpoint is served"

step "as long as the log it is another, and stays so"
shelve 6 7 8 9
[ "$(entries)" -gt "$size" ] || wrong "the store has $(entries) entries, the log $size"
sleep 1.2
cmp -s "$STORE/tlog/checkpoint" "$work/last" || wrong "a fork was published"
restart true
stopped store-differs
shelve 10
sleep 1.2
cmp -s "$STORE/tlog/checkpoint" "$work/last" || wrong "a fork was published"

step "nor does the signer sign it when the published log is deleted"
restart rm -r "$STORE/tlog"
stopped signer-root-differs
[ ! -e "$STORE/tlog/checkpoint" ] || wrong "a checkpoint of $(published) entries was signed"
shelve 11
get /tlog/checkpoint
expect_status 404

step "nor without the signer's memory"
cp "$STORE/once/signer" "$work/signer"
restart rm "$STORE/once/signer"
stopped signer-state-lost
[ ! -e "$STORE/tlog/checkpoint" ] || wrong "a checkpoint of $(published) entries was signed"

step "nor without the key, nor under another"
cp "$work/signer" "$STORE/once/signer"
restart mv "$STORE/keys/log.key" "$work/log.key"
stopped log-key-lost
restart rm "$STORE/once/signer"
stopped log-key-differs
[ ! -e "$STORE/tlog/checkpoint" ] || wrong "a checkpoint of $(published) entries was signed"
shelve 12

old_machine() {
	cp "$work/log.key" "$STORE/keys/log.key"
	cp "$work/signer" "$STORE/once/signer"
	"$TIRKEU" restore "$STORE" "$work/saved.db" --yes 2>"$work/said" || wrong "$(cat "$work/said")"
	rm -rf "$STORE/tlog"
	cp -r "$work/saved-tlog" "$STORE/tlog"
}
step "nor when the published log is as old as the store and only the signer remembers"
cp "$STORE/store/tirkeu.db.old" "$work/newer.db"
restart old_machine
shelve 4
sleep 1.2
stopped signer-ahead
cmp -s "$STORE/tlog/checkpoint" "$work/saved-tlog/checkpoint" || wrong "a fork of $(published) entries was published"
shelve 5 6 7 8 9
[ "$(entries)" -gt "$size" ] || wrong "the store has $(entries) entries, the log had $size"
restart true
stopped signer-root-differs
cmp -s "$STORE/tlog/checkpoint" "$work/saved-tlog/checkpoint" || wrong "a fork of $(published) entries was published"

newer_machine() {
	cp "$work/newer.db" "$STORE/store/tirkeu.db"
	rm -rf "$STORE/tlog" "$STORE"/store/tirkeu.db-*
}
step "with the newer store back it goes on where it was"
restart newer_machine
settled
get /healthz
expect_json .status '"ok"'
[ "$(published)" -ge "$size" ] || wrong "the checkpoint has $(published) entries"
said=$(python3 tests/scenario/tlog_twin.py consistent "$work/last" "$STORE/tlog/checkpoint" "$URL" 2>&1) || wrong "$said"
shelve 13
settled
