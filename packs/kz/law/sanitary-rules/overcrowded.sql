-- kind:     breach
-- act:      sanitary-rules, living space for each person
-- in force: 2017-01-07 ..
-- wakes:    stay: select id from dwelling where id in (old.dwelling, new.dwelling)
-- wakes:    residence: select id from dwelling where id in (old.dwelling, new.dwelling)
-- wakes:    ownership: select id from dwelling where id in (old.dwelling, new.dwelling)
-- wakes:    building: select id from dwelling where building = new.id
-- More people than the area allows. Visitors are not counted: they leave within a month.
select d.record as record, d.who as who, d.area, d.people as people, n.area_each as area_each
  from (select h.id as record, h.area as area, b.use as use,
               (select min(o.owner) from ownership o where o.dwelling = h.id and o.state = 'current') as who,
               (select count(*) from stay s where s.dwelling = h.id and s.purpose = 'tenancy' and s.state in ('declared', 'confirmed'))
             + (select count(*) from residence r where r.dwelling = h.id and r.state = 'registered') as people
          from dwelling h
          join building b on b.id = h.building
         where h.state = 'in_use') d
  join norm n on n.use = d.use and n.until_day = 999999999
 where d.area < d.people * n.area_each
