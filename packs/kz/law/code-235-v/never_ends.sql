-- kind:     breach
-- act:      code-235-v, article 493(4)
-- in force: 2017-01-07 ..
-- wakes:    stay: select id from stay where host in (old.host, new.host) and state = 'expired' and (old.ran_out > 0 or new.ran_out > 0)
-- wakes:    organisation: select id from stay where host = new.id and state in ('expired')
-- A host whose stays run out again and again without a word when the guests left.
select s.id as record, s.host as who, f.article as article, f.mci * m.tenge as amount, s.ran_out,
       (select count(*) from stay e where e.host = s.host and e.ran_out between add_months(s.ran_out, -12) and s.ran_out) as times,
       p.value as allowed, f.size as host_size, f.mci as mci_count
  from stay s
  left join organisation o on o.id = s.host
  join param p on p.name = 'expiries_a_year' and s.ran_out between p.from_day and p.until_day
  join fine f on f.offence = 'not_taken_off' and f.repeated = 1
             and f.size = case when o.id is null then 'individual' when o.ngo is true then 'small' else o.size end
             and s.ran_out between f.from_day and f.until_day
  left join mci m on m.year = year_of(s.ran_out)
 where s.state = 'expired'
   and (select count(*) from stay e where e.host = s.host and e.ran_out between add_months(s.ran_out, -12) and s.ran_out) >= p.value
