-- The index of the log: derived from the records, filled behind the durable write, rebuilt when missing or broken.
-- A block is 16,384 sequences, a chunk 2,048; a term is a value of a field.

CREATE TABLE terms (
  id    INTEGER PRIMARY KEY,
  field INTEGER NOT NULL,
  value TEXT NOT NULL,
  count INTEGER NOT NULL, -- records that have it, of blocks that are full
  first INTEGER NOT NULL, -- the block of the first of them
  UNIQUE (field, value)
) STRICT;

-- The findings that there are: JSON [policy, layer, enforcement, outcome, waiver].
CREATE TABLE findings (
  id      INTEGER PRIMARY KEY, -- from 1, without gaps
  term    INTEGER, -- of several that differ in the waiver alone, where there is one
  members TEXT NOT NULL UNIQUE
) STRICT;

-- Which records of a block have a term. The block stands first: what a batch writes stands together at the end.
CREATE TABLE postings (
  block   INTEGER NOT NULL,
  term    INTEGER NOT NULL,
  matches BLOB NOT NULL,
  PRIMARY KEY (block, term)
) STRICT, WITHOUT ROWID;

-- The term that each record of a chunk has of a field: what counts by values are made from.
CREATE TABLE columns (
  field INTEGER NOT NULL,
  chunk INTEGER NOT NULL,
  terms BLOB NOT NULL,
  PRIMARY KEY (field, chunk)
) STRICT, WITHOUT ROWID;

-- The findings that each record of a chunk holds.
CREATE TABLE finding_columns (
  chunk    INTEGER PRIMARY KEY,
  findings BLOB NOT NULL
) STRICT;

-- Earliest and latest time of a chunk, and each record's. Times follow the sequence only nearly, so the records of a
-- chunk that stands across the edge of a span are compared one by one.
CREATE TABLE times (
  chunk    INTEGER PRIMARY KEY,
  time_min REAL, -- Unix milliseconds; null where no record has a time
  time_max REAL,
  untimed  INTEGER NOT NULL, -- records without a time
  times    BLOB NOT NULL
) STRICT;

-- How far the index goes, and the id of the last record in it: an index of another log is noticed.
CREATE TABLE record_index_state (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  size    INTEGER NOT NULL,
  last_id TEXT
) STRICT;
INSERT INTO record_index_state (id, size, last_id) VALUES (1, 0, NULL);
