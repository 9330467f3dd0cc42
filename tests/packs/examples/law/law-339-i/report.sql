-- kind:     obligation
-- act:      law-339-i, article 22(2)(5)
-- in force: 1998-12-30 ..
select r.id as record, r.dealer as who, r.due as due, r.month
  from dealer_report r
 where r.state in ('expected', 'late')
