-- Until when a node may be there, whose it is, and whether it may be destroyed.
CREATE TABLE leases (
    cloud TEXT NOT NULL,
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    expires_at BIGINT,
    -- Another one each time the end is another: what was begun for an end that is off does not count.
    term UUID NOT NULL,
    protected BOOLEAN NOT NULL DEFAULT FALSE,
    assigned_to TEXT,
    purpose TEXT,
    assigned_at BIGINT,
    -- Whether the end came with the assignment and goes with it, and the end before.
    end_is_assigned BOOLEAN NOT NULL DEFAULT FALSE,
    end_before BIGINT,
    -- Whether the coming end was told.
    noticed BOOLEAN NOT NULL DEFAULT FALSE,
    -- Whether the end was told of a node that is protected and stays.
    kept BOOLEAN NOT NULL DEFAULT FALSE,
    -- Whether the node is to be destroyed, by this job.
    ending BOOLEAN NOT NULL DEFAULT FALSE,
    job UUID,
    -- When the node was last seen on its cloud.
    seen_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (cloud, node)
);
CREATE INDEX leases_end ON leases (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX leases_seen ON leases (seen_at);

-- A node has the lease that it was asked for with from the moment that its job knows it.
CREATE FUNCTION jobs_begin_leases() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    asked JSON := NEW.params::json;
BEGIN
    IF asked ->> 'expires_at' IS NULL AND asked ->> 'protected' IS DISTINCT FROM 'true' THEN
        RETURN NULL;
    END IF;
    INSERT INTO leases
        (cloud, node, name, expires_at, term, protected, seen_at, created_at, updated_at)
    VALUES (NEW.cloud, NEW.resource_id, asked ->> 'name',
        CAST(round(extract(epoch FROM CAST(asked ->> 'expires_at' AS timestamptz)) * 1000) AS BIGINT),
        NEW.id, COALESCE(CAST(asked ->> 'protected' AS BOOLEAN), FALSE),
        NEW.updated_at, NEW.updated_at, NEW.updated_at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER jobs_begin_leases AFTER UPDATE OF resource_id ON jobs
FOR EACH ROW WHEN (NEW.action = 'CreateNode' AND NEW.resource_id IS NOT NULL
    AND OLD.resource_id IS DISTINCT FROM NEW.resource_id)
EXECUTE FUNCTION jobs_begin_leases();

-- A node that is gone has no lease.
CREATE FUNCTION jobs_end_leases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leases WHERE cloud = NEW.cloud AND node = NEW.resource_id;
    RETURN NULL;
END $$;

CREATE TRIGGER jobs_end_leases AFTER UPDATE OF state ON jobs
FOR EACH ROW WHEN (NEW.action = 'DestroyNode' AND NEW.state = 'finished'
    AND OLD.state <> 'finished')
EXECUTE FUNCTION jobs_end_leases();
