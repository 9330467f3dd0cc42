-- kind:     breach
-- act:      rules, rule 2
-- in force: 2020-01-01 ..
-- tick:     day
-- wakes:    stay: select id from stay where dwelling in (old.dwelling, new.dwelling)
select s.id as record, d.owner as who, s.arrived, d.area, c.most, count(*) as people
  from stay s
  join dwelling d on d.id = s.dwelling
  join stay o on o.dwelling = s.dwelling and o.state = 'confirmed'
  join cap c on $today between c.from_day and c.until_day
 group by s.id, d.owner, s.arrived, d.area, c.most
having count(*) > c.most
