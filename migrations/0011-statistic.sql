-- Monthly statistics: the tables of views that are `monthly`, one row for a view and a month that is over. Appended once and
-- never changed. Counts are rounded before they come here: the exact ones are stored nowhere.
CREATE TABLE sys_statistic (
  name text NOT NULL,             -- the view's
  month bigint NOT NULL,          -- its first day
  made_at bigint NOT NULL,        -- instant; late after a standstill
  body text NOT NULL,             -- {"columns":[{"name","kind","of"}],"rows":[[…]]}, registry/statistic.h says how
  PRIMARY KEY (name, month)
);
