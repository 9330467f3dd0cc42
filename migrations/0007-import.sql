-- Imports of CSV files: how far each has come, so that one that was killed goes on where it stopped. The rows of a block,
-- its rejects and next_nr are written in one transaction.
CREATE TABLE sys_import (
  id INTEGER PRIMARY KEY,
  digest bytea NOT NULL,          -- SHA-256 over the file, the action and the key column
  reg bigint NOT NULL,            -- code of the register
  action text NOT NULL,
  account bigint NOT NULL,
  next_nr bigint NOT NULL,        -- the first row that was not yet tried: 1, 2, 3 ... behind the header
  done_count bigint NOT NULL,
  waiting_count bigint NOT NULL,  -- of those done: consent is missing
  begun_at bigint NOT NULL,       -- instant
  ended_at bigint                 -- NULL: rows are left
);
CREATE INDEX sys_import_digest ON sys_import (digest);

-- Rows that were not entered. The row itself stays in the file.
CREATE TABLE sys_import_reject (
  id INTEGER PRIMARY KEY,
  import bigint NOT NULL,
  nr bigint NOT NULL,
  field text NOT NULL,            -- columns at fault; empty: the whole row
  code text NOT NULL,             -- name of the message or provision
  reason text NOT NULL            -- in the language of the import
);
CREATE INDEX sys_import_reject_import ON sys_import_reject (import, nr);

-- What another system calls a record: columns `dwelling#` of later files name it so.
CREATE TABLE sys_import_key (
  reg bigint NOT NULL,
  key text NOT NULL,
  record bigint NOT NULL,
  PRIMARY KEY (reg, key)
);
