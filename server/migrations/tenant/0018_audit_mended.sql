-- What is derived from the trail is the administrator's to write, as what is taken away of it is: whoever gets into the
-- organization's own role can read all of it and hide nothing from a search or a proof. Entries are added with their words.
REVOKE UPDATE (terms) ON audit_entries FROM tenant_role;
REVOKE INSERT, UPDATE ON audit_progress FROM tenant_role;
REVOKE INSERT, UPDATE ON audit_hours FROM tenant_role;
REVOKE INSERT ON audit_nodes FROM tenant_role;
REVOKE INSERT ON audit_checkpoints FROM tenant_role;
-- So is forgetting what was noticed.
REVOKE DELETE ON security_events FROM tenant_role;

-- How roles and groups came to be what they are, and who has joined with which role.
DROP INDEX audit_entries_roles;
CREATE INDEX audit_entries_roles ON audit_entries (index)
    WHERE action LIKE 'role.%' OR (action LIKE 'group.%' AND action NOT LIKE 'group.member%')
       OR action = 'invitation.accepted';

-- How many others there were of the same rule that nobody was told of one by one, because there were so many at once.
ALTER TABLE alerts ADD COLUMN more bigint NOT NULL DEFAULT 0;
