-- What makes an answer durable: one insert a tick, at the end of one page. Everything below is folded from it, many requests at
-- once (ledger-fold.ts).
CREATE TABLE IF NOT EXISTS ledger_journal (id INTEGER PRIMARY KEY, changes TEXT NOT NULL) STRICT;

CREATE TABLE IF NOT EXISTS ledger_projects (
  project TEXT PRIMARY KEY,
  -- Numbers of the last row, of the last row that an export holds, and of the last one that was restored from exports.
  seq INTEGER NOT NULL DEFAULT 0,
  exported INTEGER NOT NULL DEFAULT 0,
  restored INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS ledger_rows (
  project TEXT NOT NULL,
  seq INTEGER NOT NULL,
  rid TEXT NOT NULL,
  -- A JSON array, see src/metering/row.ts.
  text TEXT NOT NULL,
  checksum TEXT NOT NULL,
  PRIMARY KEY (project, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ledger_rows_by_rid ON ledger_rows (rid);

CREATE TABLE IF NOT EXISTS ledger_open (
  rid TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  period TEXT NOT NULL,
  -- Unix ms.
  expires INTEGER NOT NULL,
  -- A JSON array, see src/metering/reservation.ts.
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Theoretical arrival times, µs.
CREATE TABLE IF NOT EXISTS ledger_limiters (
  project TEXT NOT NULL, limiter TEXT NOT NULL, tat INTEGER NOT NULL, PRIMARY KEY (project, limiter)
) STRICT, WITHOUT ROWID;

-- Nano-USD. The spender '' is the project.
CREATE TABLE IF NOT EXISTS ledger_spends (
  project TEXT NOT NULL, period TEXT NOT NULL, spender TEXT NOT NULL, spent INTEGER NOT NULL, PRIMARY KEY (project, period, spender)
) STRICT, WITHOUT ROWID;

-- Sums by the hour and by the minute in which a request was minted, Unix ms. The amounts are those of src/metering/amounts.ts.
CREATE TABLE IF NOT EXISTS ledger_hours (
  project TEXT NOT NULL, start INTEGER NOT NULL, endpoint TEXT NOT NULL, key TEXT NOT NULL, model TEXT NOT NULL,
  requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
  audio_input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, audio_output_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL, unpriced INTEGER NOT NULL, hits INTEGER NOT NULL, voids INTEGER NOT NULL,
  PRIMARY KEY (project, start, endpoint, key, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger_minutes (
  project TEXT NOT NULL, start INTEGER NOT NULL, endpoint TEXT NOT NULL, key TEXT NOT NULL, model TEXT NOT NULL,
  requests INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cached_input_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
  audio_input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, audio_output_tokens INTEGER NOT NULL,
  cost_nano_usd INTEGER NOT NULL, unpriced INTEGER NOT NULL, hits INTEGER NOT NULL, voids INTEGER NOT NULL,
  PRIMARY KEY (project, start, endpoint, key, model)
) STRICT, WITHOUT ROWID;
