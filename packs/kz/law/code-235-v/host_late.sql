-- kind:     breach
-- act:      code-235-v, article 518
-- in force: 2015-01-01 ..
-- wakes:    organisation: select id from arrival where host = new.id and state in ('notified', 'overdue')
-- The host told the police later than three working days after the arrival. A person is warned, a firm pays by its size.
select a.id as record, a.host as who, f.article as article, f.mci * m.tenge as amount,
       a.arrived, a.notified_on, add_workdays(a.arrived, p.value) as latest_day, f.size as host_size, f.penalty as penalty, f.mci as mci_count
  from arrival a
  left join organisation o on o.id = a.host
  join param p on p.name = 'host_notice_workdays' and a.arrived between p.from_day and p.until_day
  join fine f on f.offence = 'host_late' and f.repeated = 0
             and f.size = case when o.id is null then 'individual' when o.ngo is true then 'small' else o.size end
             and a.notified_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(a.notified_on)
 where a.state in ('notified', 'overdue')
   and a.notified_on > add_workdays(a.arrived, p.value)
