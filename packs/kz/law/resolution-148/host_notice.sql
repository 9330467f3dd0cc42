-- kind:     obligation
-- act:      resolution-148, notice by the inviting party
-- in force: 2012-01-21 ..
select a.id as record, a.host as who, add_workdays(a.arrived, p.value) as due, a.arrived, p.value as workdays
  from arrival a
  join param p on p.name = 'host_notice_workdays' and a.arrived between p.from_day and p.until_day
 where a.state = 'arrived'
