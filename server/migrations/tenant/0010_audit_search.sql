-- The words in an entry, personal ones too, each as a number that nobody makes without the log's key: see audit::terms.
-- None, until somebody has looked at an entry that is older than this column.
ALTER TABLE audit_entries ADD COLUMN terms bigint[];
CREATE INDEX audit_entries_terms ON audit_entries USING gin (terms);
GRANT UPDATE (terms) ON audit_entries TO tenant_role;

-- How far the log was looked through for what is derived from it. One row, apart from the head: nobody who writes an entry
-- waits for it.
CREATE TABLE audit_progress (
    id integer PRIMARY KEY CHECK (id = 1),
    -- Entries below this index are counted in audit_hours.
    counted bigint NOT NULL,
    -- Entries below this index have no terms yet.
    unindexed bigint NOT NULL,
    -- Blocks of 256 entries whose hashes are in audit_nodes.
    blocks bigint NOT NULL,
    -- Up to this index the stored entries were hashed again in the present round of looking for damage.
    checked bigint NOT NULL,
    -- The entry that was found damaged when somebody looked last.
    damaged bigint
);
INSERT INTO audit_progress SELECT 1, 0, size, 0, 0 FROM audit_head;
GRANT SELECT, INSERT, UPDATE ON audit_progress TO tenant_role;

-- How often what was done, hour by hour, and where in the log. An entry whose clock was put back counts in the hour of the one
-- before it: so hours follow each other as entries do.
CREATE TABLE audit_hours ();
ALTER TABLE audit_hours
    ADD hour timestamptz NOT NULL,
    ADD action text NOT NULL,
    ADD outcome text NOT NULL,
    ADD times bigint NOT NULL,
    ADD first_index bigint NOT NULL,
    ADD last_index bigint NOT NULL,
    ADD first_at timestamptz NOT NULL,
    ADD last_at timestamptz NOT NULL,
    ADD PRIMARY KEY (hour, action, outcome),
    ALTER action SET STORAGE PLAIN, ALTER outcome SET STORAGE PLAIN;
GRANT SELECT, INSERT, UPDATE ON audit_hours TO tenant_role;

-- Hashes of complete subtrees of the log's tree, of 2^8, 2^16 and 2^24 entries: of these a proof is put together without
-- reading all leaves.
CREATE TABLE audit_nodes ();
ALTER TABLE audit_nodes
    ADD height smallint NOT NULL,
    ADD index bigint NOT NULL,
    ADD hash bytea NOT NULL,
    ADD PRIMARY KEY (height, index),
    ALTER hash SET STORAGE PLAIN;
GRANT SELECT, INSERT ON audit_nodes TO tenant_role;

-- Signed states of the log that were given out.
CREATE TABLE audit_checkpoints ();
ALTER TABLE audit_checkpoints
    ADD size bigint PRIMARY KEY,
    ADD at timestamptz NOT NULL,
    -- As in audit_head, by which what came behind it is checked.
    ADD peaks bytea NOT NULL,
    ADD note text NOT NULL,
    -- Somebody has asked for it; the others come by the hour.
    ADD on_demand boolean NOT NULL,
    ALTER peaks SET STORAGE PLAIN, ALTER note SET STORAGE PLAIN;
GRANT SELECT, INSERT ON audit_checkpoints TO tenant_role;

-- Filters are kept of the audit trail, too.
ALTER TABLE saved_filters ADD COLUMN list text NOT NULL DEFAULT 'members'
    CONSTRAINT saved_filters_list_check CHECK (list IN ('members', 'audit'));
ALTER TABLE saved_filters ALTER COLUMN list DROP DEFAULT;
DROP INDEX saved_filters_name;
CREATE UNIQUE INDEX saved_filters_name ON saved_filters (account_id, list, lower(name COLLATE "und-x-icu"));
