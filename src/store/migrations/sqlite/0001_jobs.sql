CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO meta (name, value) VALUES ('check', '');

CREATE TABLE jobs (
    id BLOB PRIMARY KEY,
    action TEXT NOT NULL,
    project TEXT NOT NULL,
    cloud TEXT NOT NULL,
    -- The cloud and the project: what a fair share is given to.
    lane TEXT NOT NULL,
    resource_kind TEXT NOT NULL,
    resource_id TEXT,
    -- delayed (not before run_at), ready, running, finished, error, cancelled
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    attempt_max INTEGER NOT NULL,
    timeout_ms INTEGER NOT NULL,
    lease BLOB,
    lease_until INTEGER,
    worker TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT FALSE,
    request_id TEXT NOT NULL,
    params TEXT NOT NULL,
    -- Sealed. Gone once the job cannot be tried again.
    payload BLOB,
    -- One JSON document a line.
    steps TEXT NOT NULL DEFAULT '',
    -- A list in JSON.
    made TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    result TEXT,
    -- Sealed. Gone once they were handed over.
    secrets BLOB,
    unique_key TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE INDEX jobs_ready ON jobs (lane, priority DESC, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_delayed ON jobs (run_at) WHERE state = 'delayed';
CREATE INDEX jobs_running ON jobs (lane) WHERE state = 'running';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE idempotency (
    project TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    job BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (project, key)
) STRICT;
CREATE INDEX idempotency_age ON idempotency (created_at);
