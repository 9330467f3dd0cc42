-- kind:     breach
-- act:      house-rules, rule 2
-- in force: 2024-01-01 ..
-- tick:     month
-- A guardian who left, of a reader who is still a child.
-- wakes:    member: select id from member where guardian = new.id
select m.id as record, m.id as who, m.birth_day, g.card as guardian_card
  from member m
  join member g on g.id = m.guardian
 where m.state = 'active' and g.state = 'gone' and age(m.birth_day, $today) < 16
