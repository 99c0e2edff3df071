-- Whom ends of jobs and of leases are told to. What is told is in the settings; this says what each
-- wants, and how it fares.
CREATE TABLE notifiers (
    name TEXT PRIMARY KEY,
    job_failed INTEGER NOT NULL,
    job_ended INTEGER NOT NULL,
    lease_notice INTEGER NOT NULL,
    lease_ended INTEGER NOT NULL,
    -- When a process last said that its settings have it.
    seen_at INTEGER NOT NULL,
    delivered_at INTEGER,
    failed_at INTEGER,
    error TEXT,
    -- How much was given up.
    lost INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What is yet to be told, a row for each notifier.
CREATE TABLE outbox (
    event TEXT NOT NULL,
    notifier TEXT NOT NULL,
    -- job.failed, job.ended, lease.notice, lease.ended
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    cloud TEXT NOT NULL,
    -- The action of the job; empty for a lease.
    action TEXT NOT NULL,
    -- The job or the lease, as JSON.
    body TEXT NOT NULL,
    -- How often it was taken, which tells those apart who did.
    attempt INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (event, notifier)
) STRICT;
CREATE INDEX outbox_due ON outbox (notifier, next_at);

-- In the step that ends a job, so that no crash comes between.
CREATE TRIGGER jobs_tell AFTER UPDATE OF state ON jobs
WHEN NEW.state IN ('finished', 'error', 'cancelled')
    AND OLD.state NOT IN ('finished', 'error', 'cancelled')
BEGIN
    INSERT OR IGNORE INTO outbox (event, notifier, kind, at, cloud, action, body, next_at)
    SELECT lower(hex(NEW.id)) || '-' || NEW.updated_at, name,
        CASE WHEN NEW.state = 'error' AND job_failed THEN 'job.failed' ELSE 'job.ended' END,
        NEW.updated_at, NEW.cloud, NEW.action,
        json_object('id', lower(hex(NEW.id)), 'action', NEW.action, 'state', NEW.state,
            'cloud', NEW.cloud, 'resource_kind', NEW.resource_kind,
            'resource_id', NEW.resource_id, 'params', json(NEW.params), 'error', json(NEW.error),
            'tries', NEW.attempt, 'project', NEW.project, 'request_id', NEW.request_id,
            'created_at', NEW.created_at, 'ended_at', NEW.updated_at),
        NEW.updated_at
    FROM notifiers WHERE job_ended OR (job_failed AND NEW.state = 'error');
END;

CREATE TRIGGER leases_tell_notice AFTER UPDATE OF noticed ON leases
WHEN NEW.noticed AND NOT OLD.noticed AND NOT NEW.ending
BEGIN
    INSERT OR IGNORE INTO outbox (event, notifier, kind, at, cloud, action, body, next_at)
    SELECT lower(hex(NEW.term)) || '-notice-' || NEW.node, name, 'lease.notice',
        CAST(unixepoch('subsec') * 1000 AS INTEGER),
        NEW.cloud, '',
        json_object('cloud', NEW.cloud, 'node', NEW.node, 'name', NEW.name,
            'expires_at', NEW.expires_at, 'protected', json(iif(NEW.protected, 'true', 'false')),
            'assigned_to', NEW.assigned_to, 'purpose', NEW.purpose),
        0
    FROM notifiers WHERE lease_notice;
END;

CREATE TRIGGER leases_tell_end AFTER UPDATE OF kept, ending ON leases
WHEN (NEW.kept AND NOT OLD.kept) OR (NEW.ending AND NOT OLD.ending)
BEGIN
    INSERT OR IGNORE INTO outbox (event, notifier, kind, at, cloud, action, body, next_at)
    SELECT lower(hex(NEW.term)) || '-ended-' || NEW.node, name, 'lease.ended',
        CAST(unixepoch('subsec') * 1000 AS INTEGER),
        NEW.cloud, '',
        json_object('cloud', NEW.cloud, 'node', NEW.node, 'name', NEW.name,
            'expires_at', NEW.expires_at, 'protected', json(iif(NEW.protected, 'true', 'false')),
            'assigned_to', NEW.assigned_to, 'purpose', NEW.purpose),
        0
    FROM notifiers WHERE lease_ended;
END;
