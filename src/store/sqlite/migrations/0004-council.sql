-- What the council has before it and had; of each the last version.
CREATE TABLE proposals (
  id      TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE TABLE waivers (
  id      TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

-- What a proposal would change, as it was found out last.
CREATE TABLE impacts (
  proposal TEXT PRIMARY KEY REFERENCES proposals (id),
  digest   TEXT NOT NULL, -- of the bundle that it is of
  body     TEXT NOT NULL -- JSON
) STRICT;

-- Tokens by the hashes of their secrets.
CREATE TABLE tokens (
  id   TEXT PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
