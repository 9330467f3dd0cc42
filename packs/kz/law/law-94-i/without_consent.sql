-- kind:     breach
-- act:      law-94-i, article 23(3-1)
-- in force: 2017-01-07 ..
-- wakes:    ownership: select id from stay where dwelling in (old.dwelling, new.dwelling) and state = 'disputed'
-- The owner says no to a stay that somebody else declared.
select s.id as record, s.host as who, s.arrived, s.declared_on
  from stay s
 where s.state = 'disputed'
   and s.disputed_by = 'owner'
   and not exists (select 1 from ownership o where o.dwelling = s.dwelling and o.owner = s.host and o.state = 'current')
