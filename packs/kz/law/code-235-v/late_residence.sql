-- kind:     breach
-- act:      code-235-v, article 492
-- in force: 2017-01-07 ..
select r.id as record, r.person as who, f.article as article, f.mci * m.tenge as amount,
       r.since, r.declared_on, p.value as days, f.penalty as penalty, f.mci as mci_count
  from residence r
  join param p on p.name = 'fine_after_days' and r.since between p.from_day and p.until_day
  join fine f on f.offence = case when r.declared_on > add_months(r.since, 1) then 'late_month' else 'late' end
             and f.repeated = 0 and f.size = 'individual' and r.declared_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(r.declared_on)
 where r.state in ('declared', 'registered')
   and r.declared_on > add_days(r.since, p.value)
