#!/bin/bash
# Somebody with an account, or with a socket, who wants more than they may have. Kazakhstan's pack.
. "$(dirname "$0")/lib.sh"
begin packs/kz
account keeper administrator
account clerk clerk@750000000
account officer precinct_officer@751210000
account numbers statistician
account auditor auditor

guest_iin=$(iin 90010110001)
other_iin=$(iin 93040410004)
as clerk
register_person() {
	act person/register "{\"iin\": \"$1\", \"family_name\": \"$2\", \"given_name\": \"$3\", \"birth_day\": \"$4\", \"citizenship\": \"KZ\", \"email\": \"$5@demo.invalid\", \"language\": \"en\"}"
	[ "$STATUS" = 201 ] || { show_answer; exit 1; }
}
register_person "$guest_iin" Ахметов Арман 1890-01-01 arman
guest=$(ref)
register_person "$(iin 91020210002)" Бекова Бота 1891-02-02 bota
host=$(ref)
register_person "$other_iin" Тлеуов Тимур 1893-04-04 timur
stranger=$(ref)
act building/register '{"place": "751210000", "street": "Абай", "house": "10", "use": "residential", "point": {"lat": 43.25, "lon": 76.85}}'
building=$(ref)
act dwelling/register "{\"building\": \"$building\", \"flat\": \"5\", \"area\": \"41.50\", \"rooms\": 2, \"rka\": \"1234567890123456\"}"
dwelling=$(ref)
act ownership/register "{\"dwelling\": {\"rka\": \"1234567890123456\"}, \"owner\": \"$host\", \"since\": \"2020-01-01\", \"paper\": \"D-17\"}"
account arman resident "$guest"
account bota landlord "$host"
account timur resident "$stranger"
declaration=$(printf '{"guest": {"iin": "%s", "family_name": "Ахметов"}, "dwelling": {"rka": "1234567890123456"}, "host": "%s", "arrived": "%s", "leaves": "%s"}' \
	"$guest_iin" "$host" "$(day -1)" "$(day 90)")

# raw BYTES: printf's format, to the server as it is and at once; ANSWERS is what comes until the connection ends, 3 s at most.
raw() {
	printf "$1" >"$work/raw"
	ANSWERS=$(exec 3<>"/dev/tcp/127.0.0.1/${URL##*:}" && cat "$work/raw" >&3 && timeout 3 cat <&3)
}
expect_answers() { # COUNT FIRST-STATUS
	local count
	count=$(grep -aoE 'HTTP/1\.1 [1-5][0-9]{2} ' <<<"$ANSWERS" | wc -l)
	[ "$count" = "$1" ] || wrong "$count answers instead of $1: $ANSWERS"
	[[ $ANSWERS == "HTTP/1.1 $2"* ]] || wrong "the first answer is not $2: ${ANSWERS:0:60}"
}

step "what could be two requests or one is refused and ends the connection"
next='GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
head='POST /api/sessions HTTP/1.1\r\nContent-Type: application/json\r\n'
raw "${head}Host: localhost\r\nContent-Length: 2\r\nContent-Length: 50\r\n\r\n{}$next"
expect_answers 1 400
raw "${head}Host: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n$next"
expect_answers 1 411
raw "${head}Host: localhost\r\nTransfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n$next"
expect_answers 1 400
raw "GET /api/pack HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n$next"
expect_answers 1 400

step "requests sent at once are answered in order"
raw "$next$next"
expect_answers 1 200
more='GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
raw "$more$more$more$next"
expect_answers 4 200

step "methods that nobody needs do nothing"
for method in TRACE CONNECT PUT PATCH PROPFIND; do
	raw "$method /api/pack HTTP/1.1\r\nHost: localhost\r\nCookie: secret=1\r\nConnection: close\r\n\r\n"
	expect_answers 1 405
	[[ $ANSWERS != *secret* ]] || wrong "$method gives back what was sent"
done

step "a program's token does what its role is for and nothing else"
as keeper
post /api/accounts "{\"name\": \"program\", \"roles\": [\"integrator\", \"landlord\"], \"party\": \"$host\"}"
expect_status 409
post /api/accounts '{"name": "program", "roles": ["integrator", "landlord"]}'
expect_status 201
post /api/accounts/program/tokens '{"label": "feed"}'
expect_status 201
TOKEN[program]=$(value .token)
as program
for path in person/register building/register mandate/give; do
	act "$path" '{}'
	case $STATUS in 403 | 404 | 422) ;; *) wrong "$path answers $STATUS" ;; esac
done
get /api/me
expect_json '[.roles[].role]' '["integrator"]'
for path in /api/accounts /api/findings /api/audit; do
	get "$path"
	expect_status 403
done
post /api/me/password '{"password": "x", "new_password": "a long and dull phrase"}'
expect_status 403
delete /api/sessions/current
expect_status 401
send POST /api/registers/stay/declare "$declaration" "Cookie: tirkeu=${TOKEN[program]}" 'Idempotency-Key: cookie-and-bearer-1'
case $STATUS in 201 | 202) wrong "a token declared for a host that it does not act for" ;; esac

step "nobody acts for somebody who gave no mandate"
as timur
act stay/declare "$declaration" "On-Behalf-Of: $host"
case $STATUS in 403 | 404 | 422) ;; *) wrong "On-Behalf-Of a stranger: $STATUS" ; show_answer ;; esac
act stay/declare "$declaration" 'On-Behalf-Of: PE-0000-00000'
expect_status 422
expect_json '.errors[0].field' '"On-Behalf-Of"'
act stay/declare "$declaration"
case $STATUS in 403 | 404 | 422) ;; *) wrong "another's flat: $STATUS"; show_answer ;; esac

step "a key of one account is not another's, nor another request's"
as bota
act stay/declare "$declaration" 'Idempotency-Key: shared-between-two'
expect_status 202
stay=$(ref)
as timur
act stay/declare "$declaration" 'Idempotency-Key: shared-between-two'
case $STATUS in 201 | 202) wrong "another account's key was replayed" ;; esac
refute_text "$stay"
as bota
act stay/declare "$(jq -c '.leaves = .arrived' <<<"$declaration")" 'Idempotency-Key: shared-between-two'
expect_problem 422 key-reused
for key in short "$(printf 'k%.0s' $(seq 65))" 'with a blank in it' $'with\ttab-in-it'; do
	act stay/declare "$declaration" "Idempotency-Key: $key"
	expect_status 400
	expect_json '.errors[0].field' '"Idempotency-Key"'
done

step "a stranger sees no stay, ends none, and answers for nobody"
as timur
for way in "" /history; do
	get "/api/registers/stay/$stay$way"
	expect_status 404
done
for action in end agree refuse correct; do
	body='{}'
	[ "$action" != correct ] || body='{"correct_reason": "a mistake"}'
	act "stay/$stay/$action" "$body" 'If-Match: "1"'
	expect_status 404
done
act "stay/$stay/agree" "{\"party\": \"$guest\", \"paper\": \"P-1\"}"
expect_status 403

step "no look-up without a purpose, with another role's purpose, from another territory or with a made-up case"
as clerk
post /api/lookups "{\"register\": \"person\", \"ref\": \"$guest\"}"
expect_status 422
expect_json '.errors[0].field' '"purpose"'
post /api/lookups "{\"register\": \"person\", \"ref\": \"$guest\", \"purpose\": \"curiosity\"}"
expect_status 422
as officer
post /api/lookups "{\"register\": \"stay\", \"ref\": \"$stay\", \"purpose\": \"registration\", \"case\": \"K-1\"}"
case $STATUS in 403 | 404 | 422) ;; *) wrong "a purpose of the clerks: $STATUS"; show_answer ;; esac
post /api/lookups '{"finding": "1 or 1=1", "purpose": "inquiry"}'
expect_status 422
expect_json '.errors[0].field' '"finding"'
for who in numbers timur; do
	as "$who"
	post /api/lookups "{\"register\": \"person\", \"ref\": \"$guest\", \"purpose\": \"registration\"}"
	expect_status 403
done
# Auditors open complaints and reasons, no person, under whatever purpose.
as auditor
for purpose in registration oversight; do
	post /api/lookups "{\"register\": \"person\", \"ref\": \"$guest\", \"purpose\": \"$purpose\", \"case\": \"A-1\"}"
	expect_status 404
	refute_text 'family_name'
done

step "who manages accounts reads nobody, also not under a second role, and gives themselves nothing"
as keeper
post /api/accounts/keeper/roles '{"role": "clerk", "place": "KZ"}'
expect_status 403
post /api/accounts '{"name": "both", "roles": [{"role": "clerk", "place": "KZ"}, "administrator"]}'
expect_status 422
expect_json '[.errors[].code]' '["roles-apart"]'
post /api/accounts/clerk/roles '{"role": "administrator"}'
expect_status 422
expect_text '"field":"role"'
get "/api/registers/person/$guest"
expect_status 404

step "the counter makes no officials, and no account that acts for somebody else"
as clerk
post /api/accounts "{\"name\": \"mine\", \"party\": \"$stranger\", \"roles\": [{\"role\": \"clerk\", \"place\": \"KZ\"}]}"
case $STATUS in 403 | 409) ;; *) wrong "a clerk made a clerk: $STATUS" ;; esac
register_person "$(iin 94050510005)" Жумабаев Нурлан 1894-05-05 nurlan
newcomer=$(ref)
post /api/accounts "{\"name\": \"nurlan\", \"party\": \"$newcomer\", \"roles\": [{\"role\": \"resident\", \"party\": \"$guest\"}]}"
expect_status 403
for name in keeper officer clerk; do
	post "/api/accounts/$name/code"
	expect_status 403
done

step "a one-time code is tried five times and then it is dead"
post /api/accounts "{\"name\": \"nurlan\", \"party\": \"$newcomer\", \"roles\": [\"resident\"]}"
expect_status 201
code=$(value .code)
as nobody
for _ in 1 2 3 4; do
	post /api/sessions '{"name": "nurlan", "code": "0000-0000-0000", "password": "a long and dull phrase"}'
	expect_status 401
done
post /api/sessions '{"name": "nurlan", "code": "0000-0000-0001", "password": "a long and dull phrase"}'
expect_status 401
sleep 1.2
post /api/sessions "{\"name\": \"nurlan\", \"code\": \"$code\", \"password\": \"a long and dull phrase\"}"
expect_status 401

step "another spelling of a name is the same name for the lock"
for name in 'BOTA' ' bota' 'bota ' 'Bota' 'bOTA' 'bota	'; do
	post /api/sessions "$(jq -nc --arg name "$name" '{name: $name, password: "wrong wrong wrong"}')"
	case $STATUS in 401 | 429) ;; *) wrong "$name: $STATUS" ;; esac
done
expect_status 429
post /api/sessions '{"name": "bota", "password": "wrong wrong wrong"}' 'X-Forwarded-For: 192.0.2.99'
expect_status 429

step "a file is its owner's, of three types by its content, and never a page"
as timur
upload() { # BYTES TYPE
	STATUS=$(printf "$1" | curl -s -m 20 -o "$BODY" -D "$HEADERS" -w '%{http_code}' -H "Authorization: Bearer ${TOKEN[timur]}" \
		-H "Content-Type: $2" --data-binary @- "$URL/api/files")
	LAST="timur: POST /api/files $2"
}
upload '<html><script>alert(1)</script>%%PDF-1.4 %%%%EOF' application/pdf
expect_status 415
upload '%%PDF-1.4 no end of file' application/pdf
expect_status 415
upload '%%PDF-1.4\n<script>alert(1)</script>\n%%%%EOF\n' text/html
expect_status 415
expect_text '"field":"Content-Type"'
upload '%%PDF-1.4\n<script>alert(1)</script>\n%%%%EOF\n' image/png
expect_status 201
file=$(value .file)
get "/api/files/$file"
expect_status 200
expect_header '^Content-Type: application/pdf'
expect_header '^Content-Disposition: attachment; filename="[A-Z0-9-]+\.pdf"'
expect_header "^Content-Security-Policy: default-src 'none'"
as bota
get "/api/files/$file"
expect_status 404
get "/api/registers/stay/$stay/files/$file"
expect_status 404

step "a signed-out, closed or revoked key opens nothing any more, at once"
as timur
delete /api/sessions/current
expect_status 204
get /api/me
expect_status 401
as keeper
delete /api/accounts/program/tokens/feed
expect_status 204
as program
get /api/me
expect_status 401
as keeper
delete /api/accounts/arman
expect_status 204
as arman
get /api/me
expect_status 401

step "every refusal is problem+json in the asked language, with no inner word of the server"
as nobody
for language in kk ru en; do
	for path in /api/me /api/nothing /api/registers/stay/XX-1 "/api/registers/stay?limit=x" "/api/law?day=x" /api/views/none; do
		get "$path" "Accept-Language: $language"
		expect_header '^Content-Type: application/problem\+json'
		[ -n "$(value .title)" ] || wrong "$path has no title"
		refute_text '(sqlite|SELECT|src/|\.c:|errno|assert)'
	done
done

step "the data folder is its owner's alone"
[ -z "$(find "$STORE" -perm /077)" ] || wrong "others may read $(find "$STORE" -perm /077 | head -n 3)"
[ "$(stat -c %a "$STORE/run/socket")" = 600 ] || wrong "the socket is open to others"

step "a sender who never ends keeps nobody waiting"
exec 4<>"/dev/tcp/127.0.0.1/${URL##*:}"
printf 'POST /api/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{' >&4
as keeper
get /api/me
expect_status 200
exec 4>&-

step "no secret stands in the log"
for word in "${TOKEN[bota]}" "${TOKEN[keeper]}" "$code" "$guest_iin" "$guest" "$stay" Ахметов 'dull phrase' 192.0.2.99; do
	! grep -qF -- "$word" "$work/server.log" || wrong "$word is in the log"
done
