-- kind:     obligation
-- act:      law-94-v, article 25
-- in force: 2013-11-25 ..
-- Who opened personal data in office says why when oversight asks.
select r.id as record, r.official as who, r.justify_by as due, r.asked_on, r.why
  from review r
 where r.state = 'asked'
