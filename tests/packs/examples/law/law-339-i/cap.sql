-- kind:     forbid
-- at:       weapon.sell
-- act:      law-339-i, article 15(1)
-- in force: 2011-01-01 ..
-- Edition and parameters are those of the day of the action. Who is over the cap may still report a loss.
select w.id as record, w.holder as who, count(*) as has, c.most
  from weapon w
  join cap c on c.category = w.category and $today between c.from_day and c.until_day
  join weapon o on o.holder = w.holder and o.category = w.category and o.state in ('awaiting', 'held')
 group by w.id, w.holder, c.most
having count(*) > c.most
