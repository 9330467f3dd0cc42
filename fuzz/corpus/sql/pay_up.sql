-- kind:     obligation
-- act:      house-rules, rule 7
-- in force: 2024-01-01 ..
select f.id as record, f.member as who, add_days(f.since, 30) as due, f.amount as amount, f.cause
  from fine f
 where f.state = 'owed'
