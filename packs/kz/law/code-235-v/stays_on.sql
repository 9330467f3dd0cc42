-- kind:     breach
-- act:      code-235-v, article 518
-- in force: 2015-01-01 ..
-- wakes:    organisation: select id from arrival where host = new.id and state in ('overdue')
-- The term of the foreign guest is over and neither departure nor extension was told.
select a.id as record, a.host as who, f.article as article, f.mci * m.tenge as amount,
       a.leaves, f.size as host_size, f.penalty as penalty, f.mci as mci_count
  from arrival a
  left join organisation o on o.id = a.host
  join fine f on f.offence = 'host_illegal' and f.repeated = 0
             and f.size = case when o.id is null then 'individual' when o.ngo is true then 'small' else o.size end
             and a.leaves between f.from_day and f.until_day
  left join mci m on m.year = year_of(a.leaves)
 where a.state = 'overdue'
