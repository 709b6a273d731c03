-- The index of the log: derived from the records, filled behind the durable write, rebuilt when missing or broken.
CREATE TABLE record_fields (
  sequence        INTEGER PRIMARY KEY,
  time            INTEGER, -- Unix milliseconds
  kind            TEXT,
  subject         TEXT,
  resource        TEXT,
  action          TEXT,
  domain          TEXT,
  consumer_domain TEXT,
  decision        INTEGER, -- 0 or 1
  code            TEXT,
  caller          TEXT,
  revision        INTEGER
) STRICT;

-- An index ends with the row's key, so each of these answers `column = ?` in the order of the log, either way,
-- from any sequence to any other, without sorting.
CREATE INDEX record_fields_resource ON record_fields (resource) WHERE resource IS NOT NULL;
CREATE INDEX record_fields_subject ON record_fields (subject) WHERE subject IS NOT NULL;
CREATE INDEX record_fields_caller ON record_fields (caller) WHERE caller IS NOT NULL;
CREATE INDEX record_fields_code ON record_fields (code) WHERE code IS NOT NULL;
CREATE INDEX record_fields_consumer_domain ON record_fields (consumer_domain) WHERE consumer_domain IS NOT NULL;
CREATE INDEX record_fields_domain ON record_fields (domain) WHERE domain IS NOT NULL;
CREATE INDEX record_fields_action ON record_fields (action) WHERE action IS NOT NULL;
CREATE INDEX record_fields_revision ON record_fields (revision) WHERE revision IS NOT NULL;
CREATE INDEX record_fields_decision ON record_fields (decision) WHERE decision IS NOT NULL;
CREATE INDEX record_fields_kind ON record_fields (kind) WHERE kind IS NOT NULL;

-- Earliest and latest time in each block of 1,024 records. Times follow the sequence only nearly, so a span of time
-- is turned into the exact blocks that can hold it, and the records of those are compared one by one.
CREATE TABLE record_blocks (
  block    INTEGER PRIMARY KEY,
  time_min INTEGER NOT NULL,
  time_max INTEGER NOT NULL
) STRICT;

-- How far the index goes, and the id of the last record in it: an index of another log is noticed.
CREATE TABLE record_index_state (
  id      INTEGER PRIMARY KEY CHECK (id = 1),
  size    INTEGER NOT NULL,
  last_id TEXT
) STRICT;
INSERT INTO record_index_state (id, size, last_id) VALUES (1, 0, NULL);
