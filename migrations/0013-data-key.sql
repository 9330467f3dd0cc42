-- Parts of entries lie encrypted (docs/ledger.md section 6). Where data_key is not NULL, header, detail and payload each
-- hold salt || data under that key's part, the three columns of salts are NULL, and a part that is NULL was erased.
-- Rows of before have data_key NULL and their parts and salts as they are.
ALTER TABLE ledger_entry ADD COLUMN data_key bigint;  -- number of the key in DIR/keys/data.keys: a retention rule and month
ALTER TABLE ledger_entry ADD COLUMN iv bytea;         -- 16 random bytes, the counter's start for the three parts
