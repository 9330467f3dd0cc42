-- kind:     forbid
-- at:       stay.declare
-- act:      resolution-1427, registration at the place of temporary stay
-- in force: 2020-01-01 ..
-- A younger child is registered with a parent. A birth day after the arrival is a slip of the pen, not an age.
select s.id as record, s.guest as who, age(g.birth_day, s.arrived) as years, p.value as smallest
  from stay s
  join person g on g.id = s.guest
  join param p on p.name = 'stay_age' and $today between p.from_day and p.until_day
 where g.birth_day <= s.arrived
   and age(g.birth_day, s.arrived) < p.value
