-- kind:     obligation
-- act:      law-339-i, article 15(2)
-- in force: 1998-12-30 ..
select w.id as record, w.holder as who, w.register_by as due, w.category
  from weapon w
 where w.state = 'awaiting'
