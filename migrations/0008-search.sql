-- The names of records that officials may search (docs/pack.md, search), folded so that spellings in three scripts
-- meet. Derived: made anew when the folding changes or a pack's edition makes other fields searchable (`search` in
-- meta). Read once at the start; questions are answered in memory.
CREATE TABLE sys_name (
  record INTEGER PRIMARY KEY,
  reg bigint NOT NULL,            -- code of the register
  family text NOT NULL,           -- '': none
  given text NOT NULL
);
