-- Look-ups that the law hides for a time (docs/ledger.md 2.4): when each is to be shown to the person it is about. A
-- row stays when it was shown: oversight sees by it that none was late.
CREATE TABLE sys_reveal (
  entry INTEGER PRIMARY KEY,      -- index of the hidden entry, in the restricted stream
  stream bigint NOT NULL,         -- of the person who will see it
  due_at bigint NOT NULL,         -- instant
  shown bigint                    -- index of the entry of kind 6 in the person's stream; NULL: not yet due
);
CREATE INDEX sys_reveal_due ON sys_reveal (due_at) WHERE shown IS NULL;
