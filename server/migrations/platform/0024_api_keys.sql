-- The secrets of organizations' API keys, as SHA-256 of 192 random bits: the one place where a key that a program comes
-- with is looked for. The key itself is a row of the organization's (tenant migration 13), which has to know the secret,
-- too: a row here alone opens nothing.
CREATE TABLE api_keys (
    hash bytea PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    key_id uuid NOT NULL,
    -- From then on it opens nothing: the key expires, or it was rotated and the former secret has had its time.
    ends_at timestamptz NOT NULL,
    -- When the organization's programs were told that this is soon.
    told_at timestamptz
);
CREATE INDEX api_keys_key ON api_keys (tenant_id, key_id);
CREATE INDEX api_keys_ends_at ON api_keys (ends_at);

-- Of each organization that has keys, how often something has changed on which depends what they may do. Whoever has read
-- that and kept it reads it again when this has moved. It is a table of its own, so that nobody waits here for those who
-- change the organization's row, and nobody of them waits for this.
CREATE TABLE key_epochs (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    epoch bigint NOT NULL
);
