#!/bin/bash
# docs/ledger.md 3 and 4: the published log as others read it (tlog_twin.py is one of them), and the proof of an entry.
. "$(dirname "$0")/lib.sh"

twin() { python3 tests/scenario/tlog_twin.py "$@" 2>&1; }
# published_at N: waits until the checkpoint has at least N entries.
published_at() {
	for _ in $(seq 100); do
		[ "$(curl -s "$URL/tlog/checkpoint" | sed -n 2p)" -ge "$1" ] 2>/dev/null && return 0
		sleep 0.1
	done
	wrong "no checkpoint of $1 entries came"
}
entries() { curl -s "$URL/healthz" | jq .ledger_entries; }
settled() { published_at "$(entries)"; }
# expect_404 PATH …: nothing is there, and nothing is kept by caches.
expect_404() {
	local path
	for path; do
		get "$path"
		expect_problem 404 not-found
		expect_header '^cache-control: no-store'
	done
}

begin tests/packs/library "tlog_interval_s: 1"
account keeper keeper
account ida librarian

step "the checkpoint is signed, and everything under it is there"
settled
as nobody
get /tlog/checkpoint
expect_status 200
expect_header '^content-type: text/plain; charset=utf-8'
expect_header '^cache-control: public, max-age=[1-5]\b'
expect_text '^demo\.invalid$'
get /tlog/vkey
expect_status 200
expect_header '^content-type: text/plain; charset=utf-8'
expect_text '^demo\.invalid\+[0-9a-f]{8}\+'
said=$(twin log "$URL") || wrong "$said"
[ "$said" -ge 3 ] || wrong "only $said entries"

step "the log states its key once, in the open"
vkey=$(cat "$BODY")
get "/tlog/tile/entries/000.p/$said"
expect_status 200
[ "$(grep -acF "$vkey" "$BODY")" = 1 ] || wrong "the key's entry is not there once"

step "each published size has its partial tiles, and they never change"
as ida
act book/catalogue '{"title": "Abai zholy", "authors": [{"name": "Mukhtar Auezov", "part": "writer"}], "isbn": "978601293001X", "year": 1942}'
book=$(ref)
sizes=
for barcode in 1 2 3; do
	act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
	expect_status 201
	settled
	size=$(curl -s "$URL/tlog/checkpoint" | sed -n 2p)
	curl -s "$URL/tlog/tile/0/000.p/$size" >"$work/tile.$size"
	curl -s "$URL/tlog/checkpoint" >"$work/checkpoint.$size"
	sizes="$sizes $size"
done
as nobody
for size in $sizes; do
	get "/tlog/tile/0/000.p/$size" 'Cookie: tirkeu=ts_nonsense' 'Authorization: Bearer ts_nonsense'
	expect_status 200
	expect_header '^content-type: application/octet-stream'
	expect_header '^cache-control: public, max-age=31536000, immutable'
	[ "$(wc -c <"$BODY")" = $((32 * size)) ] || wrong "$(wc -c <"$BODY") bytes in a tile of $size"
	cmp -s "$BODY" "$work/tile.$size" || wrong "the tile of $size changed"
	! grep -qi '^set-cookie' "$HEADERS" || wrong "a cookie was set"
	get "/tlog/tile/entries/000.p/$size"
	expect_status 200
done
said=$(twin log "$URL") || wrong "$said"
said=$(twin consistent "$work/checkpoint.$(echo $sizes | cut -d" " -f1)" "$work/checkpoint.$size" "$URL") || wrong "$said"

step "HEAD answers like GET without a body, other methods not at all"
LAST="HEAD"
for path in /tlog/checkpoint /tlog/vkey "/tlog/tile/0/000.p/$size"; do
	curl -sI "$URL$path" >"$HEADERS" || wrong "HEAD $path"
	expect_header '^HTTP/1.1 200'
	expect_header "^content-length: $(curl -s "$URL$path" | wc -c)"
done
post /tlog/checkpoint '{}'
expect_problem 405 method
expect_header '^allow: GET, HEAD, OPTIONS'

step "anything else is not there"
expect_404 /tlog /tlog/ /tlog/checkpoint/ /tlog/tile /tlog/tile/ /tlog/tile/0 /tlog/tile/0/0 /tlog/tile/0/000 \
	/tlog/tile/0/0000.p/1 /tlog/tile/00/000.p/1 /tlog/tile/0/000.p/0 /tlog/tile/0/000.p/01 /tlog/tile/0/000.p/256 \
	"/tlog/tile/0/000.p/$((size + 1))" "/tlog/tile/entries/000.p/$((size + 1))" /tlog/tile/0/001.p/1 \
	/tlog/tile/0/x000/000.p/1 /tlog/tile/1/000.p/1 /tlog/tile/64/000.p/1 "/tlog/tile/0/000.p/$size/" \
	/tlog/tile/entries /tlog/tile/entries/000 "/tlog/tile/0/%2e%2e/%2e%2e/checkpoint" /tlog/tile/checkpoint \
	/tlog/signer /tlog/tile/0/000.p/1.new \
	"/tlog/checkpoint?a=b" "/tlog/vkey?lang=en" "/tlog/tile/0/000.p/$size?x"

step "a proof needs nobody's word"
as ida
act member/join '{"family_name": "Omarova", "given_name": "Dana", "birth_day": "1885-03-02", "card": "AB0001", "email": "dana@demo.invalid"}'
expect_status 201
dana=$(ref) index=$(value '.entries[0].index')
act member/join '{"family_name": "Sadykov", "given_name": "Erlan", "birth_day": "1880-03-02", "card": "AB0002", "email": "erlan@demo.invalid"}'
erlan=$(ref) other=$(value '.entries[0].index')
account dana reader "$dana"
account erlan reader "$erlan"
settled
as dana
get "/api/entries/$index/proof"
expect_status 200
expect_header '^content-type: text/plain; charset=utf-8'
expect_header "^content-disposition: attachment; filename=\"entry-$index\.tlog-proof\""
expect_header '^cache-control: no-store'
[ "$(twin proof "$BODY" "$URL")" = "$index" ] || wrong "$(twin proof "$BODY" "$URL")"

step "only for the person it is about, and for auditors"
get "/api/entries/$other/proof"
expect_problem 404 not-found
cp "$BODY" "$work/others"
get "/api/entries/99999999/proof"
expect_problem 404 not-found
cmp -s "$BODY" "$work/others" || wrong "what is not there and what is another's differ"
for path in 0 01 -1 +1 1x 9223372036854775808 99999999999999999999; do
	get "/api/entries/$path/proof"
	expect_problem 404 not-found
done
as ida
get "/api/entries/$index/proof"
expect_problem 404 not-found
as nobody
get "/api/entries/$index/proof"
expect_problem 401 sign-in
as keeper
for index in 0 1 "$index" "$other"; do
	get "/api/entries/$index/proof"
	expect_status 200
	[ "$(twin proof "$BODY" "$URL")" = "$index" ] || wrong "$(twin proof "$BODY" "$URL")"
done

step "an entry under no checkpoint yet is told to its person, with when to ask again"
stop_server || wrong "it ended with $?"
sed -i 's/^tlog_interval_s:.*/tlog_interval_s: 3600/' "$STORE/settings.yaml"
start_server
settled
as dana
as ida
act member/join '{"family_name": "Omarov", "given_name": "Alan", "birth_day": "1915-06-01", "card": "AB0003"}'
expect_status 201
alan=$(ref) fresh=$(value '.entries[0].index')
account alan reader "$alan"
get "/api/entries/$fresh/proof"
expect_problem 404 not-yet-published
expect_header '^retry-after: 3600'
as dana
get "/api/entries/$fresh/proof"
expect_problem 404 not-found
as keeper
get "/api/entries/$fresh/proof"
expect_problem 404 not-yet-published

step "a clean stop publishes what was acknowledged"
stop_server || wrong "it ended with $?"
size=$(sed -n 2p "$STORE/tlog/checkpoint")
[ "$size" -gt "$fresh" ] || wrong "the checkpoint has $size entries, entry $fresh is not under it"
sed -i 's/^tlog_interval_s:.*/tlog_interval_s: 1/' "$STORE/settings.yaml"

step "the folder can be deleted and is made again, the same"
cp -r "$STORE/tlog" "$work/tlog.before"
rm -r "$STORE/tlog"
start_server
settled
said=$(twin log "$URL") || wrong "$said"
as alan
get "/api/entries/$fresh/proof"
expect_status 200
[ "$(twin proof "$BODY" "$URL")" = "$fresh" ] || wrong "$(twin proof "$BODY" "$URL")"
cmp -s "$work/tlog.before/tile/0/000.p/$size" "$STORE/tlog/tile/0/000.p/$size" || wrong "another tile of $size"

step "killed while it publishes, it goes on rightly"
for barcode in $(seq 10 30); do
	as ida
	act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
	[ $((barcode % 7)) -eq 0 ] || continue
	kill -9 "$SERVER"
	wait "$SERVER" 2>/dev/null
	SERVER=
	start_server
done
settled
said=$(twin log "$URL") || wrong "$said"
get /healthz
expect_json .status '"ok"'

step "a full tile takes the place of the partial ones"
for round in 1 2 3 4 5 6 7 8; do
	for barcode in $(seq $((round * 100)) $((round * 100 + 39))); do
		act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
	done
	[ "$(entries)" -lt 260 ] || break
done
settled
as nobody
get /tlog/tile/0/000
expect_status 200
[ "$(wc -c <"$BODY")" = 8192 ] || wrong "$(wc -c <"$BODY") bytes in a full tile"
get /tlog/tile/1/000.p/1
expect_status 200
expect_404 "/tlog/tile/0/000.p/$size"
said=$(twin log "$URL") || wrong "$said"
[ "$said" -gt 256 ] || wrong "only $said entries"

step "nobody was told of an alarm"
! grep -q publishing- "$work/server.log" || wrong "$(grep publishing- "$work/server.log")"
