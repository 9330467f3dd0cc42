#!/bin/bash
# Statistics: fixed tables by region and month, rounded, kept as they were, for anybody who may read them (docs/pack.md).
. "$(dirname "$0")/lib.sh"

begin packs/kz
account clerk "clerk@KZ"
account keeper administrator
account counts statistician

step "a month that runs has no table"
as nobody
get /api/statistics
expect_status 200
expect_json '[.statistics[].name]' '["residents","stays_registered"]'
expect_json '.statistics[0].months' '[]'
get /api/statistics/stays_registered
expect_status 200
expect_json '[.month, .rows]' '[null,[]]'

step "six tenants are registered, one of them late"
as clerk
act building/register '{"place": "750000000", "street": "Абай көшесі", "house": "12"}'
expect_status 201
act dwelling/register "{\"building\": \"$(ref)\", \"flat\": \"5\"}"
expect_status 201
flat=$(ref)
act person/register "{\"iin\": \"$(iin 89041529008)\", \"family_name\": \"Сейітова\", \"given_name\": \"Әсем\", \"citizenship\": \"KZ\"}"
expect_status 201
host=$(ref)
month=$(today | cut -c1-7)
for number in 1 2 3 4 5 6; do
	act person/register "{\"document\": {\"state\": \"UZB\", \"number\": \"AA765432$number\"}, \"family_name\": \"Karimov\", \"given_name\": \"Aziz\"}"
	expect_status 201
	arrived=$(day 0)
	[ "$number" -lt 6 ] || arrived=$(day -60)
	act stay/carry_over "{\"guest\": \"$(ref)\", \"dwelling\": \"$flat\", \"host\": \"$host\", \"purpose\": \"tenancy\", \"arrived\": \"$arrived\", \"leaves\": \"$(day 200)\", \"declared_on\": \"$(day 0)\"}"
	expect_status 201
done

step "when the month is over its table is there, rounded"
move_clock "$(( ($(date -u -d "$month-01 1 month" +%s) - $(date -u -d "$(today)" +%s)) / 86400 ))"
as nobody
get /api/statistics/stays_registered?month=$month "Accept-Language: en"
expect_status 200
expect_json .month "\"$month\""
expect_json '[.columns[].name]' '["place","purpose","stays"]'
expect_json '[.rows[0][0].code, .rows[0][1].code, .rows[0][1].name, .rows[0][2]]' '["750000000","tenancy","tenancy",10]'
expect_json '.rows | length' 1
expect_header '^Cache-Control: public, max-age=86400'

step "what is entered later changes nothing in it"
as clerk
for number in 1 2 3 4 5 6 7 8 9; do
	act person/register "{\"document\": {\"state\": \"KGZ\", \"number\": \"AB765432$number\"}, \"family_name\": \"Asanov\", \"given_name\": \"Nur\"}"
	expect_status 201
	act stay/carry_over "{\"guest\": \"$(ref)\", \"dwelling\": \"$flat\", \"host\": \"$host\", \"purpose\": \"tenancy\", \"arrived\": \"$month-01\", \"leaves\": \"$(day 200)\", \"declared_on\": \"$month-01\"}"
	expect_status 201
done
move_clock 1
as nobody
get /api/statistics/stays_registered?month=$month
expect_json '.rows[0][2]' 10

step "as CSV, with codes and names"
get /api/statistics/stays_registered "Accept: text/csv" "Accept-Language: ru"
expect_status 200
expect_header '^Content-Type: text/csv'
expect_text '^month,place,place_name,purpose,purpose_name,stays'
expect_text "^$month,750000000,[^,]+,tenancy,[^,]+,10"

step "statistics that are not public want the ability"
get /api/statistics/registered_late
expect_status 401
as clerk
get /api/statistics/registered_late
expect_status 403
as counts
get /api/statistics/registered_late
expect_status 200
expect_header '^Cache-Control: no-store'
expect_json '[.columns[].name]' '["place","stays","residences","guests"]'
expect_json .rows '[]'                           # one is late, and fewer than five are not told
get /api/statistics
expect_true '[.statistics[].name] | index("registered_late") != null'

step "nothing but the month narrows a table"
for question in place=750000000 purpose=visit citizenship=UZ limit=1; do
	get "/api/statistics/stays_registered?$question"
	expect_status 422
done
get "/api/statistics/stays_registered?month=2026-13"
expect_status 422
get "/api/statistics/stays_registered?month=1999-01"
expect_status 404
get /api/statistics/stays_by_year
expect_status 404
get /api/views/stays_registered
expect_status 404
