-- kind:     forbid
-- at:       loan.lend
-- act:      house-rules, rule 3
-- in force: 2024-01-01 ..
select l.id as record, l.member as who, count(*) as has, r.most_loans as most
  from loan l
  join copy c on c.id = l.copy
  join book b on b.id = c.book
  join rate r on r.kind = b.kind and $today between r.from_day and r.until_day
  join loan o on o.member = l.member and o.state in ('out', 'overdue')
  join copy k on k.id = o.copy
  join book h on h.id = k.book and h.kind = b.kind
 group by l.id, l.member, r.most_loans
having count(*) > r.most_loans
