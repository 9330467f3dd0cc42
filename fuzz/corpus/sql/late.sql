-- kind:     breach
-- act:      house-rules, rule 6
-- in force: 2024-01-01 ..
-- tick:     day
-- wakes:    copy: select id from loan where copy = new.id
-- wakes:    book: select l.id from loan l join copy c on c.id = l.copy where c.book = new.id
-- What has grown until today; nothing is charged before the copy is back.
select l.id as record, l.member as who, ($today - l.due_on) * r.a_day as amount, l.due_on, $today - l.due_on as days
  from loan l
  join copy c on c.id = l.copy
  join book b on b.id = c.book
  join rate r on r.kind = b.kind and l.due_on between r.from_day and r.until_day
 where l.state = 'overdue' and l.due_on < $today
