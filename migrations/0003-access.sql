-- Accounts and what they sign in with. Secrets are kept as hashes only: passwords as Argon2id, everything that the
-- program draws itself (32 random bytes) as BLAKE2b. docs/access.md is the page about it.
CREATE TABLE access_account (
  id bigint PRIMARY KEY,
  ledger_id bytea NOT NULL UNIQUE,  -- 16 random bytes: what the ledger calls this account
  name text NOT NULL UNIQUE,        -- what a person signs in with; never given to a second account
  party bigint,                     -- the account's own party record; NULL: none
  language text NOT NULL,           -- kk, ru, en
  password text,                    -- Argon2id with its salt and cost; NULL until activated
  epoch bigint NOT NULL,            -- grows when all sessions end (password set, account closed)
  made_at bigint NOT NULL,          -- instant, as all that end in _at
  closed_at bigint                  -- NULL: open
);
CREATE UNIQUE INDEX access_account_party ON access_account (party) WHERE party IS NOT NULL AND closed_at IS NULL;

-- Roles held. The pack says what a role may do; a role that the pack no longer has counts for nothing.
CREATE TABLE access_role (
  account bigint NOT NULL,
  role text NOT NULL,
  place bigint NOT NULL,            -- territory; 0: the role needs none
  party bigint NOT NULL,            -- for whom it acts; 0: the account's own party
  granted_at bigint NOT NULL,
  PRIMARY KEY (account, role, place, party)
);

-- A one-time code, at most one for an account.
CREATE TABLE access_code (
  account bigint PRIMARY KEY,
  hash bytea NOT NULL,              -- over account and code
  until_at bigint NOT NULL,
  wrong_count bigint NOT NULL       -- the fifth wrong try deletes the row
);

-- Open sessions, so that a restart signs nobody out. Rows of ended ones are deleted.
CREATE TABLE access_session (
  hash bytea PRIMARY KEY,           -- of the token
  id bytea NOT NULL,                -- 16 random bytes: what sealed details call the session
  account bigint NOT NULL,
  epoch bigint NOT NULL,            -- the account's when it was opened
  opened_at bigint NOT NULL,
  seen_at bigint NOT NULL,          -- written every few minutes, not at every request
  until_at bigint NOT NULL
);
CREATE INDEX access_session_account ON access_session (account);

-- Long-lived tokens of programs.
CREATE TABLE access_token (
  hash bytea PRIMARY KEY,
  id bytea NOT NULL,                -- 16 random bytes
  account bigint NOT NULL,
  label text NOT NULL,              -- the holder's own word for it
  made_at bigint NOT NULL,
  UNIQUE (account, label)
);

-- What was changed, when and by which account. Only ever appended to; names no person.
CREATE TABLE access_audit (
  nr bigint PRIMARY KEY,            -- 1, 2, 3 ... without gaps
  at bigint NOT NULL,               -- instant
  kind text NOT NULL,               -- docs/access.md lists them
  account bigint NOT NULL,          -- whose
  by_account bigint NOT NULL,       -- who did it; -1 the console, 0 not told
  detail text                       -- a role and its territory, a token's public id
);
CREATE INDEX access_audit_account ON access_audit (account, nr);
