-- kind:     breach
-- act:      code-235-v, article 517, wording of 2015
-- in force: 2015-01-01 ..
-- The foreigner's own side: a warning up to three days after the term, then a fine.
select a.id as record, a.guest as who, f.article as article, f.mci * m.tenge as amount,
       a.arrived, a.notified_on, add_workdays(a.arrived, p.value) as latest_day, f.penalty as penalty, f.mci as mci_count
  from arrival a
  join param p on p.name = 'host_notice_workdays' and a.arrived between p.from_day and p.until_day
  join fine f on f.offence = case when a.notified_on > add_days(add_workdays(a.arrived, p.value), 3) then 'guest_later' else 'guest_late' end
             and f.repeated = 0 and f.size = 'individual' and a.notified_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(a.notified_on)
 where a.state in ('notified', 'overdue')
   and a.notified_on > add_workdays(a.arrived, p.value)
