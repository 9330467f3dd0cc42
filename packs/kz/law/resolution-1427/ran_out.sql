-- kind:     obligation
-- act:      resolution-1427, taking off the register
-- in force: 2011-12-01 ..
-- The term is over: the host says when the guest left, or declares a new stay.
select s.id as record, s.host as who, add_days(s.leaves, p.value) as due, s.leaves, s.ran_out
  from stay s
  join param p on p.name = 'take_off_days' and s.leaves between p.from_day and p.until_day
 where s.state = 'expired'
