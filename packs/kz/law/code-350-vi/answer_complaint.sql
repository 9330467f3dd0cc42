-- kind:     obligation
-- act:      code-350-vi, article 76
-- in force: 2021-07-01 ..
-- A complaint about an official's use of the registers is answered within the term of the administrative procedure.
select c.id as record, null as who, c.answer_by as due, c.submitted_on
  from complaint c
 where c.state in ('submitted', 'taken_up')
