-- What a record names by a commitment alone. Erasing overwrites the row where it stands, and does not move it: a row that
-- is deleted makes SQLite move its neighbours, and leaves copies of them in the free space of their pages. For the same
-- reason rows are only ever added at the end.
ALTER TABLE masked_values RENAME TO masked_values_before;
CREATE TABLE masked_values (
  id       INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  pointer  TEXT NOT NULL,
  erased   INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
  salt     BLOB NOT NULL, -- zeros of the same length when erased
  value    TEXT NOT NULL, -- JSON; zeros of the same length when erased
  UNIQUE (sequence, pointer)
) STRICT;
INSERT INTO masked_values (sequence, pointer, salt, value)
  SELECT sequence, pointer, salt, value FROM masked_values_before ORDER BY sequence, pointer;
DROP TABLE masked_values_before;
