-- Consent that is awaited. `args` is JSON of the action's arguments as they will be bound.
CREATE TABLE sys_ask (
  id INTEGER PRIMARY KEY,
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
CREATE INDEX sys_ask_open ON sys_ask (record) WHERE outcome IS NULL;

-- One row for each party or role that is asked.
CREATE TABLE sys_ask_party (
  id INTEGER PRIMARY KEY,
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
CREATE INDEX sys_ask_party_of ON sys_ask_party (ask);
CREATE INDEX sys_ask_party_waiting ON sys_ask_party (party) WHERE answer IS NULL;
CREATE INDEX sys_ask_party_link ON sys_ask_party (link_hash) WHERE link_hash IS NOT NULL;

-- What the clock will do. Rows are never moved: one whose time or state no longer fits is dropped when it is due.
CREATE TABLE sys_clock (
  id INTEGER PRIMARY KEY,
  due_at bigint NOT NULL,         -- instant
  reg bigint NOT NULL,            -- code of the register
  record bigint NOT NULL,
  action text,                    -- NULL: the ask in `ask` runs out
  ask bigint
);
CREATE INDEX sys_clock_due ON sys_clock (due_at);

-- Steps marked `later`: one row each, run once in order after the commit that made them.
CREATE TABLE sys_later (
  id INTEGER PRIMARY KEY,
  event bytea NOT NULL,
  reg bigint NOT NULL,
  action text NOT NULL,
  record bigint NOT NULL,         -- 0: a new one
  args text
);

-- Provisions by number, so that findings carry integers.
CREATE TABLE sys_provision (
  id INTEGER PRIMARY KEY,
  name text NOT NULL UNIQUE
);

-- Open rows of law. Derived: `tirkeu law evaluate` makes them anew.
CREATE TABLE sys_finding (
  id INTEGER PRIMARY KEY,
  provision bigint NOT NULL,
  reg bigint NOT NULL,
  record bigint NOT NULL,
  instance bigint NOT NULL,       -- 0 when the provision has none
  who bigint NOT NULL,            -- 0: nobody named
  due bigint,                     -- a day or an instant
  due_at bigint,                  -- the instant when it is overdue
  queue_at bigint NOT NULL,       -- its place in the queue: due_at, else when it was opened
  amount bigint,
  article text,
  place bigint NOT NULL,          -- 0: no territory
  facts text NOT NULL,            -- JSON object
  opened_at bigint NOT NULL,
  closed_at bigint
);
CREATE INDEX sys_finding_record ON sys_finding (record) WHERE closed_at IS NULL;
CREATE INDEX sys_finding_who ON sys_finding (who) WHERE closed_at IS NULL;
CREATE INDEX sys_finding_queue ON sys_finding (queue_at, id) WHERE closed_at IS NULL;

-- Messages to parties and roles: the inbox, and what channels send.
CREATE TABLE sys_message (
  id INTEGER PRIMARY KEY,
  party bigint NOT NULL,          -- 0: a role
  role bigint,
  place bigint,
  reg bigint NOT NULL,
  record bigint NOT NULL,
  action text NOT NULL,           -- text key <register>.<action>.tells
  ask_party bigint,               -- an answer is awaited
  created_at bigint NOT NULL
);
-- A message that asks is found through its ask.
CREATE INDEX sys_message_party ON sys_message (party, id) WHERE ask_party IS NULL;

-- Delivery stands apart: the writer only appends messages. `next` in meta 'outbox' is the first message not taken.
CREATE TABLE sys_delivery (
  message INTEGER PRIMARY KEY,
  tries bigint NOT NULL,
  next_at bigint,                 -- NULL: delivered, or given up
  sent_at bigint
);
CREATE INDEX sys_delivery_next ON sys_delivery (next_at) WHERE next_at IS NOT NULL;

-- Effects (`gives`) that wait for the part of Tirkeu that performs them.
CREATE TABLE sys_effect (
  id INTEGER PRIMARY KEY,
  kind text NOT NULL,
  event bytea NOT NULL,
  reg bigint NOT NULL,
  record bigint NOT NULL,
  created_at bigint NOT NULL
);

-- Idempotency-Keys of the last days: appended by row, found through a hash in memory.
CREATE TABLE sys_idempotency (
  id INTEGER PRIMARY KEY,
  account bigint NOT NULL,
  key_hash bigint NOT NULL,
  request_hash bytea NOT NULL,
  at bigint NOT NULL,
  status text NOT NULL,           -- error_name
  receipt text NOT NULL           -- JSON without personal data
);

-- Counters behind fields of type `number`.
CREATE TABLE sys_number_counter (
  reg bigint NOT NULL,
  field bigint NOT NULL,
  place bigint NOT NULL,
  year bigint NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (reg, field, place, year)
);
