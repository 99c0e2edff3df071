-- Most jobs have no such key: what is not in the index need not be kept up in it.
ALTER TABLE jobs DROP CONSTRAINT jobs_unique_key_key;
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE unique_key IS NOT NULL;

-- Else they are planned anew for each row, which takes many times longer than what they do.
ALTER FUNCTION jobs_leave_accounts() SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION jobs_begin_leases() SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION jobs_end_leases() SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION leases_tell() SET plan_cache_mode = force_generic_plan;

-- Once for all jobs that end in one statement; most often there is nobody to tell.
DROP TRIGGER jobs_tell ON jobs;
CREATE OR REPLACE FUNCTION jobs_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM notifiers WHERE job_failed OR job_ended) THEN
        RETURN NULL;
    END IF;
    INSERT INTO outbox (event, notifier, kind, at, cloud, action, body, next_at)
    SELECT replace(job.id::text, '-', '') || '-' || job.updated_at, name,
        CASE WHEN job.state = 'error' AND job_failed THEN 'job.failed' ELSE 'job.ended' END,
        job.updated_at, job.cloud, job.action,
        json_build_object('id', job.id, 'action', job.action, 'state', job.state,
            'cloud', job.cloud, 'resource_kind', job.resource_kind,
            'resource_id', job.resource_id, 'params', job.params::json, 'error', job.error::json,
            'tries', job.attempt, 'project', job.project, 'request_id', job.request_id,
            'created_at', job.created_at, 'ended_at', job.updated_at),
        job.updated_at
    FROM job JOIN before ON before.id = job.id
    JOIN notifiers ON job_ended OR (job_failed AND job.state = 'error')
    WHERE job.state IN ('finished', 'error', 'cancelled')
        AND before.state NOT IN ('finished', 'error', 'cancelled')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER jobs_tell AFTER UPDATE ON jobs REFERENCING OLD TABLE AS before NEW TABLE AS job
FOR EACH STATEMENT EXECUTE FUNCTION jobs_tell();
