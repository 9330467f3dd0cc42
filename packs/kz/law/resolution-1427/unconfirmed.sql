-- kind:     obligation
-- act:      resolution-1427, application within ten days
-- in force: 2011-12-01 ..
-- Declared is not registered: guest, host and owner must have agreed ten days after the arrival.
select s.id as record, s.host as who, add_days(s.arrived, p.value) as due, s.arrived, s.declared_on
  from stay s
  join param p on p.name = 'submit_days' and s.arrived between p.from_day and p.until_day
 where s.state = 'declared'
   and s.purpose = 'tenancy'
   and s.was_visit is not true
