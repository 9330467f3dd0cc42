-- What schema_install made of a pack, so that the next edition can be compared with it. A pack's own tables stand in
-- no migration.
CREATE TABLE sys_pack_field (
  register text NOT NULL,
  field text NOT NULL,            -- '' for the register itself; list.item for a list's column
  shape text NOT NULL,            -- what stored data mean by it: type and scale, then behind a colon the registers
                                  -- referred to, the choices or the states, separated by blanks
  PRIMARY KEY (register, field)
);

CREATE TABLE sys_pack_index (
  name text PRIMARY KEY           -- tells the definition, see store/sql.h
);

CREATE TABLE sys_pack_table (
  name text PRIMARY KEY           -- a dated table, replaced at each edition
);
