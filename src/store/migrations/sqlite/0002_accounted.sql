-- What is on a cloud with a mark of ours and is somebody's although no job says so.
CREATE TABLE accounted (
    cloud TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    -- made (by a job that is forgotten), adopted, forgotten
    how TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (cloud, kind, id)
) STRICT;

-- What a job made outlives what is known of the job.
CREATE TRIGGER jobs_leave_accounts BEFORE DELETE ON jobs
WHEN OLD.state = 'finished' AND OLD.made <> '[]'
BEGIN
    INSERT OR IGNORE INTO accounted (cloud, kind, id, how, created_at)
    SELECT OLD.cloud, json_extract(thing, '$.kind'), json_extract(thing, '$.id'), 'made',
        OLD.created_at
    FROM (SELECT CASE type WHEN 'object' THEN value ELSE '{}' END AS thing FROM json_each(OLD.made))
    WHERE json_extract(thing, '$.id') IS NOT NULL;
END;
