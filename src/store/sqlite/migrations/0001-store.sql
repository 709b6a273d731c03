-- The log. `body` is the exact text that is hashed and returned; its place is the leaf's index of RFC 6962.
CREATE TABLE records (
  sequence INTEGER PRIMARY KEY,
  id       TEXT NOT NULL UNIQUE,
  body     BLOB NOT NULL
) STRICT;

-- Documents that records name by digest, stored once by content.
CREATE TABLE documents (
  digest TEXT PRIMARY KEY,
  body   TEXT NOT NULL
) STRICT;

CREATE TABLE bundles (
  digest TEXT PRIMARY KEY,
  layer  TEXT NOT NULL,
  files  TEXT NOT NULL -- JSON: [{"path", "text"}]
) STRICT;

CREATE TABLE revisions (
  revision INTEGER NOT NULL,
  layer    TEXT NOT NULL,
  digest   TEXT NOT NULL REFERENCES bundles (digest),
  PRIMARY KEY (revision, layer)
) STRICT, WITHOUT ROWID;

CREATE TABLE domains (
  path TEXT PRIMARY KEY,
  body TEXT NOT NULL -- JSON
) STRICT;

CREATE TABLE entities (
  type TEXT NOT NULL,
  id   TEXT NOT NULL,
  body TEXT NOT NULL, -- JSON
  PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;

-- A product's metadata are the document that its digest names.
CREATE TABLE products (
  id            TEXT PRIMARY KEY,
  domain        TEXT,
  digest        TEXT NOT NULL REFERENCES documents (digest),
  registered_at TEXT NOT NULL,
  updated_at    TEXT NOT NULL
) STRICT;

-- One row that is written to find out whether the disk takes writes.
CREATE TABLE probe (
  id     INTEGER PRIMARY KEY CHECK (id = 1),
  writes INTEGER NOT NULL
) STRICT;
INSERT INTO probe (id, writes) VALUES (1, 0);
