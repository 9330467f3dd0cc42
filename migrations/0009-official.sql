-- What officials did, one row for each entry that they left: what oversight reads. Derived from the entries, never
-- changed, and only ever appended to in their order. docs/oversight.md tells how it is used.
CREATE TABLE official_use (
  id INTEGER PRIMARY KEY,         -- the entry's index
  at bigint NOT NULL,             -- instant
  shown_at bigint NOT NULL,       -- instant from which the person sees it: at, or later when the purpose defers
  kind text NOT NULL,             -- lookup, search, hit (shown by a search), act, report (the log itself was
                                  -- read), reveal (it shows an earlier row, whose `at` and other columns it has)
  account bigint NOT NULL,
  official bigint NOT NULL,       -- the account's own party; 0: none
  role text NOT NULL,             -- empty: in none that allows this
  place bigint NOT NULL,          -- the territory held; 0: none
  purpose text,                   -- of look-ups and searches
  case_text text,
  reg text NOT NULL,              -- the register; empty: all of them
  record bigint NOT NULL,         -- 0: none
  person bigint NOT NULL,         -- the party in whose stream the entry is; 0: none
  outside boolean NOT NULL,       -- the record lies outside the territory held
  refused boolean NOT NULL,
  limited boolean NOT NULL,       -- with it the account's hourly limit was reached, or it came beyond
  finding bigint NOT NULL,        -- the finding that a look-up was made for; 0: none
  lot bigint NOT NULL             -- random, 0 to 2^31 - 1: samples are drawn by it, so that nobody foresees them
);
CREATE INDEX official_use_at ON official_use (at);
-- Acts alone: an index of all by person would scatter each look-up over a page of its own, three times what one costs.
CREATE INDEX official_use_act ON official_use (person, account) WHERE kind = 'act';
