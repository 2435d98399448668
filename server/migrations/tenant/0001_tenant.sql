-- The tables of one organization. The search path is its schema; `tenant_role` stands for its role.
-- The tables belong to the login that migrates: the role itself can change no table, and the audit
-- trail it can only read and extend.

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

CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'admin', 'security_officer', 'auditor', 'member')),
    state text NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'revoked')),
    invited_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    decided_at timestamptz
);
-- One open invitation for an address.
CREATE UNIQUE INDEX invitations_open ON invitations (email) WHERE state = 'pending';
CREATE INDEX invitations_newest ON invitations (created_at, id);
GRANT SELECT, INSERT, UPDATE ON invitations TO tenant_role;

-- The keys of this log's owner, each wrapped by the master key.
CREATE TABLE keys (
    purpose text NOT NULL,
    version integer NOT NULL,
    wrapped bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (purpose, version)
);

-- One row: how long the log is, and the peaks of its Merkle tree (32 bytes each, largest first).
CREATE TABLE audit_head (
    id integer PRIMARY KEY CHECK (id = 1),
    size bigint NOT NULL,
    peaks bytea NOT NULL
);

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
