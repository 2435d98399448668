-- API keys, and accounts of programs that have some.

CREATE TABLE service_accounts ();
ALTER TABLE service_accounts
    ADD id uuid PRIMARY KEY,
    ADD name text NOT NULL,
    ADD description text NOT NULL,
    -- The member who stands for it: its keys may do what they may, at most. They may have left.
    ADD sponsor_id uuid NOT NULL,
    ADD created_at timestamptz NOT NULL,
    -- Since when its keys open nothing.
    ADD disabled_at timestamptz,
    ALTER name SET STORAGE PLAIN, ALTER description SET STORAGE PLAIN;
CREATE UNIQUE INDEX service_accounts_name ON service_accounts (lower(name COLLATE "und-x-icu"));
GRANT SELECT, INSERT, UPDATE ON service_accounts TO tenant_role;

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    -- The first characters of the secret behind its prefix, for whoever looks for the key that they have at hand.
    hint text NOT NULL,
    -- Without one, whoever has made it answers for it.
    service_account_id uuid REFERENCES service_accounts,
    created_by uuid NOT NULL,
    -- Names of permissions; what this program does not know is none.
    scopes text[] NOT NULL,
    -- JSON: see domain::policy::Networks.
    networks text NOT NULL,
    requests_per_minute integer CHECK (requests_per_minute > 0),
    -- The hash of its secret, as in platform.api_keys, and that of the secret before, as long as it works.
    secret bytea NOT NULL,
    former bytea,
    former_until timestamptz,
    created_at timestamptz NOT NULL,
    -- When it got its secret.
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    -- To a minute.
    last_used_at timestamptz,
    last_used_ip inet,
    -- Names of the permissions that it has used.
    used text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX api_keys_newest ON api_keys (created_at, id);
GRANT SELECT, INSERT, UPDATE ON api_keys TO tenant_role;
