-- kind:     breach
-- act:      code-235-v, article 493(3)
-- in force: 2017-01-07 ..
-- wakes:    stay: select id from stay where guest in (old.guest, new.guest) and state = 'expired'
-- wakes:    organisation: select id from stay where host = new.id and state in ('expired')
-- The term ran out, the guest is registered elsewhere since, and the host did not take them off.
select s.id as record, s.host as who, f.article as article, f.mci * m.tenge as amount,
       s.leaves, s.ran_out, f.size as host_size, f.penalty as penalty, f.mci as mci_count
  from stay s
  left join organisation o on o.id = s.host
  join fine f on f.offence = 'not_taken_off' and f.repeated = 0
             and f.size = case when o.id is null then 'individual' when o.ngo is true then 'small' else o.size end
             and s.ran_out between f.from_day and f.until_day
  left join mci m on m.year = year_of(s.ran_out)
 where s.state = 'expired'
   and exists (select 1 from stay n
                where n.guest = s.guest and n.dwelling <> s.dwelling and n.state = 'confirmed' and n.arrived > s.arrived)
