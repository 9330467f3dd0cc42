-- kind:     obligation
-- act:      law-477-iv, article 51(2)
-- in force: 2017-01-07 ..
-- wakes:    residence: select id from residence where person in (old.person, new.person) and state = 'ended'
-- Taken off by the owner or a court: who stays in the country registers where they live now.
select r.id as record, r.person as who, add_days(r.until, p.value) as due, r.until, r.ground
  from residence r
  join param p on p.name = 'submit_days' and r.until between p.from_day and p.until_day
 where r.state = 'ended'
   and r.ground in ('owner', 'court')
   and not exists (select 1 from residence n
                    where n.person = r.person and n.id <> r.id and n.state in ('registered', 'ended') and n.since >= r.until)
