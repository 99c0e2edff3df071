-- What is begun again and again.
CREATE TABLE schedules (
    id BLOB PRIMARY KEY,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    -- The action as clients see it, in JSON.
    action TEXT NOT NULL,
    -- Sealed: the same with its secrets.
    payload BLOB NOT NULL,
    -- NULL while it is not enabled.
    next_run INTEGER,
    -- The tick of the last run; NULL before the first.
    last_run INTEGER,
    last_job BLOB,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (project, name)
) STRICT;

CREATE INDEX schedules_due ON schedules (next_run) WHERE next_run IS NOT NULL;

-- What became of a call with many actions, as a list in JSON; NULL where the key stands for one job.
ALTER TABLE idempotency ADD COLUMN items TEXT;
