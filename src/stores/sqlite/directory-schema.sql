-- The directory. See docs/directory.md.

-- Every object, as JSON. `seq` is the order of creation; AUTOINCREMENT never gives a number twice, so that
-- whoever reads on from a number misses nothing.
CREATE TABLE IF NOT EXISTS directory_records (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  kind    TEXT NOT NULL,
  id      TEXT NOT NULL,
  version INTEGER NOT NULL,
  body    TEXT NOT NULL,
  UNIQUE (kind, id)
) STRICT;

-- Which object belongs to which list, in order of creation.
CREATE TABLE IF NOT EXISTS directory_lists (
  list TEXT NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (list, seq)
) STRICT, WITHOUT ROWID;

-- When keys were last used, Unix seconds.
CREATE TABLE IF NOT EXISTS directory_last_used (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- To whom objects of the upstream belong.
CREATE TABLE IF NOT EXISTS directory_owners (
  object_id  TEXT PRIMARY KEY,
  project_id TEXT NOT NULL,
  upstream   TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which request began what is made in the background: JSON. Goes with its owner.
CREATE TABLE IF NOT EXISTS directory_begun (
  object_id TEXT PRIMARY KEY REFERENCES directory_owners ON DELETE CASCADE,
  begun_by  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS directory_owners_by_expiry ON directory_owners (expires_at);
