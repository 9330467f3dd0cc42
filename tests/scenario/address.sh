#!/bin/bash
# Officials find a house or a flat by an address as they would say it, and see who lives there for a stated purpose.
. "$(dirname "$0")/lib.sh"
begin packs/kz
account clerk clerk@KZ
account officer precinct_officer@750000000
account counts statistician

# search TEXT REGISTER
search() {
	post /api/searches "$(jq -n --arg text "$1" --arg register "$2" '{$register, $text, purpose: "registration"}')"
}

step "two houses with flats are registered, and somebody lives in one"
as clerk
act building/register '{"place": "750000000", "street": "Абай даңғылы", "house": "12"}'
expect_status 201
house=$(ref)
act dwelling/register "{\"building\": \"$house\", \"flat\": \"5\"}"
flat=$(ref)
act dwelling/register "{\"building\": \"$house\", \"flat\": \"6\"}"
act building/register '{"place": "710000000", "street": "Абай даңғылы", "house": "12"}'
expect_status 201
act person/register "{\"iin\": \"$(iin 89041529008)\", \"family_name\": \"Сейітова\", \"given_name\": \"Әсем\", \"citizenship\": \"KZ\"}"
expect_status 201
person=$(ref)
act residence/carry_over "{\"person\": \"$person\", \"dwelling\": \"$flat\", \"since\": \"2020-01-01\", \"declared_on\": \"2020-01-02\"}"
expect_status 201

for words in "Алматы Абай 12-5" "Abaya 12 kv 5" "almaty, abay 12, flat 5" "Алматы қаласы, Абай даңғылы, 12 үй, пәтер 5" "12 Abai street apt 5"; do
	step "“$words” finds the flat"
	search "$words" dwelling
	expect_status 200
	expect_json '[.hits[].ref]' "[\"$flat\"]"
done

step "a hit is told whole, with its town"
search "Алматы Абая 12" building
expect_json '[.hits[].ref]' "[\"$house\"]"
expect_true '.hits[0].title | test("Абай даңғылы 12")'
search "Абая 12" building
expect_json '.hits | length' 2

step "who lives there is shown by a look-up, not by a search"
search "Алматы Абай 12-5" dwelling
refute_text 'Сейітова'
post /api/lookups "{\"register\": \"dwelling\", \"ref\": \"$flat\", \"purpose\": \"registration\"}"
expect_status 200
expect_text "$person"

step "a street that is nowhere is found nowhere; too little is asked back"
search "Желтоқсан 12" building
expect_json '[.hits, .refine]' '[[],false]'
search "12" building
expect_json '[.hits, .refine]' '[[],true]'

step "who may not search gets nothing"
as counts
search "Абай 12" building
expect_status 403
