-- kind:     forbid
-- at:       weapon.sell
-- act:      law-339-i, article 15(1)
-- in force: 2017-01-07 ..
select w.id as record, w.holder as who, age(p.birth_day, $today) as years, c.smallest_age
  from weapon w
  join person p on p.id = w.holder
  join cap c on c.category = w.category and $today between c.from_day and c.until_day
 where age(p.birth_day, $today) < c.smallest_age
