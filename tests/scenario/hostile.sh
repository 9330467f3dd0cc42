#!/bin/bash
# What people send who mean no good, or know no better.
. "$(dirname "$0")/lib.sh"
begin tests/packs/library "origin_connections: 40" "strict_per_minute: 60" "strict_burst: 400"
account keeper keeper
account boss keeper_of_accounts
account ida librarian
as ida
act member/join '{"family_name": "Omarova", "given_name": "Dana", "birth_day": "1985-03-02", "card": "AB0001"}'
dana=$(ref)
account dana reader "$dana"

step "what is no JSON is 400, whatever it is"
as ida
for body in '' '{' '[]' '"x"' '{"a":1}}' '{"a":1,"a":2}' '{"a":NaN}' '{"card": "\ud800"}' "$(printf '{"card": "\001"}')" \
	"$(printf '[%.0s' $(seq 2000))"; do
	[ -n "$body" ] || continue
	act member/join "$body"
	expect_status 400
done

step "types, borders and control characters are named field by field"
act member/join '{"family_name": 7, "given_name": "a\u0007b", "birth_day": "1985-02-30", "card": "ab1", "email": "x@", "guardian": "XX-1"}'
expect_problem 422 bad-input
expect_json '[.errors[].field] | sort' '["birth_day","card","email","family_name","given_name","guardian"]'
act book/catalogue '{"title": "x", "kind": "ordinary", "year": 99999999999999999999}'
expect_status 422
act book/catalogue '{"title": "x", "kind": "secret"}'
expect_status 422
act book/catalogue "{\"title\": \"$(printf 'x%.0s' $(seq 301))\", \"kind\": \"rare\"}"
expect_status 422
act book/catalogue "{\"title\": \"x\", \"authors\": $(jq -nc '[range(21) | {name: "A"}]')}"
expect_status 422

step "SQL, markup and templates are text and nothing else"
for text in "'; drop table member; --" '<script>alert(1)</script>' '{{7*7}} ${x} %n%s' '../../etc/passwd' 'Қуаныш ұ 漢'; do
	body=$(jq -nc --arg title "$text" '{title: $title, kind: "rare"}')
	act book/catalogue "$body"
	expect_status 201
	get "/api/registers/book/$(ref)"
	expect_json .fields.title "$(jq -n --arg t "$text" '$t')"
	expect_header '^Content-Type: application/json'
	expect_header '^X-Content-Type-Options: nosniff'
done

step "addresses that lead nowhere are 404, methods that do not fit 405"
for path in /api/registers/none /api/registers/member/LO-1234-56789 /api/registers/member/../../etc /api/registers/%00 \
	/api/views/none /api/registers/member/sqlite_master "/api/registers/member/$dana/history/x" \
	"/$(printf 'a%.0s' $(seq 3000))"; do
	get "$path"
	expect_status 404
done
act loan/fall_due
expect_status 404
send PUT /api/me -
expect_status 405
expect_header '^Allow: .*GET'

step "too large, of another type, without a length: refused before it is read"
head -c 3000000 /dev/zero | tr '\0' ' ' >"$work/large"
STATUS=$(curl -s -o "$BODY" -w '%{http_code}' -H "Authorization: Bearer ${TOKEN[ida]}" -H 'Content-Type: application/json' \
	-H 'Idempotency-Key: too-large-for-here-1' --data-binary "@$work/large" "$URL/api/registers/book/catalogue")
expect_status 413
STATUS=$(curl -s -o "$BODY" -w '%{http_code}' -H "Authorization: Bearer ${TOKEN[ida]}" -H 'Content-Type: text/plain' \
	-H 'Idempotency-Key: of-another-type-01' --data-binary '{}' "$URL/api/registers/book/catalogue")
expect_status 415
STATUS=$(curl -s -o "$BODY" -w '%{http_code}' -H "Authorization: Bearer ${TOKEN[ida]}" -H 'Content-Type: application/json' \
	-H 'Transfer-Encoding: chunked' -H 'Idempotency-Key: without-a-length-1' --data-binary '{}' "$URL/api/registers/book/catalogue")
expect_status 411

step "an act needs an Idempotency-Key that is worth its name"
send POST /api/registers/book/catalogue '{"title": "x", "kind": "rare"}'
expect_status 400
send POST /api/registers/book/catalogue '{"title": "x", "kind": "rare"}' 'Idempotency-Key: x'
expect_status 400

step "another site's name for this server is not answered"
as nobody
get /api/pack 'Host: evil.example'
expect_problem 421 wrong-host

step "a made-up, cut or foreign token opens nothing"
for token in x "${TOKEN[ida]%??}" "${TOKEN[ida]}x" "$(printf 'A%.0s' $(seq 4000))" 'null'; do
	send GET /api/me - "Authorization: Bearer $token"
	expect_status 401
done

step "a browser's session is a cookie that scripts cannot read and other sites cannot use"
as nobody
password=$(password_of ida)
post /api/sessions "{\"name\": \"ida\", \"password\": \"$password\", \"cookie\": true}"
expect_status 201
expect_json .token null
expect_header '^Set-Cookie: .*HttpOnly; SameSite=Strict'
cookie=$(sed -nE 's/^Set-Cookie: ([^;]+).*/\1/Ip' "$HEADERS" | tr -d '\r')
csrf=$(value .csrf)
get /api/me "Cookie: $cookie"
expect_status 200
send POST /api/registers/book/catalogue '{"title": "y", "kind": "rare"}' "Cookie: $cookie" 'Idempotency-Key: with-a-cookie-only-1'
expect_status 403
send POST /api/registers/book/catalogue '{"title": "y", "kind": "rare"}' "Cookie: $cookie" "X-Csrf-Token: $csrf" 'Idempotency-Key: with-a-cookie-only-2'
expect_status 201
send DELETE /api/sessions/current - "Cookie: $cookie" "X-Csrf-Token: $csrf"
expect_status 204
get /api/me "Cookie: $cookie"
expect_status 401

step "nobody gives themselves a role"
as boss
post /api/accounts/boss/roles '{"role": "head_librarian"}'
expect_status 403
as ida
post /api/accounts/dana/roles '{"role": "head_librarian"}'
expect_status 403
as dana
get /api/accounts
expect_status 403

step "wrong passwords lock the account out for a while, and a name that nobody has sounds the same"
as nobody
post /api/sessions '{"name": "dana", "password": "wrong wrong wrong"}'
expect_status 401
first=$(jq -c 'del(.errors)' "$BODY")
post /api/sessions '{"name": "nobody-there", "password": "wrong wrong wrong"}'
expect_status 401
[ "$(jq -c 'del(.errors)' "$BODY")" = "$first" ] || wrong "the answers differ"
for _ in $(seq 30); do
	post /api/sessions '{"name": "dana", "password": "wrong wrong wrong"}'
	[ "$STATUS" = 401 ] || break
done
expect_status 429
expect_header '^Retry-After: [0-9]+'
post /api/sessions "$(jq -n --arg password "$(password_of dana)" '{name: "dana", password: $password}')"
expect_status 429
as dana
get /api/me
expect_status 200

step "one address gets so many connections and no more; then the server answers again"
pids=()
for _ in $(seq 120); do
	(exec 3<>"/dev/tcp/127.0.0.1/${URL##*:}" && printf 'GET /api/pack HTTP/1.1\r\nHost: 127' >&3 && sleep 2) 2>/dev/null &
	pids+=($!)
done
wait "${pids[@]}" 2>/dev/null
as ida
get /api/me
expect_status 200

step "no name, number or password of anybody stands in the log"
for word in Omarova Dana 1985-03-02 "longer than the" "${TOKEN[ida]}"; do
	! grep -qF -- "$word" "$work/server.log" || wrong "$word is in the log"
done

step "the server is as before and stops in order"
as nobody
get /healthz
expect_status 200
stop_server || wrong "it ended with $?"
start_server
