-- When an organization is deleted for good. Until then it is `deleting`: nobody uses it, and its owners can keep it. One
-- that is suspended at that stays suspended, which is more: its owners have no say.
ALTER TABLE tenants
    ADD COLUMN delete_at timestamptz,
    -- When housekeeping has first seen that: whoever steals an organization's connection can write the former, and not
    -- this.
    ADD COLUMN deletion_seen_at timestamptz,
    DROP CONSTRAINT tenants_status_check,
    ADD CONSTRAINT tenants_status_check CHECK (
        status = 'active' AND delete_at IS NULL
        OR status = 'suspended'
        OR status = 'deleting' AND delete_at IS NOT NULL);
CREATE INDEX tenants_delete_at ON tenants (delete_at) WHERE delete_at IS NOT NULL;
