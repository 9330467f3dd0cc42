-- kind:     forbid
-- at:       stay.declare, stay.confirm, stay.settle
-- act:      law-94-i, article 23(3-1)
-- in force: 2017-01-07 ..
-- The owner or an authorised landlord registers who lives in a dwelling: where no owner is known, nobody can consent.
select s.id as record, s.host as who
  from stay s
 where not exists (select 1 from ownership o where o.dwelling = s.dwelling and o.state = 'current')
