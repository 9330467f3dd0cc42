#!/bin/bash
# An officer looks up somebody he once lived with, for a case that he invents. The report shows it, reading the report is
# seen too, she complains, he is asked why, and she is told what came of it.
. "$(dirname "$0")/lib.sh"
begin packs/kz
account keeper administrator
account clerk clerk@KZ
account auditor auditor
account inspector precinct_officer@751710000

step "the two of them are people of the register like anyone else"
as clerk
person() { # IIN FAMILY GIVEN BIRTH-DAY
	act person/register "{\"iin\": \"$(iin "$1")\", \"family_name\": \"$2\", \"given_name\": \"$3\", \"birth_day\": \"$4\", \"citizenship\": \"KZ\", \"language\": \"en\"}"
	expect_status 201
}
person 90010110001 Жандарбеков Серік 1890-01-01
his=$(ref)
person 91020210002 Оспанова Гүлнар 1891-02-02
her=$(ref)
person 92030310003 Бөтен Асан 1892-03-03
stranger=$(ref)
act building/register '{"place": "751210000", "street": "Абай", "house": "10", "use": "residential"}'
expect_status 201
building=$(ref)
act dwelling/register "{\"building\": \"$building\", \"flat\": \"5\", \"area\": \"41.50\", \"rooms\": 2}"
expect_status 201
flat=$(ref)
lived() { # PERSON SINCE
	act residence/carry_over "{\"person\": \"$1\", \"dwelling\": \"$flat\", \"since\": \"$2\", \"declared_on\": \"$2\"}"
	expect_status 201
}
lived "$his" "$(day -2000)"
left=$(ref)
lived "$her" "$(day -1900)"
act "residence/$left/deregister" "{\"ground\": \"departed\", \"until\": \"$(day -700)\"}"
expect_status 200
account serik precinct_officer@751210000 "$his"
account gulnar resident "$her"

look_up() { # REFERENCE CASE
	post /api/lookups "{\"register\": \"person\", \"ref\": \"$1\", \"purpose\": \"inspection\", \"case\": \"$2\"}"
}

step "he looks her up under a case that nobody has"
as serik
look_up "$her" "I-2026-777"
expect_status 200
entry=$(value .index)
refute_text '"iin"'
look_up "$stranger" "I-2026-12"
expect_status 200

step "who is no auditor reads no report, and the public does not know of it"
get /api/views/audit_own_family
expect_status 403
as clerk
get /api/views/audit_own_family
expect_status 403
as nobody
get /api/views/audit_own_family
expect_status 403
get /api/pack
expect_true '[.views[] | select(startswith("audit"))] == []'

step "the report shows it, with the account's name, in three languages"
as auditor
get /api/views/audit_own_family
expect_status 200
expect_json '.rows | length' 1
expect_json '.rows[0][0]' "$entry"
expect_json '.rows[0][2]' '"serik"'
expect_json '.rows[0][3:5]' "[\"$his\",\"$her\"]"
report=$(value .index)
ties=()
for language in kk ru en; do
	get "/api/views/audit_own_family?lang=$language"
	ties[${#ties[@]}]=$(value '.rows[0][5]')
done
[ "$(printf '%s\n' "${ties[@]}" | sort -u | wc -l)" -eq 3 ] || wrong "the languages do not differ: ${ties[*]}"

step "reading the report was an entry, durable before the answer"
[ "$report" -gt "$entry" ] || wrong "the report's entry $report is not behind $entry"
post /api/oversight/entries "{\"index\": $report, \"purpose\": \"oversight\", \"case\": \"A-1\"}"
expect_status 200
expect_json .kind '"lookup"'
expect_json .account '"auditor"'
expect_json .query '"audit_own_family"'
expect_json .body '"prosecution"'
get /api/audit
expect_status 200
accounts=$(value .index)
expect_true '[.rows[] | select(.kind == "signed-in" and .account_name == "auditor" and .by_name == "auditor")] != []'
post /api/oversight/entries "{\"index\": $accounts, \"purpose\": \"oversight\", \"case\": \"A-1\"}"
expect_json .query '"accounts"'

step "the auditor opens the entry: who, whom, which case; without a case nothing"
post /api/oversight/entries "{\"index\": $entry, \"purpose\": \"oversight\"}"
expect_problem 422 bad-input
post /api/oversight/entries "{\"index\": $entry, \"purpose\": \"inspection\", \"case\": \"A-1\"}"
expect_status 403
post /api/oversight/entries "{\"index\": $entry, \"purpose\": \"oversight\", \"case\": \"A-1\"}"
expect_status 200
expect_json .account '"serik"'
expect_json .case '"I-2026-777"'
expect_json .subject "\"$her\""
expect_json .role '"precinct_officer"'
expect_json .purpose '"inspection"'
expect_true '.fields | index("birth_day") != null'
post /api/oversight/entries '{"index": 99999999, "purpose": "oversight", "case": "A-1"}'
expect_problem 404 not-found
cat "$BODY" >"$work/none"
post /api/oversight/entries '{"index": 0, "purpose": "oversight", "case": "A-1"}'
expect_problem 404 not-found
cmp -s "$work/none" "$BODY" || wrong "an open entry and none answer differently"

step "she complains, about what her log shows and nothing else"
as gulnar
get /api/me/lookups
expect_status 200
expect_true "[.lookups[] | select(.index == $entry and .role.name == \"precinct_officer\" and .purpose.name == \"inspection\")] | length == 1"
refute_text 'I-2026-777|serik'
# That oversight opened the entry stands there too: which body and why, no more.
expect_true '[.lookups[] | select(.body.name == "prosecution" and .purpose.name == "oversight" and .role == null and .register == null)] | length == 1'
complain() { act complaint/submit "{\"complainant\": \"$her\", \"entry\": $1, \"text\": \"I know him. He has no case.\"}"; }
complain "$((entry + 1))"
expect_problem 409 guard
complain "$entry"
expect_status 201
complaint=$(ref)
get "/api/registers/complaint/$complaint"
expect_json .state '"submitted"'
refute_text "$his"
complain "$entry"
expect_problem 409 duplicate

step "he is asked why, and does not learn who complained"
as serik
get /api/me/inbox
expect_text 'complaint about your look-up'
refute_text "$her"
get /api/registers/review
expect_json '.records | length' 1
review=$(value '.records[0].ref')
expect_json '.records[0].fields.case_number' '"I-2026-777"'
expect_json '.records[0].fields.why' '"complaint"'
as gulnar
get "/api/registers/review/$review"
expect_status 404

step "the auditor's message tells what was done, and nothing of the person"
as auditor
get /api/me/inbox
expect_json '.messages[0] | [.register, .title, .text]' '["complaint","Complain",null]'
refute_text "$her"

step "he says nothing for a week: it stands in the auditor's queue, overdue"
move_clock 10
as auditor
get /api/findings
overdue=$(value '[.findings[] | select(.provision == "law-94-v/justify")][0].id')
[ "$overdue" != null ] || wrong "no finding of law-94-v/justify is open"
refute_text "$her"
# The queue holds what the role reads: complaints and reasons, nothing about where people live.
expect_true '[.findings[].provision | select(. != "law-94-v/justify" and . != "code-350-vi/answer_complaint")] == []'
as clerk
get /api/findings
refute_text 'law-94-v'
as auditor
post /api/lookups "{\"finding\": $overdue, \"purpose\": \"oversight\"}"
expect_status 200
expect_json .lookup.ref "\"$review\""
expect_json .lookup.fields.entry "$entry"

step "he invents a reason, the auditor does not accept it"
as serik
act "review/$review/justify" '{"justification": "A call about noise."}'
expect_status 200
act "review/$review/accept"
expect_status 403
as auditor
act "review/$review/reject" '{"remark": "There was no such call."}'
expect_status 200
get /api/findings
expect_json "[.findings[] | select(.id == $overdue)]" '[]'
post /api/lookups "{\"finding\": $overdue, \"purpose\": \"oversight\"}"
expect_problem 404 not-found

step "she gets her answer, and it names no official"
act "complaint/$complaint/take_up"
expect_status 200
act "complaint/$complaint/decide" '{"outcome": "founded", "answer": "There was no reason for it. It was reported to his superior."}'
expect_status 200
as gulnar
get "/api/registers/complaint/$complaint"
expect_json .state '"answered"'
expect_json .fields.outcome '"founded"'
get /api/me/inbox
expect_text 'reported to his superior'
refute_text 'serik|Жандарбеков'
