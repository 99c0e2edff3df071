-- Whom ends of jobs and of leases are told to. What is told is in the settings; this says what each
-- wants, and how it fares.
CREATE TABLE notifiers (
    name TEXT PRIMARY KEY,
    job_failed BOOLEAN NOT NULL,
    job_ended BOOLEAN NOT NULL,
    lease_notice BOOLEAN NOT NULL,
    lease_ended BOOLEAN NOT NULL,
    -- When a process last said that its settings have it.
    seen_at BIGINT NOT NULL,
    delivered_at BIGINT,
    failed_at BIGINT,
    error TEXT,
    -- How much was given up.
    lost BIGINT NOT NULL DEFAULT 0
);

-- What is yet to be told, a row for each notifier.
CREATE TABLE outbox (
    event TEXT NOT NULL,
    notifier TEXT NOT NULL,
    -- job.failed, job.ended, lease.notice, lease.ended
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    cloud TEXT NOT NULL,
    -- The action of the job; empty for a lease.
    action TEXT NOT NULL,
    -- The job or the lease, as JSON.
    body TEXT NOT NULL,
    -- How often it was taken, which tells those apart who did.
    attempt INTEGER NOT NULL DEFAULT 0,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (event, notifier)
);
CREATE INDEX outbox_due ON outbox (notifier, next_at);

-- In the step that ends a job, so that no crash comes between.
CREATE FUNCTION jobs_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox (event, notifier, kind, at, cloud, action, body, next_at)
    SELECT replace(NEW.id::text, '-', '') || '-' || NEW.updated_at, name,
        CASE WHEN NEW.state = 'error' AND job_failed THEN 'job.failed' ELSE 'job.ended' END,
        NEW.updated_at, NEW.cloud, NEW.action,
        json_build_object('id', NEW.id, 'action', NEW.action, 'state', NEW.state,
            'cloud', NEW.cloud, 'resource_kind', NEW.resource_kind,
            'resource_id', NEW.resource_id, 'params', NEW.params::json, 'error', NEW.error::json,
            'tries', NEW.attempt, 'project', NEW.project, 'request_id', NEW.request_id,
            'created_at', NEW.created_at, 'ended_at', NEW.updated_at),
        NEW.updated_at
    FROM notifiers WHERE job_ended OR (job_failed AND NEW.state = 'error')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER jobs_tell AFTER UPDATE OF state ON jobs
FOR EACH ROW WHEN (NEW.state IN ('finished', 'error', 'cancelled')
    AND OLD.state NOT IN ('finished', 'error', 'cancelled'))
EXECUTE FUNCTION jobs_tell();

CREATE FUNCTION leases_tell() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    has_ended BOOLEAN := NEW.kept AND NOT OLD.kept OR NEW.ending AND NOT OLD.ending;
BEGIN
    INSERT INTO outbox (event, notifier, kind, at, cloud, action, body, next_at)
    SELECT replace(NEW.term::text, '-', '')
            || CASE WHEN has_ended THEN '-ended-' ELSE '-notice-' END || NEW.node,
        name, CASE WHEN has_ended THEN 'lease.ended' ELSE 'lease.notice' END,
        CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT),
        NEW.cloud, '',
        json_build_object('cloud', NEW.cloud, 'node', NEW.node, 'name', NEW.name,
            'expires_at', NEW.expires_at, 'protected', NEW.protected,
            'assigned_to', NEW.assigned_to, 'purpose', NEW.purpose),
        0
    FROM notifiers WHERE CASE WHEN has_ended THEN lease_ended ELSE lease_notice END
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER leases_tell AFTER UPDATE OF noticed, kept, ending ON leases
FOR EACH ROW WHEN (NEW.noticed AND NOT OLD.noticed AND NOT NEW.ending
    OR NEW.kept AND NOT OLD.kept OR NEW.ending AND NOT OLD.ending)
EXECUTE FUNCTION leases_tell();
