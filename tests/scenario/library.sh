#!/bin/bash
# The library: a pack of another kind through the same binary. Lend, return, a fine by the clock, the law.
. "$(dirname "$0")/lib.sh"
begin tests/packs/library
account keeper keeper
account ida librarian
account head head_librarian

step "a book and its copies are catalogued"
as ida
act book/catalogue '{"title": "Abai zholy", "authors": [{"name": "Mukhtar Auezov", "part": "writer"}], "isbn": "978601293001X", "year": 1942}'
expect_status 201
expect_json .state '"listed"'
book=$(ref)
for barcode in 1 2 3 4 5 6; do
	act copy/shelve "{\"book\": \"$book\", \"barcode\": $barcode, \"condition\": \"good\", \"price\": \"12.50\", \"weight\": \"0.350\"}"
	expect_status 201
done
as nobody
get "/api/registers/copy?limit=100"
expect_json '.records | length' 6
expect_json '.records[0].fields.price' '"12.50"'

step "a child joins when the guardian agrees"
as ida
act member/join '{"family_name": "Omarova", "given_name": "Dana", "birth_day": "1985-03-02", "card": "AB0001", "email": "dana@demo.invalid"}'
expect_status 201
expect_json .state '"active"'
dana=$(ref)
act member/join '{"family_name": "Omarov", "given_name": "Alan", "birth_day": "2015-06-01", "card": "AB0002"}'
expect_problem 409 guard
act member/join '{"family_name": "Omarov", "given_name": "Alan", "birth_day": "2015-06-01", "card": "AB0002", "guardian": {"card": "AB0001", "family_name": "Omarova"}}'
expect_status 202
expect_json .state '"pending"'
alan=$(ref)
account dana reader "$dana"
get /api/me/inbox
expect_json '.asks | length' 1
act "member/$alan/agree"
expect_status 200
expect_json .state '"active"'

step "a copy is lent, and cannot be lent twice"
as ida
act loan/lend '{"copy": {"barcode": 1}, "member": {"card": "AB0001", "family_name": "Omarova"}}'
expect_status 201
expect_json .state '"out"'
loan=$(ref)
act loan/lend '{"copy": {"barcode": 1}, "member": {"card": "AB0001", "family_name": "Omarova"}}'
expect_problem 409 guard
as dana
get "/api/registers/loan/$loan"
expect_status 200
expect_json .fields.due_on "\"$(day 21)\""
expect_true '.findings | length == 1'

step "a wrong name and an unknown card answer alike"
as ida
act loan/lend '{"copy": {"barcode": 2}, "member": {"card": "AB0001", "family_name": "Ospanova"}}'
expect_status 422
wrong_name=$(jq -c '[.type, [.errors[].code]]' "$BODY")
act loan/lend '{"copy": {"barcode": 2}, "member": {"card": "ZZ9999", "family_name": "Omarova"}}'
expect_status 422
expect_json '[.type, [.errors[].code]]' "$wrong_name"

step "a repeat with the same key acts once, with another body it is refused"
as ida
act loan/lend '{"copy": {"barcode": 2}, "member": {"card": "AB0001", "family_name": "Omarova"}}' 'Idempotency-Key: lend-copy-two-000001'
expect_status 201
second=$(ref)
act loan/lend '{"copy": {"barcode": 2}, "member": {"card": "AB0001", "family_name": "Omarova"}}' 'Idempotency-Key: lend-copy-two-000001'
expect_status 201
expect_header '^Idempotency-Replayed: true'
expect_json .ref "\"$second\""
act loan/lend '{"copy": {"barcode": 3}, "member": {"card": "AB0001", "family_name": "Omarova"}}' 'Idempotency-Key: lend-copy-two-000001'
expect_problem 422 key-reused

step "a dry run leaves nothing"
act 'loan/lend?dry_run=true' '{"copy": {"barcode": 3}, "member": {"card": "AB0001", "family_name": "Omarova"}}'
expect_status 200
as nobody
get /api/registers/copy
expect_json '[.records[] | select(.state == "out")] | length' 2

step "renewed, overdue by the clock, explained, and fined at return"
as dana
act "loan/$loan/renew"
expect_status 200
get "/api/registers/loan/$loan"
expect_json .fields.due_on "\"$(day 35)\""
due=$(value .fields.due_on)
move_clock 40
get "/api/registers/loan/$loan"
expect_json .state '"overdue"'
expect_json '[.findings[] | select(.provision == "house-rules/late")] | length' 1
finding=$(value '[.findings[] | select(.provision == "house-rules/late")][0].id')
get "/api/findings/$finding"
expect_status 200
expect_text '"1\.00"'
as ida
act "loan/$loan/give_back" '{"seen": "fair"}'
expect_status 200
expect_json .state '"returned"'
as dana
get /api/registers/fine
expect_json '.records | length' 1
expect_json '.records[0].fields.amount' '"1.00"'
get "/api/registers/loan/$loan/history"
expect_json '[.versions[].state]' '["out","out","overdue","returned"]'

step "who owes ten pounds borrows nothing, with the rule in the answer"
as dana
act "loan/$second/report_lost"
expect_status 200
as ida
act loan/lend '{"copy": {"barcode": 4}, "member": {"card": "AB0001", "family_name": "Omarova"}}'
expect_problem 422 refused-by-law
expect_json .provision '"house-rules/owes"'
expect_text 'rule 4'

step "a fine is waived by two pairs of eyes"
as dana
get /api/registers/fine
fine=$(value '[.records[] | select(.fields.cause == "lost")][0].ref')
as ida
act "fine/$fine/waive" '{"why": "found behind a radiator"}'
expect_status 202
act "fine/$fine/agree"
expect_status 404
as head
act "fine/$fine/agree"
expect_status 200
expect_json .state '"waived"'
as ida
act loan/lend '{"copy": {"barcode": 4}, "member": {"card": "AB0001", "family_name": "Omarova"}}'
expect_status 201

step "an official opens a record for a purpose, and the case where one is needed"
as ida
get "/api/registers/loan/$loan"
expect_status 404
post /api/lookups "{\"register\": \"member\", \"ref\": \"$dana\", \"purpose\": \"desk\"}"
expect_status 200
expect_text Omarova
refute_text '1985-03-02'
post /api/lookups "{\"register\": \"member\", \"ref\": \"$dana\", \"purpose\": \"complaint\"}"
expect_status 422
as head
post /api/lookups "{\"register\": \"member\", \"ref\": \"$dana\", \"purpose\": \"complaint\"}"
expect_status 422
post /api/lookups "{\"register\": \"member\", \"ref\": \"$dana\", \"purpose\": \"complaint\", \"case\": \"C-7\"}"
expect_status 200

step "open data needs no account"
as nobody
get /api/views/most_read
expect_status 200
expect_json '.columns' '["book","title","loans"]'

step "the server stops in order and finds everything again"
stop_server || wrong "it ended with $?"
start_server
as dana
get "/api/registers/loan/$loan"
expect_status 200
expect_json .state '"returned"'
