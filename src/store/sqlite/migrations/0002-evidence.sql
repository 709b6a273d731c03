-- The log as a Merkle tree: hashes of complete subtrees, 256 a tile (C2SP tlog-tiles). The last tile of a level may
-- be partial. Written behind the records, with each checkpoint.
CREATE TABLE tiles (
  level  INTEGER NOT NULL,
  tile   INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, tile)
) STRICT, WITHOUT ROWID;

-- Signed checkpoints (C2SP tlog-checkpoint): the last one, and of the earlier ones enough to say where a log was changed.
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

-- Keys that have signed checkpoints, in their order, as verifier keys of signed notes.
CREATE TABLE log_keys (
  position INTEGER PRIMARY KEY,
  vkey     TEXT NOT NULL UNIQUE
) STRICT;

-- Records before this sequence were pruned; they are deleted a few at a time.
CREATE TABLE log_bounds (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  minimum_index INTEGER NOT NULL
) STRICT;
INSERT INTO log_bounds (id, minimum_index) VALUES (1, 0);

-- What a record names by a commitment alone. Erasing overwrites the row where it stands, and does not move it: a row that
-- is deleted makes SQLite move its neighbours, and leaves copies of them in the free space of their pages. For the same
-- reason rows are only ever added at the end.
CREATE TABLE masked_values (
  id       INTEGER PRIMARY KEY,
  sequence INTEGER NOT NULL,
  pointer  TEXT NOT NULL,
  erased   INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1)),
  salt     BLOB NOT NULL, -- zeros of the same length when erased
  value    TEXT NOT NULL, -- JSON; zeros of the same length when erased
  UNIQUE (sequence, pointer)
) STRICT;

-- Legal holds that stand.
CREATE TABLE holds (
  id        TEXT PRIMARY KEY,
  query     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  placed_at TEXT NOT NULL
) STRICT;
