-- Whether an invitation came of a file: its entry names the job.
ALTER TABLE invitations ADD COLUMN imported boolean NOT NULL DEFAULT false;
UPDATE invitations SET imported = true
WHERE id::text IN (SELECT target_id FROM audit_entries
                   WHERE action = 'invitation.created' AND canonical LIKE '%"field":"job"%');
-- How somebody came to be a member.
ALTER TABLE members ADD COLUMN source text NOT NULL DEFAULT 'invitation'
    CONSTRAINT members_source_check CHECK (source IN ('founder', 'invitation', 'import'));
UPDATE members SET source = 'founder'
WHERE joined_at = (SELECT min(joined_at) FROM members)
  AND NOT EXISTS (SELECT FROM audit_entries e
                  WHERE e.actor_id = members.account_id AND e.action = 'invitation.accepted');
UPDATE members SET source = 'import'
WHERE account_id IN (SELECT e.actor_id FROM audit_entries e JOIN invitations i ON i.id::text = e.target_id
                     WHERE e.action = 'invitation.accepted' AND i.imported);
ALTER TABLE members ALTER COLUMN source DROP DEFAULT;

-- With which sessions members come into this organization: the organization's own copy, renewed every few minutes. When
-- and where else a session is used is no business of the organization's.
CREATE TABLE member_sessions ();
ALTER TABLE member_sessions
    ADD account_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    ADD session_id uuid NOT NULL,
    ADD ip inet,
    ADD device text,
    ADD first_seen_at timestamptz NOT NULL,
    ADD last_seen_at timestamptz NOT NULL,
    -- Whoever comes with it has to have shown who they are since then.
    ADD ended_at timestamptz,
    ADD PRIMARY KEY (account_id, session_id),
    ALTER ip SET STORAGE PLAIN, ALTER device SET STORAGE PLAIN;
CREATE INDEX member_sessions_seen ON member_sessions (last_seen_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON member_sessions TO tenant_role;

-- What somebody asks the list of members for again and again.
CREATE TABLE saved_filters (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    name text NOT NULL,
    -- As in the list's address.
    query text NOT NULL
);
CREATE UNIQUE INDEX saved_filters_name ON saved_filters (account_id, lower(name COLLATE "und-x-icu"));
GRANT SELECT, INSERT, DELETE ON saved_filters TO tenant_role;

-- Into a group, and out of it.
ALTER TABLE jobs DROP CONSTRAINT jobs_kind_check;
ALTER TABLE jobs ADD CONSTRAINT jobs_kind_check
    CHECK (kind IN ('role', 'suspend', 'resume', 'remove', 'remind', 'end_access', 'import', 'join', 'leave'));
