-- Consent that is awaited. `args` is JSON of the action's arguments as they will be bound.
CREATE TABLE ask (
  id bigint PRIMARY KEY,
  reg bigint NOT NULL,            -- code of the register
  record bigint NOT NULL,
  action text NOT NULL,
  args text,                      -- NULL: none
  account bigint NOT NULL,        -- who asked
  party bigint NOT NULL,          -- for which party they acted; 0: in a role
  asked_at bigint NOT NULL,       -- instant
  until_at bigint,                -- instant; NULL: no end
  outcome text                    -- NULL while open: agreed, refused, silent, withdrawn
);
CREATE INDEX ask_open ON ask (record) WHERE outcome IS NULL;

-- One row for each party or role that is asked.
CREATE TABLE ask_party (
  id bigint PRIMARY KEY,
  ask bigint NOT NULL,
  subject bigint NOT NULL,        -- which of the action's asks (position)
  party bigint NOT NULL,          -- 0: a role
  role bigint,                    -- code of the role, when a role is asked
  place bigint,                   -- its territory
  answer bigint,                  -- NULL: not yet; 1 agreed, 0 refused
  answered_at bigint,
  way text,                       -- account, link, counter
  account bigint,                 -- who answered (for link: 0)
  paper text,                     -- number of the signed paper
  link_hash bytea                 -- of the one-time link, once one was sent
);
CREATE INDEX ask_party_of ON ask_party (ask);
CREATE INDEX ask_party_waiting ON ask_party (party) WHERE answer IS NULL;
CREATE INDEX ask_party_link ON ask_party (link_hash) WHERE link_hash IS NOT NULL;

-- What the clock will do. Rows are never moved: one whose time or state no longer fits is dropped when it is due.
CREATE TABLE clock (
  id bigint PRIMARY KEY,
  due_at bigint NOT NULL,         -- instant
  reg bigint NOT NULL,            -- code of the register
  record bigint NOT NULL,
  action text,                    -- NULL: the ask in `ask` runs out
  ask bigint
);
CREATE INDEX clock_due ON clock (due_at);

-- Steps marked `later`: one row each, run once in order after the commit that made them.
CREATE TABLE later (
  id bigint PRIMARY KEY,
  event bytea NOT NULL,
  reg bigint NOT NULL,
  action text NOT NULL,
  record bigint NOT NULL,         -- 0: a new one
  args text
);

-- Provisions by number, so that findings carry integers.
CREATE TABLE provision (
  id bigint PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- Open rows of law. Derived: `tirkeu law evaluate` makes them anew.
CREATE TABLE finding (
  id bigint PRIMARY KEY,
  provision bigint NOT NULL,
  reg bigint NOT NULL,
  record bigint NOT NULL,
  instance bigint NOT NULL,       -- 0 when the provision has none
  who bigint NOT NULL,            -- 0: nobody named
  due bigint,                     -- a day or an instant
  due_at bigint,                  -- the instant when it is overdue
  amount bigint,
  article text,
  place bigint NOT NULL,          -- 0: no territory
  facts text NOT NULL,            -- JSON object
  opened_at bigint NOT NULL,
  closed_at bigint
);
CREATE INDEX finding_record ON finding (record) WHERE closed_at IS NULL;
CREATE INDEX finding_who ON finding (who) WHERE closed_at IS NULL;
CREATE INDEX finding_place ON finding (place, due_at) WHERE closed_at IS NULL;

-- Messages to parties and roles: the inbox, and what channels send.
CREATE TABLE message (
  id bigint PRIMARY KEY,
  party bigint NOT NULL,          -- 0: a role
  role bigint,
  place bigint,
  reg bigint NOT NULL,
  record bigint NOT NULL,
  action text NOT NULL,           -- text key <register>.<action>.tells
  ask_party bigint,               -- an answer is awaited
  created_at bigint NOT NULL
);
CREATE INDEX message_party ON message (party, id);

-- Delivery stands apart: the writer only appends messages. `next` in meta 'outbox' is the first message not taken.
CREATE TABLE delivery (
  message bigint PRIMARY KEY,
  tries bigint NOT NULL,
  next_at bigint,                 -- NULL: delivered, or given up
  sent_at bigint
);
CREATE INDEX delivery_next ON delivery (next_at) WHERE next_at IS NOT NULL;

-- Effects (`gives`) that wait for the part of Tirkeu that performs them.
CREATE TABLE effect (
  id bigint PRIMARY KEY,
  kind text NOT NULL,
  event bytea NOT NULL,
  reg bigint NOT NULL,
  record bigint NOT NULL,
  created_at bigint NOT NULL
);

-- Idempotency-Keys of the last days: appended by row, found through a hash in memory.
CREATE TABLE idempotency (
  id bigint PRIMARY KEY,
  account bigint NOT NULL,
  key_hash bigint NOT NULL,
  request_hash bytea NOT NULL,
  at bigint NOT NULL,
  status text NOT NULL,           -- error_name
  receipt text NOT NULL           -- JSON without personal data
);

-- People that an account named by number and family name, per day: bounded.
CREATE TABLE resolve_count (
  account bigint NOT NULL,
  day bigint NOT NULL,
  party bigint NOT NULL,
  PRIMARY KEY (account, day, party)
);

-- Counters behind fields of type `number`.
CREATE TABLE number_counter (
  reg bigint NOT NULL,
  field bigint NOT NULL,
  place bigint NOT NULL,
  year bigint NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (reg, field, place, year)
);
