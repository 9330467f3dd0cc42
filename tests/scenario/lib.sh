# lib.sh - a scenario: a real server with a small store of its own, spoken to with curl. A scenario is a shell script that
# sources this file; each `step` is one test, passed when everything expected up to the next step came true.
#
#   begin packs/kz                      a new store of this pack, its server running (a demo, so that its clock moves)
#   account asel resident               makes an account with a role ([@place][:party]); `account asel resident PE-…` its party
#   as asel                             who sends what follows; `as nobody` without a session
#   post /api/… '{"a": 1}' [HEADER …]   sends; get, delete too. STATUS, BODY (a file), HEADERS (a file) say what came
#   expect_status 201; expect_json .state '"pending"'; expect_text REGEX; ref_of .ref    hold the answer to what it should be
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 3
TIRKEU=${TIRKEU:-build/tirkeu}
work=$(mktemp -d "${TIRKEU_TMP:-/tmp}/scenario.XXXXXX")
STORE=$work/store BODY=$work/body HEADERS=$work/headers
STATUS=0 WHO=nobody SERVER= URL= step_name= step_failed=0 any_failed=0 key_number=0
declare -A TOKEN=()

finish_step() {
	[ -n "$step_name" ] || return 0
	if [ "$step_failed" -eq 0 ]; then echo "ok $step_name"; else echo "not ok $step_name"; any_failed=1; fi
	step_name= step_failed=0
}

step() {
	finish_step
	step_name=$*
}

# Says which line of the scenario it was.
wrong() {
	local depth=1
	while [ "${BASH_SOURCE[$depth]##*/}" = lib.sh ]; do depth=$((depth + 1)); done
	echo "  ${BASH_SOURCE[$depth]##*/}:${BASH_LINENO[$((depth - 1))]}: $*"
	step_failed=1
}

# The answer at hand, for whoever reads the failure.
show_answer() {
	echo "  $LAST -> $STATUS"
	head -c 2000 "$BODY"
	echo
}

stop_server() {
	[ -n "$SERVER" ] || return 0
	kill -TERM "$SERVER" 2>/dev/null
	wait "$SERVER"
	local code=$?
	SERVER=
	return $code
}

at_exit() {
	local code=$?
	finish_step
	stop_server
	if [ "$any_failed" -ne 0 ] && [ -f "$work/server.log" ]; then
		echo "  the server's log ends so:"
		tail -n 20 "$work/server.log"
	fi
	rm -rf "$work"
	[ "$any_failed" -eq 0 ] || code=1
	exit $code
}
trap at_exit EXIT

start_server() {
	"$TIRKEU" serve "$STORE" --listen 127.0.0.1:0 "$@" >"$work/server.out" 2>"$work/server.log" &
	SERVER=$!
	URL=
	for _ in $(seq 200); do
		URL=$(grep -ohE 'http://127\.0\.0\.1:[0-9]+' "$work/server.out" "$work/server.log" | head -n 1)
		[ -z "$URL" ] || ! curl -fs -o /dev/null "$URL/healthz" || return 0
		kill -0 "$SERVER" 2>/dev/null || break
		sleep 0.05
	done
	cat "$work/server.out" "$work/server.log"
	echo "not ok the server starts"
	any_failed=1
	exit 1
}

# begin PACK [SETTING…]: settings are lines of settings.yaml.
begin() {
	local pack=$1
	shift
	if ! "$TIRKEU" init "$STORE" --pack "$pack" --origin demo.invalid >"$work/init.log" 2>&1; then
		cat "$work/init.log"
		echo "not ok a store of $pack is made"
		exit 1
	fi
	# Scenarios sign in more often than people do. What the scenario sets itself comes first.
	local setting
	for setting in "$@" "strict_per_minute: -1" "origin_per_second: -1" "account_per_second: -1" "mail: spool" \
		"mail_folder: $work/mail" "mail_from: registers@demo.invalid"; do
		grep -q "^${setting%%:*}:" "$STORE/settings.yaml" || printf '\n%s\n' "$setting" >>"$STORE/settings.yaml"
	done
	mkdir -p "$work/mail"
	start_server
}

password_of() { echo "longer than the $1 Tirkeu asks for"; }

# account NAME ROLE[@PLACE][:PARTY] [PARTY]
account() {
	local options=(--role "$2")
	[ $# -lt 3 ] || options+=(--party "$3")
	if ! password_of "$1" | "$TIRKEU" user add "$STORE" "$1" "${options[@]}" --password-stdin >"$work/user.log" 2>&1; then
		cat "$work/user.log"
		wrong "the account $1 could not be made"
	fi
	as nobody
	post /api/sessions "$(jq -n --arg name "$1" --arg password "$(password_of "$1")" '$ARGS.named')"
	TOKEN[$1]=$(jq -r .token "$BODY")
	expect_status 201
	as "$1"
}

as() { WHO=$1; }

# send METHOD PATH BODY|- [HEADER…]
send() {
	local method=$1 path=$2 body=$3 arguments=()
	shift 3
	[ "$WHO" = nobody ] || arguments+=(-H "Authorization: Bearer ${TOKEN[$WHO]}")
	[ "$body" = - ] || arguments+=(-H 'Content-Type: application/json' --data-binary "$body")
	for header; do arguments+=(-H "$header"); done
	LAST="$WHO: $method $path"
	: >"$BODY"
	STATUS=$(curl -s -m 20 -X "$method" -o "$BODY" -D "$HEADERS" -w '%{http_code}' "${arguments[@]}" "$URL$path") || STATUS=000
}

get() { send GET "$1" - "${@:2}"; }
delete() { send DELETE "$1" - "${@:2}"; }
# A fresh Idempotency-Key unless a header gives one.
post() {
	local path=$1 body=${2:-'{}'}
	shift $(($# < 2 ? $# : 2))
	case "$*" in
	*Idempotency-Key:*) send POST "$path" "$body" "$@" ;;
	*) key_number=$((key_number + 1)); send POST "$path" "$body" "Idempotency-Key: step-$$-$key_number" "$@" ;;
	esac
}

# act REGISTER[/REF]/ACTION [JSON] [HEADER…]
act() { post "/api/registers/$1" "${@:2}"; }

expect_status() {
	[ "$STATUS" = "$1" ] || { wrong "status $STATUS instead of $1"; show_answer; }
}

# expect_json FILTER VALUE: the JSON value that jq finds.
expect_json() {
	local found
	found=$(jq -c "$1" "$BODY" 2>&1)
	[ "$found" = "$2" ] || { wrong "$1 is $found instead of $2"; show_answer; }
}

# expect_true FILTER: jq finds it true.
expect_true() { expect_json "$1" true; }

expect_text() {
	grep -qE -- "$1" "$BODY" || { wrong "nothing like $1 is there"; show_answer; }
}

refute_text() {
	! grep -qE -- "$1" "$BODY" || { wrong "$1 should not be there"; show_answer; }
}

expect_header() {
	grep -qiE -- "$1" "$HEADERS" || { wrong "no header like $1"; cat "$HEADERS"; }
}

expect_problem() {
	expect_status "$1"
	expect_json .type "\"/problems/$2\""
}

# value FILTER: prints what jq finds in the answer.
value() { jq -r "$1" "$BODY"; }
ref() { value .ref; }

# As the server counts it; the answer at hand stays.
today() { curl -s "$URL/api/demo/clock" | jq -r .today; }

# A day N days from today, as the server counts it.
day() { date -u -d "$(today) ${1:-0} days" +%F; }

# move_clock N: N days forward, by the account `keeper` (ability clock).
move_clock() {
	local was=$WHO
	as keeper
	post /api/demo/clock "{\"to\": \"$(day "$1")\"}"
	expect_status 200
	as "$was"
}

# iin ELEVEN-DIGITS: with its check digit (docs/domain.md). Use birth years that no living person has.
iin() { python3 - "$1" <<'END'
import sys
base = sys.argv[1]
digits = [int(c) for c in base]
for weights in ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]):
    check = sum(d * w for d, w in zip(digits, weights)) % 11
    if check < 10:
        break
print(base + str(check) if check < 10 else sys.exit("no check digit: " + base))
END
}

# link_for ADDRESS: the last one-time link that went there by mail.
link_for() {
	local file
	for _ in $(seq 100); do
		for file in $(ls -t "$work/mail" 2>/dev/null); do
			grep -q "$1" "$work/mail/$file" || continue
			decode_mail "$work/mail/$file" | grep -oE '/answer/[A-Za-z0-9_-]+' | tail -n 1 | sed 's|/answer/||' | grep . && return 0
		done
		sleep 0.1
	done
	return 1
}

decode_mail() {
	python3 -c 'import email, email.policy, sys
print(email.message_from_file(open(sys.argv[1]), policy=email.policy.default).get_body().get_content())' "$1"
}
