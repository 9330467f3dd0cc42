-- kind:     forbid
-- at:       residence.declare, residence.confirm
-- act:      law-94-i, article 23(3-1)
-- in force: 2017-01-07 ..
select r.id as record, r.person as who
  from residence r
 where not exists (select 1 from ownership o where o.dwelling = r.dwelling and o.state = 'current')
