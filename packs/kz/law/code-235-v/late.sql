-- kind:     breach
-- act:      code-235-v, article 492
-- in force: 2017-01-07 ..
-- wakes:    stay: select id from stay where guest in (old.guest, new.guest) and (arrived > old.arrived or arrived > new.arrived)
-- Registered more than ten days after the arrival (after the free month, when it began as a visit): a warning up to a
-- month, then a fine, more when the same person was late within the year before.
select s.id as record, s.guest as who, f.article as article, f.mci * m.tenge as amount,
       s.arrived, s.declared_on, p.value as days, f.penalty as penalty, f.mci as mci_count
  from stay s
  join param p on p.name = 'fine_after_days' and s.arrived between p.from_day and p.until_day
  join fine f on f.offence = case when s.declared_on > add_months(case when s.was_visit is true then add_months(s.arrived, 1) else s.arrived end, 1)
                                  then 'late_month' else 'late' end
             and f.repeated = case when exists (select 1 from stay e
                                                 where e.guest = s.guest and e.arrived < s.arrived and e.arrived >= add_months(s.arrived, -12)
                                                   and e.purpose = 'tenancy' and e.state in ('declared', 'confirmed', 'disputed', 'expired', 'ended')
                                                   and e.declared_on > add_days(case when e.was_visit is true then add_months(e.arrived, 1) else e.arrived end, p.value))
                                   then 1 else 0 end
             and f.size = 'individual'
             and s.declared_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(s.declared_on)
 where s.purpose = 'tenancy'
   and s.state in ('declared', 'confirmed', 'disputed', 'expired')
   and s.declared_on > add_days(case when s.was_visit is true then add_months(s.arrived, 1) else s.arrived end, p.value)
