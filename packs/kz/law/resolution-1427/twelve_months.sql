-- kind:     forbid
-- at:       stay.declare, stay.extend, stay.settle
-- act:      resolution-1427, registration at the place of temporary stay
-- in force: 2011-12-01 ..
select s.id as record, s.host as who, s.arrived, s.leaves, add_months(s.arrived, p.value) as latest_day, p.value as months
  from stay s
  join param p on p.name = 'stay_months_max' and $today between p.from_day and p.until_day
 where s.leaves > add_months(s.arrived, p.value)
