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

-- What a record names by a commitment alone. Erasing deletes the row.
CREATE TABLE masked_values (
  sequence INTEGER NOT NULL,
  pointer  TEXT NOT NULL,
  salt     BLOB NOT NULL,
  value    TEXT NOT NULL, -- JSON
  PRIMARY KEY (sequence, pointer)
) STRICT, WITHOUT ROWID;

-- Legal holds that stand.
CREATE TABLE holds (
  id        TEXT PRIMARY KEY,
  query     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  placed_at TEXT NOT NULL
) STRICT;
