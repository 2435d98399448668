-- The tables of one organization. The search path is its schema; `tenant_role` stands for its role.
-- The tables belong to the login that migrates: the role itself can change no table, and the audit
-- trail it can only read and extend.
--
-- Where the program bounds all that is in a row to a few kilobytes, a table gets its columns when it is there already, with
-- STORAGE PLAIN at once: so Postgres keeps no table beside it for values that do not fit on a page.

CREATE TABLE members (
    account_id uuid CONSTRAINT members_pkey PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'security_officer', 'auditor', 'member')),
    status text NOT NULL CHECK (status IN ('active', 'suspended')),
    joined_at timestamptz NOT NULL,
    last_seen_at timestamptz
);
-- The list is sorted by name unless somebody asks otherwise, as people of all languages would sort it.
CREATE INDEX members_name ON members (name COLLATE "und-x-icu", account_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON members TO tenant_role;

CREATE TABLE invitations ();
ALTER TABLE invitations
    ADD id uuid PRIMARY KEY,
    ADD email text NOT NULL,
    ADD role text NOT NULL CHECK (role IN ('owner', 'admin', 'security_officer', 'auditor', 'member')),
    ADD state text NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'revoked')),
    ADD invited_by uuid NOT NULL,
    ADD created_at timestamptz NOT NULL,
    ADD expires_at timestamptz NOT NULL,
    ADD decided_at timestamptz,
    ALTER email SET STORAGE PLAIN, ALTER role SET STORAGE PLAIN, ALTER state SET STORAGE PLAIN;
-- One open invitation for an address.
CREATE UNIQUE INDEX invitations_open ON invitations (email) WHERE state = 'pending';
CREATE INDEX invitations_newest ON invitations (created_at, id);
GRANT SELECT, INSERT, UPDATE ON invitations TO tenant_role;

-- The keys of this log's owner, each wrapped by the master key.
CREATE TABLE keys ();
ALTER TABLE keys
    ADD purpose text NOT NULL,
    ADD version integer NOT NULL,
    ADD wrapped bytea NOT NULL,
    ADD created_at timestamptz NOT NULL,
    ADD PRIMARY KEY (purpose, version),
    ALTER purpose SET STORAGE PLAIN, ALTER wrapped SET STORAGE PLAIN;

-- One row: how long the log is, and the peaks of its Merkle tree (32 bytes each, largest first).
CREATE TABLE audit_head ();
ALTER TABLE audit_head
    ADD id integer PRIMARY KEY CHECK (id = 1),
    ADD size bigint NOT NULL,
    ADD peaks bytea NOT NULL,
    ALTER peaks SET STORAGE PLAIN;

CREATE TABLE audit_entries (
    index bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    actor_id uuid,
    target_id text NOT NULL,
    -- The canonical bytes that are hashed: see domain::audit.
    canonical text NOT NULL,
    leaf bytea NOT NULL,
    -- The personal values behind the entry's commitments, sealed under the log's key.
    openings bytea NOT NULL
);
GRANT SELECT, INSERT ON keys TO tenant_role;
GRANT SELECT, UPDATE ON audit_head TO tenant_role;
GRANT SELECT, INSERT ON audit_entries TO tenant_role;
