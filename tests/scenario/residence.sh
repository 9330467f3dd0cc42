#!/bin/bash
# Kazakhstan's pack: a stay from its declaration to its end, with what the law finds on the way.
. "$(dirname "$0")/lib.sh"
begin packs/kz
account keeper administrator
account clerk clerk@750000000
account elsewhere clerk@KZ
account officer precinct_officer@751210000
account numbers statistician

guest_iin=$(iin 90010110001)
step "the counter registers people, a house, a flat and its owner"
as clerk
register_person() {
	act person/register "{\"iin\": \"$1\", \"family_name\": \"$2\", \"given_name\": \"$3\", \"birth_day\": \"$4\", \"citizenship\": \"KZ\", \"email\": \"$5@demo.invalid\", \"language\": \"en\"}"
	expect_status 201
}
register_person "$guest_iin" Ахметов Арман 1890-01-01 arman
guest=$(ref)
register_person "$(iin 91020210002)" Бекова Бота 1891-02-02 bota
host=$(ref)
register_person "$(iin 92030310003)" Сериков Олжас 1892-03-03 olzhas
owner=$(ref)
act building/register '{"place": "751210000", "street": "Абай", "house": "10", "use": "residential", "point": {"lat": 43.25, "lon": 76.85}}'
expect_status 201
building=$(ref)
act dwelling/register "{\"building\": \"$building\", \"flat\": \"5\", \"area\": \"41.50\", \"rooms\": 2, \"rka\": \"1234567890123456\"}"
expect_status 201
dwelling=$(ref)
act ownership/register "{\"dwelling\": {\"rka\": \"1234567890123456\"}, \"owner\": \"$owner\", \"since\": \"2020-01-01\", \"paper\": \"D-17\"}"
expect_status 201
account arman resident "$guest"
account bota landlord "$host"
account olzhas landlord "$owner"

stay_of() { # ARRIVED LEAVES [FIELD…]
	printf '{"guest": {"iin": "%s", "family_name": "%s"}, "dwelling": {"rka": "1234567890123456"}, "host": "%s", "arrived": "%s", "leaves": "%s"}' \
		"$guest_iin" "${3:-Ахметов}" "$host" "$1" "$2"
}

step "more than twelve months are refused with the resolution, and nothing is left behind"
as bota
act stay/declare "$(stay_of "$(day -3)" "$(day 420)")"
expect_problem 422 refused-by-law
expect_json .provision '"resolution-1427/twelve_months"'
expect_json .refusal.act_number '"1427"'
get /api/registers/stay
expect_json .records '[]'

step "a wrong field is named, an unknown one with its nearest neighbour"
act stay/declare "$(stay_of "$(day 0)" 2026-02-30)"
expect_problem 422 bad-input
expect_json '[.errors[].field]' '["leaves"]'
act stay/declare "$(stay_of "$(day 0)" "$(day 90)" | sed 's/"host"/"hots"/')"
expect_problem 422 bad-input
expect_text '"host"'
act stay/declare "$(stay_of "$(day 0)" "$(day -1)")"
expect_problem 422 bad-input
expect_json '[.errors[].field]' '["leaves"]'

step "the same fault in three languages"
detail=()
for language in kk ru en; do
	act "stay/declare?lang=$language" "$(stay_of "$(day 0)" 2026-02-30)"
	detail[${#detail[@]}]=$(value '.errors[0].detail')
done
[ "$(printf '%s\n' "${detail[@]}" | sort -u | wc -l)" -eq 3 ] || wrong "the languages do not differ: ${detail[*]}"

step "a family name that does not fit and a number that nobody has answer alike"
act stay/declare "$(stay_of "$(day -3)" "$(day 90)" Ахмедов)"
expect_status 422
one=$(cat "$BODY")
act stay/declare "$(stay_of "$(day -3)" "$(day 90)" | sed "s/$guest_iin/$(iin 93040410004)/")"
expect_status 422
[ "$(cat "$BODY")" = "$one" ] || wrong "the answers differ"

step "a dry run says what would come and leaves nothing"
act 'stay/declare?dry_run=true' "$(stay_of "$(day -12)" "$(day 170)")"
expect_status 200
get /api/registers/stay
expect_json .records '[]'

step "the host declares late: guest and owner are asked, the breach is found at once"
act stay/declare "$(stay_of "$(day -12)" "$(day 170)")" 'Idempotency-Key: declare-the-first-stay'
expect_status 202
expect_json .asked 2
stay=$(ref)
event=$(value .event)
expect_json .state '"declared"'
act stay/declare "$(stay_of "$(day -12)" "$(day 170)")" 'Idempotency-Key: declare-the-first-stay'
expect_header '^Idempotency-Replayed: true'
expect_json .event "\"$event\""
act stay/declare "$(stay_of "$(day -12)" "$(day 171)")" 'Idempotency-Key: declare-the-first-stay'
expect_problem 422 key-reused
act stay/declare "$(stay_of "$(day -12)" "$(day 170)")"
expect_problem 409 duplicate
as arman
get "/api/registers/stay/$stay"
expect_json '[.findings[].provision]' '["code-235-v/late"]'
get "/api/findings/$(value '.findings[0].id')"
expect_status 200
expect_text 'article 492'

step "someone else sees neither the stay nor that there is one"
as numbers
get "/api/registers/stay/$stay"
expect_status 404
act "stay/$stay/end"
expect_status 404
as nobody
get "/api/registers/stay/$stay"
expect_status 404

step "the owner agrees by the link in the letter, the guest by account: confirmed"
link=$(link_for olzhas@demo.invalid) || wrong "no letter with a link came"
as nobody
get "/api/answers/$link"
expect_status 200
refute_text "$guest_iin"
post "/api/answers/$link" '{"answer": "agree"}'
expect_status 202
get "/api/answers/$link"
expect_status 410
as arman
act "stay/$stay/agree"
expect_status 200
expect_json .state '"confirmed"'
as olzhas
get "/api/registers/stay/$stay"
expect_json .state '"confirmed"'

step "extended when host and owner agree; who is not asked cannot"
as bota
act "stay/$stay/extend" "{\"leaves\": \"$(day 200)\"}"
expect_status 202
as arman
act "stay/$stay/agree"
expect_status 403
as olzhas
act "stay/$stay/agree"
expect_status 200
as bota
get "/api/registers/stay/$stay"
expect_json .fields.leaves "\"$(day 200)\""

step "a clerk corrects it, only with the version that they read and a reason"
as clerk
act "stay/$stay/correct" "{\"arrived\": \"$(day -2)\", \"correct_reason\": \"misread the ticket\"}"
expect_problem 428 if-match-required
act "stay/$stay/correct" "{\"arrived\": \"$(day -2)\", \"correct_reason\": \"misread the ticket\"}" 'If-Match: "1"'
expect_problem 412 precondition
as bota
get "/api/registers/stay/$stay"
version=$(value .version)
as clerk
act "stay/$stay/correct" "{\"arrived\": \"$(day -2)\"}" "If-Match: \"$version\""
expect_status 422
act "stay/$stay/correct" "{\"arrived\": \"$(day -2)\", \"correct_reason\": \"misread the ticket\"}" "If-Match: \"$version\""
expect_status 200
as arman
get "/api/registers/stay/$stay"
expect_json .fields.arrived "\"$(day -2)\""
expect_json .findings '[]'

step "the history keeps every version, the original too"
get "/api/registers/stay/$stay/history"
expect_status 200
expect_true '[.versions[].fields.arrived] | unique | length == 2'
expect_true '[.versions[].version] == ([.versions[].version] | sort)'

step "the work queue shows no people; opening one needs a purpose and leaves a trace"
as officer
get /api/findings
expect_status 200
refute_text 'Ахметов|Абай'
get "/api/registers/stay/$stay"
expect_status 404
post /api/lookups "{\"register\": \"stay\", \"ref\": \"$stay\", \"purpose\": \"inspection\"}"
expect_status 422
post /api/lookups "{\"register\": \"stay\", \"ref\": \"$stay\", \"purpose\": \"inspection\", \"case\": \"12-7\"}"
expect_status 200
post /api/lookups "{\"register\": \"stay\", \"ref\": \"$stay\", \"purpose\": \"registration\", \"case\": \"12-7\"}"
expect_status 404
as bota
post /api/lookups "{\"register\": \"stay\", \"ref\": \"$stay\", \"purpose\": \"inspection\", \"case\": \"12-7\"}"
expect_status 403

step "the term ends by the clock: the host has ten days, then says when the guest left"
move_clock 200
as bota
get "/api/registers/stay/$stay"
expect_json .state '"confirmed"'
move_clock 1
get "/api/registers/stay/$stay"
expect_json .state '"expired"'
expect_json '[.findings[].provision]' '["resolution-1427/ran_out"]'
expect_json '.findings[0].due' "\"$(day 9)\""
act "stay/$stay/end" "{\"left_on\": \"$(day -1)\"}"
expect_status 200
expect_json .state '"ended"'
get "/api/registers/stay/$stay"
expect_json .findings '[]'

step "a guest who never came disputes it, the clerk annuls it"
act stay/declare "$(stay_of "$(day -1)" "$(day 60)")"
expect_status 202
stay=$(ref)
as arman
act "stay/$stay/refuse" '{"reason": "I live elsewhere"}'
expect_status 200
expect_json .state '"disputed"'
as clerk
act "stay/$stay/annul" '{"reason": "the neighbours confirm it"}'
expect_status 200
expect_json .state '"ended"'

step "a mandate: who holds one acts for the giver"
as clerk
register_person "$(iin 94050510005)" Нурова Асель 1894-05-05 asel
manager=$(ref)
account asel landlord "$manager"
act stay/declare "$(stay_of "$(day -1)" "$(day 60)")" "On-Behalf-Of: $host"
expect_status 403
as bota
act mandate/give "{\"giver\": \"$host\", \"holder\": \"$manager\", \"scope\": \"stay\", \"until\": \"$(day 30)\"}"
expect_status 202
mandate=$(ref)
as asel
act "mandate/$mandate/agree"
expect_status 200
act stay/declare "$(stay_of "$(day -1)" "$(day 60)")" "On-Behalf-Of: $host"
expect_status 202
act "stay/$(ref)/withdraw" '{}' "On-Behalf-Of: $host"
expect_status 200

step "a hotel's program declares and does nothing else"
as clerk
act organisation/register "{\"bin\": \"$(iin 60014000012)\", \"name\": \"Отель Достық\", \"size\": \"medium\"}"
expect_status 201
hotel=$(ref)
account robot "integrator:$hotel" "$hotel"
as keeper
post /api/accounts/robot/tokens '{"label": "front desk"}'
expect_status 201
TOKEN[robot]=$(value .token)
as robot
act person/introduce '{"document": {"state": "UZB", "number": "AA1234567"}, "family_name": "Karimov", "given_name": "Aziz", "birth_day": "1895-06-06", "citizenship": "UZ"}'
expect_status 201
act arrival/declare "{\"guest\": {\"document\": {\"state\": \"UZB\", \"number\": \"AA1234567\"}, \"family_name\": \"Karimov\"}, \"host\": \"$hotel\", \"dwelling\": {\"rka\": \"1234567890123456\"}, \"arrived\": \"$(day -1)\", \"leaves\": \"$(day 9)\"}"
expect_status 201
act "arrival/$(ref)/depart"
expect_status 403

step "the administrator manages accounts and reads no record"
as keeper
get /api/accounts
expect_status 200
get "/api/registers/stay/$stay"
expect_status 404
post /api/lookups "{\"register\": \"stay\", \"ref\": \"$stay\", \"purpose\": \"registration\"}"
expect_status 403

step "counts as of now are not for everybody, and rounded"
as nobody
get /api/views/stays_by_year
expect_status 403
as numbers
get /api/views/stays_by_year
expect_status 200
expect_json .rounded true

step "the ledger is sound"
stop_server || wrong "it ended with $?"
"$TIRKEU" verify "$STORE" >"$work/verify.log" 2>&1 || { wrong "tirkeu verify found something"; cat "$work/verify.log"; }
start_server
