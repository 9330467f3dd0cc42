-- What was erased because its time was over (docs/ledger.md section 6): one row for each erasure's entry.
CREATE TABLE sys_erasure (
  entry INTEGER PRIMARY KEY,      -- index of the entry of kind 7
  data_key bigint NOT NULL,       -- number of the key whose parts are destroyed
  parts bigint NOT NULL           -- sum of 1 header, 2 detail, 4 payload
);
