CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO meta (name, value) VALUES ('check', '');

CREATE TABLE jobs (
    id UUID PRIMARY KEY,
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
    run_at BIGINT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    attempt_max INTEGER NOT NULL,
    timeout_ms BIGINT NOT NULL,
    lease UUID,
    lease_until BIGINT,
    worker TEXT,
    cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
    request_id TEXT NOT NULL,
    params TEXT NOT NULL,
    -- Sealed. Gone once the job cannot be tried again.
    payload BYTEA,
    -- One JSON document a line.
    steps TEXT NOT NULL DEFAULT '',
    -- A list in JSON.
    made TEXT NOT NULL DEFAULT '[]',
    error TEXT,
    result TEXT,
    -- Sealed. Gone once they were handed over.
    secrets BYTEA,
    unique_key TEXT UNIQUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    ended_at BIGINT
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

CREATE INDEX jobs_ready ON jobs (lane, priority DESC, run_at, id) WHERE state = 'ready';
CREATE INDEX jobs_delayed ON jobs (run_at) WHERE state = 'delayed';
CREATE INDEX jobs_running ON jobs (lane) WHERE state = 'running';
CREATE INDEX jobs_ended ON jobs (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE idempotency (
    project TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    job UUID NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (project, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
