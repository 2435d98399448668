-- Domains that are shown to be an organization's: the accounts with addresses there, which are in no other
-- organization, are its to manage. For now whoever runs the platform notes them.
CREATE TABLE domains (
    -- In lower case. Nobody else's.
    domain text CONSTRAINT domains_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    verified_at timestamptz NOT NULL
);
CREATE INDEX domains_tenant ON domains (tenant_id);
