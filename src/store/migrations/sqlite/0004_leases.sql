-- Until when a node may be there, whose it is, and whether it may be destroyed.
CREATE TABLE leases (
    cloud TEXT NOT NULL,
    node TEXT NOT NULL,
    name TEXT NOT NULL,
    expires_at INTEGER,
    -- Another one each time the end is another: what was begun for an end that is off does not count.
    term BLOB NOT NULL,
    protected INTEGER NOT NULL DEFAULT FALSE,
    assigned_to TEXT,
    purpose TEXT,
    assigned_at INTEGER,
    -- Whether the end came with the assignment and goes with it, and the end before.
    end_is_assigned INTEGER NOT NULL DEFAULT FALSE,
    end_before INTEGER,
    -- Whether the coming end was told.
    noticed INTEGER NOT NULL DEFAULT FALSE,
    -- Whether the end was told of a node that is protected and stays.
    kept INTEGER NOT NULL DEFAULT FALSE,
    -- Whether the node is to be destroyed, by this job.
    ending INTEGER NOT NULL DEFAULT FALSE,
    job BLOB,
    -- When the node was last seen on its cloud.
    seen_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (cloud, node)
) STRICT;
CREATE INDEX leases_end ON leases (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX leases_seen ON leases (seen_at);

-- A node has the lease that it was asked for with from the moment that its job knows it.
CREATE TRIGGER jobs_begin_leases AFTER UPDATE OF resource_id ON jobs
WHEN NEW.action = 'CreateNode' AND NEW.resource_id IS NOT NULL
    AND OLD.resource_id IS NOT NEW.resource_id
    AND (json_extract(NEW.params, '$.expires_at') IS NOT NULL
        OR json_extract(NEW.params, '$.protected'))
BEGIN
    INSERT OR IGNORE INTO leases
        (cloud, node, name, expires_at, term, protected, seen_at, created_at, updated_at)
    VALUES (NEW.cloud, NEW.resource_id, json_extract(NEW.params, '$.name'),
        CAST(round(unixepoch(json_extract(NEW.params, '$.expires_at'), 'subsec') * 1000) AS INTEGER),
        NEW.id, COALESCE(json_extract(NEW.params, '$.protected'), FALSE),
        NEW.updated_at, NEW.updated_at, NEW.updated_at);
END;

-- A node that is gone has no lease.
CREATE TRIGGER jobs_end_leases AFTER UPDATE OF state ON jobs
WHEN NEW.action = 'DestroyNode' AND NEW.state = 'finished' AND OLD.state <> 'finished'
BEGIN
    DELETE FROM leases WHERE cloud = NEW.cloud AND node = NEW.resource_id;
END;
