-- kind:     breach
-- act:      code-235-v, article 492, wording of 2015
-- in force: 2015-01-01 .. 2017-01-06
select s.id as record, s.guest as who, f.article as article, f.mci * m.tenge as amount,
       s.arrived, s.declared_on, p.value as days, f.mci as mci_count
  from stay s
  join param p on p.name = 'fine_after_days' and s.arrived between p.from_day and p.until_day
  join fine f on f.offence = 'late_before' and f.size = 'individual' and s.declared_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(s.declared_on)
 where s.purpose = 'tenancy'
   and s.state in ('declared', 'confirmed', 'disputed', 'expired')
   and s.declared_on > add_days(s.arrived, p.value)
