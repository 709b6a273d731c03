-- Queries of records that are kept under a name, in the grammar of record filters.
CREATE TABLE saved_queries (
  name     TEXT PRIMARY KEY,
  query    TEXT NOT NULL,
  title    TEXT,
  saved_at TEXT NOT NULL -- RFC 3339
) STRICT, WITHOUT ROWID;
