-- kind:     breach
-- act:      code-235-v, article 493(5)
-- in force: 2017-01-07 ..
-- wakes:    stay: select id from stay where host in (old.host, new.host) and (arrived > old.arrived or arrived > new.arrived) and exists (select 1 from param p where p.name = 'fine_after_days' and (new.declared_on > add_days(new.arrived, p.value) or old.declared_on > add_days(old.arrived, p.value)))
-- wakes:    organisation: select id from stay where host = new.id and state in ('declared', 'confirmed', 'disputed', 'expired')
-- The host let a tenant live unregistered for more than ten days. By the size of the host; more when it happened within the year before.
select s.id as record, s.host as who, f.article as article, f.mci * m.tenge as amount,
       s.arrived, s.declared_on, p.value as days, f.size as host_size, f.penalty as penalty, f.mci as mci_count
  from stay s
  left join organisation o on o.id = s.host
  join param p on p.name = 'fine_after_days' and s.arrived between p.from_day and p.until_day
  join fine f on f.offence = 'unregistered'
             and f.repeated = case when exists (select 1 from stay e
                                                 where e.host = s.host and e.arrived < s.arrived and e.arrived >= add_months(s.arrived, -12)
                                                   and e.purpose = 'tenancy' and e.state in ('declared', 'confirmed', 'disputed', 'expired', 'ended')
                                                   and e.declared_on > add_days(case when e.was_visit is true then add_months(e.arrived, 1) else e.arrived end, p.value))
                                   then 1 else 0 end
             and f.size = case when o.id is null then 'individual' when o.ngo is true then 'small' else o.size end
             and s.declared_on between f.from_day and f.until_day
  left join mci m on m.year = year_of(s.declared_on)
 where s.purpose = 'tenancy'
   and s.host <> s.guest
   and s.state in ('declared', 'confirmed', 'disputed', 'expired')
   and s.declared_on > add_days(case when s.was_visit is true then add_months(s.arrived, 1) else s.arrived end, p.value)
