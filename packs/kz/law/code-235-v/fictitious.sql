-- kind:     breach
-- act:      code-235-v, article 493(1)
-- in force: 2017-01-07 ..
-- wakes:    organisation: select id from stay where host = new.id and state in ('disputed')
-- The guest says that they do not live there.
select s.id as record, s.host as who, f.article as article, f.mci * m.tenge as amount,
       s.arrived, s.declared_on, f.size as host_size, f.penalty as penalty, f.mci as mci_count
  from stay s
  left join organisation o on o.id = s.host
  join fine f on f.offence = 'fictitious' and f.repeated = 0
             and f.size = case when o.id is null then 'individual' when o.ngo is true then 'small' else o.size end
             and s.declared_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(s.declared_on)
 where s.state = 'disputed'
   and s.disputed_by = 'guest'
   and s.host <> s.guest
