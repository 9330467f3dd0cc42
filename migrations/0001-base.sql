-- What the engine keeps about the database itself. Migrations are numbered, hold one subject, and are never edited
-- once released. One text for both databases: `integer PRIMARY KEY` is the row's own id (SQLite gives the next one when
-- none is given; PostgreSQL reads it as a bigint identity), bytea is bytes, bigint whole numbers, days and instants.
CREATE TABLE meta (
  key text PRIMARY KEY,           -- one word, such as origin
  value text NOT NULL
);

-- The packs that were installed, one row each time; the last one by `at` and edition is the one in use.
CREATE TABLE pack_installed (
  name text NOT NULL,
  edition bigint NOT NULL,        -- day that this edition is dated
  digest bytea NOT NULL,          -- SHA-256 over the pack's files
  at bigint                       -- instant; NULL: not known
);

-- The id that the next record gets, whatever its register. One row; the writer keeps it in memory and stores it
-- with each batch.
CREATE TABLE next_id (
  id bigint NOT NULL
);
INSERT INTO next_id (id) VALUES (1);
