-- kind:     obligation
-- act:      house-rules, rule 5
-- in force: 2024-01-01 ..
select l.id as record, l.member as who, l.due_on as due, l.lent_on, l.renewals
  from loan l
 where l.state in ('out', 'overdue')
