-- kind:     obligation
-- act:      law-339-i, article 19(1)
-- in force: 1998-12-30 ..
select p.id as record, p.owner as who, p.repair_by as due, p.category
  from permit p
 where p.state = 'warned'
