-- kind:     obligation
-- act:      code-235-v, note to article 492
-- in force: 2017-01-07 ..
-- A visitor owes nothing for a month; who means to stay longer is registered like any tenant by then.
select s.id as record, s.host as who, add_months(s.arrived, p.value) as due, s.arrived, s.leaves, p.value as months
  from stay s
  join param p on p.name = 'guest_free_months' and s.arrived between p.from_day and p.until_day
 where s.purpose = 'visit'
   and s.state in ('declared', 'confirmed')
   and s.leaves > add_months(s.arrived, p.value)
