-- What is begun again and again.
CREATE TABLE schedules (
    id UUID PRIMARY KEY,
    project TEXT NOT NULL,
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    -- The action as clients see it, in JSON.
    action TEXT NOT NULL,
    -- Sealed: the same with its secrets.
    payload BYTEA NOT NULL,
    -- NULL while it is not enabled.
    next_run BIGINT,
    -- The tick of the last run; NULL before the first.
    last_run BIGINT,
    last_job UUID,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (project, name)
);

CREATE INDEX schedules_due ON schedules (next_run) WHERE next_run IS NOT NULL;

-- What became of a call with many actions, as a list in JSON; NULL where the key stands for one job.
ALTER TABLE idempotency ADD COLUMN items TEXT;
