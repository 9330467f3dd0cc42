#!/bin/bash
# The examples of docs/pack.md: a weapon's sale, a permit's term, a dealer's monthly report, a threat level, a plan.
. "$(dirname "$0")/lib.sh"
begin tests/packs/examples
account keeper administrator
account rita registrar
account lev licensing@KZ

# person IIN FAMILY GIVEN BIRTH: prints its reference.
person() {
	as rita
	act person/register "{\"iin\": \"$1\", \"family_name\": \"$2\", \"given_name\": \"$3\", \"birth_day\": \"$4\"}"
	expect_status 201
}
step "a dealer is licensed and gets a number of its place and year"
as lev
act dealer/license "{\"name\": \"Bars\", \"bin\": \"$(iin 16014000012)\", \"place\": \"750000000\", \"point\": {\"lat\": 43.25, \"lon\": 76.94}}"
expect_status 201
dealer=$(ref)
as nobody
get "/api/registers/dealer/$dealer"
expect_status 200
expect_text '"licence":"750000000-20[0-9]{2}-0+1"'

step "two people buy weapons of the dealer"
person "$(iin 00010130001)" Akhmetov Arman 1890-01-01
arman=$(ref)
person "$(iin 00020230002)" Bekova Bota 1890-02-02
bota=$(ref)
account bars "dealer:$dealer" "$dealer"
account arman resident "$arman"
account bota resident "$bota"
weapons=()
for serial in 1 2 3; do
	as bars
	act weapon/stock "{\"make\": \"Sayga\", \"serial\": \"KZ 100$serial\", \"category\": \"smooth\"}"
	expect_status 201
	weapons+=("$(ref)")
done
permits=()
for n in 1 2 3; do
	as lev
	act permit/apply "{\"owner\": \"$arman\", \"category\": \"smooth\"}"
	expect_status 201
	permit=$(ref)
	act "permit/$permit/grant"
	expect_status 200
	permits+=("$permit")
done

step "the seller signs by acting, the buyer by agreeing"
sell() {
	as bars
	act "weapon/${weapons[$1]}/sell" "{\"buyer\": {\"iin\": \"$(iin 00010130001)\", \"family_name\": \"Akhmetov\"}, \"permit\": \"${permits[$1]}\"}"
}
sell 0
expect_status 202
get "/api/registers/weapon/${weapons[0]}"
expect_json .state '"in_stock"'
as bota
act "weapon/${weapons[0]}/agree"
expect_status 404
as arman
get /api/me/inbox
expect_json '.asks | length' 1
act "weapon/${weapons[0]}/agree"
expect_status 200
get "/api/registers/weapon/${weapons[0]}"
expect_json .state '"awaiting"'
expect_json .fields.register_by "\"$(day 7)\""
expect_json '[.findings[].provision]' '["law-339-i/register_in_a_week"]'

step "the cap is checked when the last one agrees: a third smooth-bore is refused with the article"
sell 1
expect_status 202
sell 2
expect_status 202
as arman
act "weapon/${weapons[1]}/agree"
expect_status 200
act "weapon/${weapons[2]}/agree"
expect_problem 422 refused-by-law
expect_json .provision '"law-339-i/cap"'
expect_text 'article 15\(1\)'
get "/api/registers/weapon/${weapons[2]}"
expect_status 404
get /api/registers/sale
expect_json '.records | length' 2
# The seller learns that it is refused and by which article, nothing about the buyer's weapons.
sell 2
expect_problem 422 refused-by-law
expect_json .refusal.needs_office true
refute_text '"facts"'
as arman
get "/api/registers/permit/${permits[2]}"
expect_json .state '"granted"'

step "registering a weapon gives the permit to store it, by a step"
as lev
act "weapon/${weapons[0]}/register"
expect_status 200
expect_json .state '"held"'
as arman
get /api/registers/permit
expect_json '[.records[] | select(.fields.kind == "store" and .state == "granted")] | length' 1
store=$(value '[.records[] | select(.fields.kind == "store")][0].ref')

step "warned, thirty days to repair, suspended by the clock"
as lev
act "permit/$store/warn" '{"reason": "no safe at home"}'
expect_status 200
as arman
get "/api/registers/permit/$store"
expect_json .fields.repair_by "\"$(day 30)\""
expect_json '[.findings[].provision]' '["law-339-i/repair"]'
move_clock 30
get "/api/registers/permit/$store"
expect_json .state '"warned"'
move_clock 1
get "/api/registers/permit/$store"
expect_json .state '"suspended"'
expect_json .findings '[]'
as lev
act "permit/$store/repair"
expect_status 200

step "each month a report is expected once, due in five working days, late by the clock"
move_clock 31
as bars
get /api/registers/dealer_report
expect_true '.records | length >= 1'
expect_true '([.records[].fields.month] | length) == ([.records[].fields.month] | unique | length)'
expect_true 'all(.records[]; .fields.month | endswith("-01"))'
report=$(value '[.records[] | select(.state == "expected" or .state == "late")][-1].ref')
act "dealer_report/$report/file" '{"sold": 2, "received": 0}'
expect_status 200
expect_json .state '"filed"'

step "a threat level needs the akim's consent and then shows down the places"
account sec security_head@750000000
account akim akim@750000000
account chair chair
account chief duty_chief@750000000
account deputy duty_chief@750000000
account duty duty_officer@750000000
account fire fire_post@750000000
as chief
act plan/adopt '{"place": "751210000", "level": "yellow", "steps": [{"role": "fire_post", "what": "Man the gate", "minutes": 30}, {"after": 1, "role": "duty_officer", "what": "Tell the schools", "minutes": 60}]}'
expect_status 202
plan=$(ref)
as deputy
act "plan/$plan/agree"
expect_status 200
as sec
act threat_level/set '{"place": "750000000", "level": "red"}'
expect_problem 409 guard
act threat_level/set '{"place": "750000000", "level": "yellow"}'
expect_status 202
level=$(ref)
as nobody
get /api/views/level_now
expect_json .rows '[]'
as akim
act "threat_level/$level/agree"
expect_status 200
as nobody
get /api/views/level_now
expect_true '[.rows[] | select(.[0] == "751210000")] == [["751210000", 1]]'
expect_true '[.rows[] | select(.[0] == "510000000")] == []'

step "the plan below that place opened its tasks, the next opens when one is done"
for _ in $(seq 50); do
	as duty
	get /api/me/inbox
	as fire
	get /api/me/inbox
	[ "$(value '.messages | length')" -eq 0 ] || break
	sleep 0.1
done
expect_json '[.messages[] | .register]' '["task"]'
task=$(value '.messages[0].ref')
act "task/$task/done"
expect_status 200
as duty
get /api/me/inbox
expect_json '[.messages[] | select(.register == "task")] | length' 1

step "carved out, lifted"
as chair
act "threat_level/$level/carve" '{"except": [{"place": "751710000"}]}'
expect_status 200
as nobody
get /api/views/level_now
expect_true '[.rows[] | select(.[0] == "751710000")] == []'
expect_true '[.rows[] | select(.[0] == "751210000")] == [["751210000", 1]]'
as sec
act "threat_level/$level/lift"
expect_status 200
as nobody
get /api/views/level_now
expect_json .rows '[]'
