-- The ledger (docs/ledger.md 2.1 to 2.3). Rows of ledger_entry are only ever appended, by ascending idx, and there
-- is no further index: a random page written for each entry would cost three quarters of the speed. How many
-- entries a stream has and which is its last is kept in memory and rebuilt from these rows at start.
CREATE TABLE ledger_entry (
  idx INTEGER PRIMARY KEY,        -- the entry's index in the log: 0, 1, 2 ... without gaps
  stream bigint,                  -- ledger_stream.number; NULL in open entries, as all that follow but body
  n bigint,                       -- the stream's n-th entry: 1, 2, 3 ...
  prev bigint,                    -- idx of the stream's entry before; NULL when n is 1
  body bytea NOT NULL,            -- what is hashed into the tree: 130 bytes sealed (tag and commitments), or an open entry
  header bytea,                   -- deterministic CBOR, what the person concerned may see
  header_salt bytea,              -- 32 random bytes, as the other two
  detail bytea,                   -- deterministic CBOR for oversight only; zero bytes: none
  detail_salt bytea,
  payload bytea,                  -- any bytes, mostly CBOR of {field code: value after}; zero bytes: none
  payload_salt bytea
);

-- One stream for each person, organisation, facility and case; below 0 those that are built in.
CREATE TABLE ledger_stream (
  number INTEGER PRIMARY KEY,     -- the record's id; -1 system, -2 erasures, -3 cover
  key bytea NOT NULL              -- 32 random bytes: whoever has them finds the stream's entries in the public log
);
