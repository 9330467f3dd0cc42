-- Uploaded files, sealed: the key is no part of the store. Records name them by number.
CREATE TABLE sys_file (
  id bigint PRIMARY KEY,
  account bigint NOT NULL,          -- who uploaded it
  kind text NOT NULL,               -- pdf, jpeg, png: told from the content
  bytes bigint NOT NULL,            -- of the file itself
  nonce bytea NOT NULL,             -- 24 random bytes
  sealed bytea NOT NULL,            -- XChaCha20-Poly1305 of the file; kind and account are bound to it
  uploaded_at bigint NOT NULL       -- instant
);
CREATE INDEX sys_file_account ON sys_file (account, uploaded_at);
