#!/bin/bash
# A clerk opens a person's record. She sees who it was and why, has the proof in her hands, and checks her own export without
# the server. What the law hides for thirty days shows after them, and nothing of it before.
. "$(dirname "$0")/lib.sh"

published() { curl -s "$URL/tlog/checkpoint" | sed -n 2p; }
entries() { curl -s "$URL/healthz" | jq .ledger_entries; }
settled() {
	for _ in $(seq 100); do
		[ "$(published)" -ge "$(entries)" ] 2>/dev/null && return 0
		sleep 0.1
	done
	wrong "no checkpoint over all entries came"
}
# indexed N: waits until the export is complete up to N entries at least.
indexed() {
	for _ in $(seq 200); do
		as "$1"
		get /api/me/history
		[ "$STATUS" = 200 ] && "$TIRKEU" verify history "$BODY" --key "$work/vkey" --json >"$work/verified" 2>&1 &&
			[ "$(jq .complete_below "$work/verified")" -ge "$2" ] && return 0
		sleep 0.1
	done
	wrong "no stream index over $2 entries came"
	show_answer
}
look_up() { # REFERENCE PURPOSE
	post /api/lookups "{\"register\": \"person\", \"ref\": \"$1\", \"purpose\": \"$2\", \"case\": \"SECRET-7\"}"
	expect_status 200
}
refused() {
	! "$TIRKEU" verify history "$@" >"$work/verified" 2>&1 || wrong "believed: $*"
	grep -qE -- "$REASON" "$work/verified" || { wrong "no $REASON"; cat "$work/verified"; }
}

begin packs/kz "tlog_interval_s: 1"
account keeper administrator
account clerk clerk@KZ
account officer precinct_officer@751210000
as clerk
person() { # IIN FAMILY BIRTH-DAY
	act person/register "{\"iin\": \"$(iin "$1")\", \"family_name\": \"$2\", \"given_name\": \"Айгүл\", \"birth_day\": \"$3\", \"citizenship\": \"KZ\", \"language\": \"en\"}"
	expect_status 201
}
person 90010110001 Ахметова 1890-01-01
her=$(ref)
person 91020210002 Бөтен 1891-02-02
stranger=$(ref)
account aigul resident "$her"
account asan resident "$stranger"

step "before anybody looked there is nothing to see"
as aigul
get /api/me/lookups
expect_status 200
expect_json . '{"lookups":[],"next":null}'
as nobody
get /api/me/lookups
expect_problem 401 sign-in
get /api/me/history
expect_problem 401 sign-in

step "who acts for her in one register alone does not learn which entries are hers"
as clerk
person 93040410003 Нурова 1893-04-04
manager=$(ref)
account asel landlord "$manager"
mandate() { # SCOPE
	as aigul
	act mandate/give "{\"giver\": \"$her\", \"holder\": \"$manager\"$1}"
	expect_status 202
	hers=$(value '.entries[0].index')
	as asel
	act "mandate/$(ref)/agree"
	expect_status 200
}
mandate ', "scope": "stay"'
settled
get "/api/entries/$hers/proof"
expect_problem 404 not-found
mandate ''
settled
get "/api/entries/$hers/proof"
expect_status 200

step "she sees who opened her record: body, role, purpose, fields; not the official, not the case"
as clerk
look_up "$her" registration
as aigul
get /api/me/lookups
expect_status 200
expect_header '^cache-control: no-store'
expect_json '.lookups | length' 1
expect_json '.lookups[0].kind' '"opened"'
expect_json '.lookups[0].outcome' '"shown"'
expect_json '.lookups[0].role.name' '"clerk"'
expect_json '.lookups[0].purpose.name' '"registration"'
expect_json '.lookups[0].record' "\"$her\""
expect_true '.lookups[0].fields | map(.name) | index("family_name") != null'
refute_text 'SECRET-7'
get '/api/me/lookups?lang=kk'
expect_true '.lookups[0].role.title != "Clerk" and (.lookups[0].register.title | length) > 0'

step "nobody else sees it"
as asan
get /api/me/lookups
expect_json .lookups '[]'
get "/api/me/lookups?party=$her"
expect_problem 404 not-found
as clerk
get /api/me/lookups
expect_json .lookups '[]'
get /api/me/history
expect_problem 404 not-found

step "the entry is what she was told, and its proof leads to the signed checkpoint"
settled
as aigul
get /api/me/lookups
expect_true '.lookups[0].published'
value '.lookups[0] | .header, .header_salt, .leaf' >"$work/parts"
python3 - "$work/parts" <<'END' || wrong "the header is not what the entry commits to"
import hashlib, hmac, sys
header, salt, leaf = [bytes.fromhex(line) for line in open(sys.argv[1]).read().split()]
committed = hmac.new(salt, b"tirkeu/v1/header\0" + header, hashlib.sha256).digest()
assert len(leaf) == 130 and leaf[34:66] == committed
END
get "$(value '.lookups[0].proof')"
expect_status 200
expect_text '^c2sp.org/tlog-proof@v1'
as asan
get "${LAST##* }"
expect_problem 404 not-found

step "a page ends where the next begins"
as clerk
look_up "$her" registration
look_up "$her" registration
as aigul
get '/api/me/lookups?limit=2'
expect_json '.lookups | length' 2
get "/api/me/lookups?limit=2&from=$(value .next)"
expect_json '.lookups | length' 1
expect_json '.lookups[0].kind' '"opened"'
get '/api/me/lookups?from=0'
expect_problem 422 bad-input
get '/api/me/lookups?family_name=x'
expect_problem 422 bad-input

step "her export is complete and is checked without the server, longer than one piece of the answer"
as clerk
for _ in $(seq 40); do look_up "$her" registration; done
as nobody
get /tlog/vkey
cp "$BODY" "$work/vkey"
seen=$(entries)
move_clock 1
indexed aigul "$seen"
expect_header '^content-disposition: attachment; filename="tirkeu-history.json"'
expect_header '^cache-control: no-store'
refute_text 'SECRET-7'
cp "$BODY" "$work/history"
[ "$(wc -c <"$work/history")" -gt 40000 ] || wrong "the export is short"
"$TIRKEU" verify history "$work/history" --vkey "$(cat "$work/vkey")" --pack packs/kz --lang en >"$work/verified" 2>&1 || wrong "refused"
[ "$(grep -c 'opened.*Registration clerk' "$work/verified")" = 43 ] || { wrong "not all look-ups"; cat "$work/verified"; }
grep -q '^Complete until ' "$work/verified" || { wrong "no word of completeness"; cat "$work/verified"; }

step "an export that was changed, or signed by another, is refused"
jq -c 'del(.entries[-1])' "$work/history" >"$work/less"
REASON='number of entries' refused "$work/less" --key "$work/vkey"
jq -c 'del(.entries[1])' "$work/history" >"$work/less"
REASON='not in order' refused "$work/less" --key "$work/vkey"
jq -c '.entries[0].header_salt |= "00" + .[2:]' "$work/history" >"$work/less"
REASON='commits to' refused "$work/less" --key "$work/vkey"
REASON='not signed by this key' refused "$work/history" \
	--vkey 'log.example/test+10ab04e2+AWb4OvWMh4oBu6BT6yit+TsFifKmneuHr1ZyAM/3URXk'
REASON='One of' refused "$work/history"

step "what an inquiry hides for thirty days is not there before, and there after"
as officer
look_up "$her" inquiry
hidden=$(value .index)
as aigul
get /api/me/lookups
expect_json '.lookups | length' 43
get "/api/entries/$hidden/proof"
expect_problem 404 not-found
move_clock 29
as aigul
get /api/me/lookups
expect_json '.lookups | length' 43
move_clock 2
as aigul
get /api/me/lookups
expect_json '.lookups | length' 44
expect_json '.lookups[0].purpose.name' '"inquiry"'
expect_json '.lookups[0].hidden.index' "$hidden"
expect_true '.lookups[0].revealed_at != null and .lookups[0].hidden.n == null'
refute_text 'SECRET-7'
settled
get "/api/entries/$hidden/proof"
expect_status 200
as asan
get "/api/entries/$hidden/proof"
expect_problem 404 not-found

step "her export then has both entries, and one that lacks the hidden one is refused"
seen=$(entries)
move_clock 1
indexed aigul "$seen"
cp "$BODY" "$work/history"
expect_json '.referred | length' 1
expect_json '.referred[0].index' "$hidden"
jq -c '.referred = []' "$work/history" >"$work/less"
REASON='hidden entry' refused "$work/less" --key "$work/vkey"

step "a search that shows her masked is one of her entries too, and the other's is his"
as clerk
post /api/searches '{"register": "person", "text": "Ахметова", "purpose": "registration", "case": "SECRET-7"}'
expect_status 200
as aigul
get '/api/me/lookups?limit=1'
expect_json '.lookups[0].kind' '"found"'
expect_json '.lookups[0].record' "\"$her\""
refute_text 'SECRET-7'
as asan
get /api/me/lookups
expect_json .lookups '[]'

step "the server says that its indexes are sound"
stop_server
"$TIRKEU" verify "$STORE" >"$work/verified" 2>&1 || { wrong "verify fails"; cat "$work/verified"; }
