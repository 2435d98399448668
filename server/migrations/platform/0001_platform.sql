-- The platform's own tables. They live in the schema `platform`, which is the search path here.

-- One row: which installation this is. Roles are global to a cluster, so their names carry this id.
CREATE TABLE installation (
    id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{8}$'),
    created_at timestamptz NOT NULL
);

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    status text NOT NULL CHECK (status IN ('active', 'suspended')),
    lane smallint NOT NULL,
    -- Version of the tenant's own migrations; a tenant that is behind is not served.
    schema_version bigint NOT NULL,
    -- Bumped by whatever every session in the organization has to notice at once.
    epoch bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    suspended_at timestamptz
);

-- Every slug that leads to an organization, today's and former ones: one table, so that a former
-- one cannot be taken by somebody else.
CREATE TABLE slugs (
    slug text PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    claimed_at timestamptz NOT NULL
);

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    -- Trimmed and in lower case: see domain::email.
    email text NOT NULL CONSTRAINT accounts_email_key UNIQUE,
    email_proven_at timestamptz,
    name text NOT NULL,
    time_zone text NOT NULL,
    theme text NOT NULL,
    -- Bumped by whatever every session of the person has to notice at once.
    epoch bigint NOT NULL DEFAULT 0,
    last_tenant_id uuid REFERENCES tenants,
    created_at timestamptz NOT NULL
);

CREATE TABLE passwords (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    -- PHC string with its parameters.
    hash text NOT NULL,
    changed_at timestamptz NOT NULL
);

-- Who is in which organization: for the switcher and the gate. Role and status are the tenant's.
CREATE TABLE memberships (
    account_id uuid NOT NULL REFERENCES accounts,
    tenant_id uuid NOT NULL REFERENCES tenants,
    since timestamptz NOT NULL,
    PRIMARY KEY (account_id, tenant_id)
);
CREATE INDEX memberships_tenant ON memberships (tenant_id);

CREATE TABLE sessions (
    -- SHA-256 of the secret in the cookie.
    id_hash bytea PRIMARY KEY,
    -- The session's name in lists and logs; of no use as a cookie.
    id uuid NOT NULL UNIQUE,
    account_id uuid NOT NULL REFERENCES accounts,
    -- The account's epoch when the session began; an older one is over.
    epoch bigint NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    elevated_until timestamptz NOT NULL,
    ip inet,
    device text,
    -- What pages remember from one request to the next (flashes). Nothing here grants anything.
    data jsonb NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);

-- The one place of secrets that are handed out by mail or as a link, as SHA-256 of 256 random bits.
CREATE TABLE tokens (
    hash bytea PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('invitation', 'registration', 'reset')),
    -- The invitation, registration or account.
    subject uuid NOT NULL,
    tenant_id uuid REFERENCES tenants,
    -- By mail it proves the address; a copied link does not.
    channel text NOT NULL CHECK (channel IN ('mail', 'link')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX tokens_subject ON tokens (subject);

-- Sign-ups that wait for their address to be confirmed.
CREATE TABLE registrations (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    password_hash text NOT NULL,
    organization text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Where an address is invited to, so that a signed-in person sees it without a search in every schema.
CREATE TABLE pending_invitations (
    tenant_id uuid NOT NULL REFERENCES tenants,
    invitation_id uuid NOT NULL,
    email text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, invitation_id)
);
CREATE INDEX pending_invitations_email ON pending_invitations (email);

-- Mail that is to be sent: outbox and queue in one. A row names what to write about; the link in
-- the mail is made when it is sent and is stored nowhere.
CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    tenant_id uuid REFERENCES tenants,
    kind text NOT NULL,
    subject uuid NOT NULL,
    recipient text NOT NULL,
    details jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled')),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX outbox_subject ON outbox (subject);

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
