-- kind:     forbid
-- at:       loan.lend, loan.renew
-- act:      house-rules, rule 4
-- in force: 2024-01-01 .. 2025-06-30, 2025-09-01 ..
-- Suspended in the summer of 2025. Who owes ten pounds or more borrows nothing.
select l.id as record, l.member as who,
       (select sum(f.amount) from fine f where f.member = l.member and f.state = 'owed') as owed_money
  from loan l
 where (select sum(f.amount) from fine f where f.member = l.member and f.state = 'owed') >= 1000
