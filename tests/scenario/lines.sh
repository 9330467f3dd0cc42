#!/bin/bash
# The lines that are not crossed (README.md, docs/domain.md): what Tirkeu refuses to be used for.
. "$(dirname "$0")/lib.sh"

step "a pack with religion, health or fingerprints of people is refused"
for field in religion blood_group fingerprint ethnicity political_party genome; do
	rm -rf "$work/pack" && cp -r tests/packs/library "$work/pack"
	sed -i "0,/^  email: .*/s//&\n  $field: {type: text}/" "$work/pack/registers/library.yaml"
	"$TIRKEU" pack check "$work/pack" >"$work/check.log" 2>&1 && wrong "$field passed the check"
	grep -q "“$field” of the personal register" "$work/check.log" || { wrong "nothing about $field"; head -3 "$work/check.log"; }
done

step "no field type carries such data"
for type in fingerprint face iris voice dna photo video; do
	"$TIRKEU" check "$type" x >"$work/check.log" 2>&1
	[ $? -eq 2 ] || wrong "there is a type $type"
done

begin packs/kz
account clerk "clerk@KZ"
account officer "precinct_officer@KZ"

step "a clerk registers two people"
as clerk
act person/register '{"iin": "910415290085", "family_name": "Сейітова", "given_name": "Әсем", "citizenship": "KZ"}'
expect_status 201
person=$(ref)
act person/register '{"document": {"state": "UZB", "number": "AA7654321"}, "family_name": "Karimov", "given_name": "Aziz", "citizenship": "UZ"}'
expect_status 201

step "people cannot be listed, by nobody's role"
for who in clerk officer; do
	as $who
	get /api/registers/person
	expect_status 200
	expect_json '.records | length' 0
done

step "a list is not narrowed by a trait: the question is refused, not ignored"
as clerk
for question in citizenship=UZ iin=910415290085 family_name=Karimov birth_day=1891-04-15 q=Karimov; do
	get "/api/registers/person?$question"
	expect_status 422
done
get "/api/findings?citizenship=UZ"
expect_status 422
get "/api/views/stays_by_year?citizenship=UZ"
expect_status 422

step "a number of a person stands in no address"
get "/api/registers/person/910415290085"
expect_status 404
get /openapi.json
expect_json '[.paths | keys[] | select(test("iin|number|name=|birth"))] | length' 0

step "an official states a purpose that their role has"
post /api/lookups "{\"register\": \"person\", \"ref\": \"$person\"}"
expect_status 422
post /api/lookups "{\"register\": \"person\", \"ref\": \"$person\", \"purpose\": \"inspection\", \"case\": \"1\"}"
expect_status 404
post /api/lookups "{\"register\": \"person\", \"ref\": \"$person\", \"purpose\": \"registration\", \"case\": \"1\"}"
expect_status 200
expect_json .fields.given_name '"Әсем"'

step "the queue names no person"
get /api/findings
expect_status 200
expect_json '[.findings[] | keys[] | select(. == "who" or . == "ref" or . == "register" or . == "facts")] | length' 0

stop_server
