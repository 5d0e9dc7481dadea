CREATE TABLE IF NOT EXISTS answers (
  fingerprint TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  -- Compressed and encrypted, see answer-seal.ts.
  sealed BLOB NOT NULL,
  -- The length of sealed: beside it, so that sums need not visit the answers.
  bytes INTEGER NOT NULL,
  -- Unix ms.
  expires_at INTEGER NOT NULL,
  used_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS answers_by_project ON answers (project, expires_at, bytes);
CREATE INDEX IF NOT EXISTS answers_by_expiry ON answers (expires_at, bytes);
CREATE INDEX IF NOT EXISTS answers_by_use ON answers (used_at);
