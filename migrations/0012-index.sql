-- Which entries of the ledger are stream indexes (docs/ledger.md section 5). Derived: kept so that the newest is found
-- without reading the log. Only ever appended to.
CREATE TABLE ledger_index (
  entry INTEGER PRIMARY KEY,      -- index of the open entry of kind 2
  covered bigint NOT NULL         -- the size N that it covers
);
