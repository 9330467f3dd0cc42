-- kind:     breach
-- act:      draft-rules, rule 1
-- in force: 2027-01-01 ..
-- One line for each renewal beyond the first.
select l.id as record, l.member as who, l.renewals as instance, l.lent_on
  from loan l
 where l.renewals > 1 and l.state in ('out', 'overdue')
