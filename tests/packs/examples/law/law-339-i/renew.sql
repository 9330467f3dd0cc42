-- kind:     obligation
-- act:      law-339-i, article 15(2)
-- in force: 1998-12-30 ..
-- tick:     month
-- Three months before a permit to store ends its owner is reminded.
select p.id as record, p.owner as who, p.until as due, p.category
  from permit p
 where p.state = 'granted' and p.kind = 'store' and p.until <= add_months($today, 3)
