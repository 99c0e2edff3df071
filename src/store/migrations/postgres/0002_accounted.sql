-- What is on a cloud with a mark of ours and is somebody's although no job says so.
CREATE TABLE accounted (
    cloud TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    -- made (by a job that is forgotten), adopted, forgotten
    how TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (cloud, kind, id)
);

-- What a job made outlives what is known of the job.
CREATE FUNCTION jobs_leave_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO accounted (cloud, kind, id, how, created_at)
    SELECT OLD.cloud, thing ->> 'kind', thing ->> 'id', 'made', OLD.created_at
    FROM json_array_elements(OLD.made::json) AS thing WHERE thing ->> 'id' IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN OLD;
END $$;

CREATE TRIGGER jobs_leave_accounts BEFORE DELETE ON jobs
FOR EACH ROW WHEN (OLD.state = 'finished' AND OLD.made <> '[]')
EXECUTE FUNCTION jobs_leave_accounts();
