#!/bin/bash
# docs/ledger.md 4.2, both sides: two real witnesses cosign, and nothing that a witness does or leaves undone keeps the log from
# being published. Go's note package and a verifier of cosignature/v1 of its own (tests/tlog/main.go) judge the checkpoints.
. "$(dirname "$0")/lib.sh"

declare -A WITNESS=() PORT=() VKEY=()
others=()
end_others() {
	local pid
	for pid in "${WITNESS[@]}" "${others[@]}"; do kill "$pid" 2>/dev/null; done
	at_exit
}
trap 'code=$?; (exit $code); end_others' EXIT

# wait_for WHAT COMMAND…: until it comes true, ten seconds long.
wait_for() {
	local what=$1
	shift
	for _ in $(seq 100); do
		"$@" && return 0
		sleep 0.1
	done
	wrong "$what"
}
checkpoint() { curl -s "$URL/tlog/checkpoint"; }
size() { checkpoint | sed -n 2p; }
# cosigned COUNT: so many witnesses' lines are under a checkpoint of all entries.
cosigned() {
	local said
	said=$(curl -s "$URL/healthz")
	[ "$(jq -c '[.published_entries == .ledger_entries, .witnesses.cosigned]' <<<"$said")" = "[true,$1]" ] || return 1
	[ "$(checkpoint | grep -c '^— witness\.')" = "$1" ]
}
is_published() { [ "$(curl -s "$URL/healthz" | jq '.published_entries == .ledger_entries')" = true ]; }
health() { curl -s "$URL/healthz" | jq -r '.status + " " + (.reason // "")'; }
is_well() { [ "$(health)" = "ok " ]; }
is_degraded() { [ "$(health)" = "degraded $1" ]; }
metric() { curl -s "http://127.0.0.1:$metrics_port/metrics" | sed -n "s/^tirkeu_$1 //p"; }
metric_is() { [ "$(metric "$1")" = "$2" ]; }
metric_grew() { [ "$(metric "$1")" -gt "$2" ]; }

# start_witness NAME [PORT]: with the folder it had, or a new one.
start_witness() {
	local name=$1
	"$TIRKEU" witness "$work/$name" --listen "127.0.0.1:${2:-0}" --name "witness.$name" --log "$LOG" \
		>"$work/$name.out" 2>"$work/$name.log" &
	WITNESS[$name]=$!
	for _ in $(seq 100); do
		PORT[$name]=$(sed -n 's/.*"port":\([0-9]*\).*/\1/p' "$work/$name.log")
		[ -z "${PORT[$name]}" ] || break
		sleep 0.05
	done
	VKEY[$name]=$(curl -s "http://127.0.0.1:${PORT[$name]}/vkey")
	[ "${VKEY[$name]}" = "$(cat "$work/$name/vkey")" ] || wrong "the witness $name does not start: $(cat "$work/$name.log")"
}
stop_witness() {
	kill "${WITNESS[$1]}"
	wait "${WITNESS[$1]}" || wrong "the witness $1 ended with $?"
	unset "WITNESS[$1]"
}
# set_witnesses QUORUM [URL VKEY]…, and the server is started anew.
set_witnesses() {
	local quorum=$1 list=
	shift
	while [ $# -gt 0 ]; do
		list="$list${list:+, }\"$1 $2\""
		shift 2
	done
	[ -z "$SERVER" ] || stop_server || wrong "it ended with $?"
	sed -i '/^witness/d' "$STORE/settings.yaml"
	printf 'witnesses: [%s]\nwitness_quorum: %s\nwitness_alarm_s: 2\n' "$list" "$quorum" >>"$STORE/settings.yaml"
	start_server --metrics-listen 127.0.0.1:0
	metrics_port=$(grep -o '"metrics_port":[0-9]*' "$work/server.log" | cut -d: -f2)
}
barcode=0
shelve() {
	as ida
	barcode=$((barcode + 1))
	act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
	expect_status 201
}
TLOGCHECK=${TLOGCHECK:-$work/tlogcheck}
[ -x "$TLOGCHECK" ] || tests/tlog/build "$TLOGCHECK" || wrong "tlogcheck is not built"
tlogcheck() { said=$("$TLOGCHECK" "$@" 2>&1) || wrong "tlogcheck: $said"; }
# start_liar HOW [ELSEWHERE]: its port is in LIAR.
start_liar() {
	VKEY=${VKEY[one]} python3 tests/scenario/hostile_witness.py "$@" >"$work/liar.port" 2>"$work/liar.log" &
	others+=($!)
	LIAR=
	for _ in $(seq 100); do
		LIAR=$(cat "$work/liar.port" 2>/dev/null)
		[ -z "$LIAR" ] || break
		sleep 0.05
	done
}

begin tests/packs/library "tlog_interval_s: 1"
account ida librarian
as ida
act book/catalogue '{"title": "Abai zholy", "authors": [{"name": "Mukhtar Auezov", "part": "writer"}], "isbn": "978601293001X", "year": 1942}'
book=$(ref)
LOG=$(curl -s "$URL/tlog/vkey")
start_witness one
start_witness two
urls() { echo "http://127.0.0.1:${PORT[one]} ${VKEY[one]} http://127.0.0.1:${PORT[two]}/ ${VKEY[two]}"; }

step "two witnesses cosign what is published, and go on with each checkpoint"
set_witnesses 2 $(urls)
wait_for "no two cosignatures came" cosigned 2
tlogcheck checkpoint "$URL/tlog" "$LOG" "${VKEY[one]}" "${VKEY[two]}"
tlogcheck checkpoint "$STORE/tlog" "$LOG" "${VKEY[one]}" "${VKEY[two]}"
first=$(size)
shelve
shelve
wait_for "the next checkpoint is not cosigned" cosigned 2
[ "$(size)" -gt "$first" ] || wrong "the log did not grow"
tlogcheck checkpoint "$URL/tlog" "$LOG" "${VKEY[one]}" "${VKEY[two]}"
tlogcheck all "$URL/tlog" "$LOG"
wait_for "it is not well" is_well
get /healthz
expect_json .witnesses '{"asked":2,"cosigned":2,"quorum":2}'
metric_is witness_cosigned 2 && metric_is witness_alarm 0 || wrong "the metrics say otherwise"
"$TIRKEU" verify "$STORE" >"$work/said" 2>&1 || wrong "$(cat "$work/said")"

step "started anew, the server keeps the lines and asks nobody again"
checkpoint >"$work/kept"
set_witnesses 2 $(urls)
checkpoint | cmp -s - "$work/kept" || wrong "another checkpoint is served"
sleep 0.5
metric_is witness_lines_total 0 && metric_is witness_failures_total 0 || wrong "somebody was asked"

step "one killed: publishing goes on, and in time the missing quorum is told"
kill -9 "${WITNESS[two]}"
wait "${WITNESS[two]}" 2>/dev/null
unset 'WITNESS[two]'
shelve
wait_for "nothing is published" cosigned 1
wait_for "the quorum is not missed" is_degraded witness-quorum
metric_is witness_alarm 1 && metric_is witness_away 1 || wrong "the metrics do not tell it"
grep -q '"witness-away".*"witness.two"' "$work/server.log" || wrong "the log does not tell it"
shelve
wait_for "nothing is published" cosigned 1
get /api/registers/copy
expect_status 200

step "back again, it cosigns what it missed"
start_witness two "${PORT[two]}"
wait_for "it is not asked again" cosigned 2
wait_for "the alarm stays" is_well
grep -q '"witness-back".*"witness.two"' "$work/server.log" || wrong "the log does not tell it"

step "a witness with an older state is told the way from there"
stop_witness two
cp "$work/two/state" "$work/older"
set_witnesses 2 $(urls)
shelve
shelve
wait_for "nothing is published" cosigned 1
start_witness two "${PORT[two]}"
wait_for "it is not asked again" cosigned 2
stop_witness two
cp "$work/older" "$work/two/state"
start_witness two "${PORT[two]}"
shelve
wait_for "it does not go on from its older state" cosigned 2
wait_for "the alarm stays" is_well

step "what a witness is sent by others it does not sign"
W=http://127.0.0.1:${PORT[one]}
answer() { curl -s -o "$BODY" -D "$HEADERS" -w '%{http_code}' --data-binary @- "$W/add-checkpoint"; }
STATUS=$({ printf 'old 0\n\n'; checkpoint; } | answer)
expect_status 409
expect_header '^Content-Type: text/x\.tlog\.size'
[ "$(cat "$BODY")" = "$(size)" ] || wrong "it does not say its size"
STATUS=$({ printf 'old 0\n\n'; checkpoint | sed 's/^demo\.invalid$/other.invalid/'; } | answer)
expect_status 404
STATUS=$({ printf 'old 0\n\n'; checkpoint | sed '2s/.*/999999/'; } | answer)
expect_status 403
STATUS=$(printf 'old 0\n\ngarbage\n' | answer)
expect_status 400
STATUS=$(head -c 200000 /dev/zero | answer)
expect_status 413
STATUS=$(curl -s -o "$BODY" -w '%{http_code}' "$W/add-checkpoint")
expect_status 405
STATUS=$(curl -s -o "$BODY" -w '%{http_code}' "$W/../etc/passwd")
expect_status 404

step "a fork is refused by the witnesses too, and the log says so"
# An old backup whose signer was brought back with it forks the log as nothing of ours could tell it.
stop_server || wrong "it ended with $?"
cp -r "$STORE" "$work/saved"
start_server
shelve
shelve
wait_for "nothing is cosigned" cosigned 2
stop_server || wrong "it ended with $?"
mv "$STORE" "$work/newer"
mv "$work/saved" "$STORE"
cp "$work/newer/settings.yaml" "$STORE/"
set_witnesses 2 $(urls)
shelve
wait_for "it is not told" is_degraded witness-differs
shelve
shelve
shelve
wait_for "publishing stopped" cosigned 0
sleep 1.5
cosigned 0 || wrong "a fork was cosigned"
is_degraded witness-differs || wrong "$(health)"
grep -q '"witness-differs".*"witness.one"' "$work/server.log" || wrong "the log does not tell it"
told_fork() { grep -qE '"(other-root|not-cosigned)".*"demo.invalid"' "$work/one.log"; }
wait_for "the witness does not tell it" told_fork
stop_server
mv "$STORE" "$work/fork"
mv "$work/newer" "$STORE"
set_witnesses 2 $(urls)
wait_for "the true log is not cosigned any more" cosigned 2
wait_for "the alarm stays" is_well

step "nothing that a witness answers harms the log, the other witness or the server"
# The address that a redirect would lead to: whoever comes there leaves a trace.
python3 -c 'import socket, sys
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
s.accept(); print("somebody came", flush=True)' >"$work/trap" &
others+=($!)
wait_for "no trap" test -s "$work/trap"
for how in garbage huge endless headers "redirect http://127.0.0.1:$(head -n 1 "$work/trap")/add-checkpoint" false \
	conflict empty 500 silent; do
	start_liar $how
	set_witnesses 1 "http://127.0.0.1:$LIAR" "${VKEY[one]}" "http://127.0.0.1:${PORT[two]}" "${VKEY[two]}"
	shelve
	wait_for "$how: the other witness is not asked" cosigned 1
	[ "$how" = silent ] || wait_for "$how: nothing tells it" metric_is witness_away 1
	wait_for "$how: it is not well" is_well
	checkpoint | grep -q '^— witness\.one' && wrong "$how: the lie is under the checkpoint"
	tlogcheck checkpoint "$URL/tlog" "$LOG" "${VKEY[two]}"
	case $how in
	garbage | false | conflict) metric_grew witness_false_answers_total 0 || wrong "$how is not counted" ;;
	esac
done
[ "$(wc -l <"$work/trap")" = 1 ] || wrong "a redirect was followed"

step "a server does not wait for a silent witness when it stops"
began=$(date +%s%N)
stop_server || wrong "it ended with $?"
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -lt 4000 ] || wrong "it took $took ms"

step "a refusal by a witness is told, and publishing goes on"
for how in "400 witness-refuses" "403 witness-refuses" "404 witness-refuses" "422 witness-differs" "ahead witness-differs"; do
	start_liar ${how% *}
	set_witnesses 1 "http://127.0.0.1:$LIAR" "${VKEY[one]}" "http://127.0.0.1:${PORT[two]}" "${VKEY[two]}"
	shelve
	wait_for "$how: publishing stopped" cosigned 1
	wait_for "$how is not told" is_degraded "${how#* }"
	metric_is witness_alarm 1 || wrong "$how: no metric tells it"
done

step "settings that cannot be meant stop the start"
stop_server
refused() {
	sed -i '/^witness/d' "$STORE/settings.yaml"
	printf '%s\n' "$@" >>"$STORE/settings.yaml"
	timeout 10 "$TIRKEU" serve "$STORE" --listen 127.0.0.1:0 >"$work/said" 2>&1
	local code=$?
	[ $code -eq 2 ] && grep -q witness "$work/said" || wrong "$*: $code $(cat "$work/said")"
}
refused "witnesses: ['http://witness.example/ ${VKEY[one]}']"
refused "witnesses: ['http://127.0.0.1:80@witness.example/ ${VKEY[one]}']"
refused "witnesses: ['ftp://127.0.0.1/ ${VKEY[one]}']"
refused "witnesses: ['https://witness.example/']"
refused "witnesses: ['https://witness.example/ $LOG']"
refused "witnesses: ['https://witness.example/ ${VKEY[one]}', 'https://other.example/ ${VKEY[one]}']"
refused "witnesses: ['https://witness.example/ ${VKEY[one]}']" "witness_quorum: 2"
stop_witness one
"$TIRKEU" witness "$work/one" --listen 127.0.0.1:0 --name witness.other --log "$LOG" 2>"$work/said" && wrong "another name"
grep -q witness.other "$work/said" || wrong "$(cat "$work/said")"
"$TIRKEU" witness "$work/one" --listen 127.0.0.1:0 --log "${VKEY[one]}" 2>"$work/said" && wrong "no log's key"
rm "$work/one/state"
"$TIRKEU" witness "$work/one" --listen 127.0.0.1:0 --log "$LOG" 2>"$work/said" && wrong "without its memory it starts"
grep -q state "$work/said" || wrong "$(cat "$work/said")"
