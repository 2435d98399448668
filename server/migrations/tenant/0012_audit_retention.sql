-- What keeps entries of the audit trail that are older than the policy has them kept.
CREATE TABLE audit_holds (
    id uuid PRIMARY KEY,
    -- Which entries, as in the list's address.
    query text NOT NULL,
    reason text NOT NULL,
    placed_by uuid NOT NULL,
    placed_at timestamptz NOT NULL,
    released_by uuid,
    released_at timestamptz
);
GRANT SELECT, INSERT, UPDATE (released_by, released_at) ON audit_holds TO tenant_role;

-- How far the trail was looked through for entries of a class that are older than they are kept. Taking them away is the
-- administrator's: the organization's own role can empty no entry, and not say that one was looked at.
CREATE TABLE audit_retention ();
ALTER TABLE audit_retention
    ADD class text PRIMARY KEY,
    -- Entries of the class below this index were looked at.
    ADD until bigint NOT NULL,
    -- What is older than this was taken away, but for what was held.
    ADD cut_at timestamptz,
    -- How many holds had been released by then: when there are more, everything is looked at again.
    ADD released bigint NOT NULL,
    -- When that was done last.
    ADD looked_at timestamptz,
    ALTER class SET STORAGE PLAIN;
GRANT SELECT ON audit_retention TO tenant_role;

-- What is empty is found by what it was: somebody else may have emptied it.
CREATE INDEX audit_entries_empty ON audit_entries (action, at) WHERE canonical = '';
