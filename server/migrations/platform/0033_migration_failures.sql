-- The version of the organizations' tables that whoever migrates brings them to. A program that knows an older one makes no
-- organizations any more: nobody would bring these up to date.
ALTER TABLE installation ADD COLUMN tenant_version bigint NOT NULL DEFAULT 0;

-- Organizations whose tables could not be brought up to date. A row goes when they are.
CREATE TABLE migration_failures (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    -- The tenant migration that failed.
    version bigint NOT NULL,
    -- What Postgres says: its SQLSTATE and its message, without the values of rows.
    code text NOT NULL,
    message text NOT NULL,
    -- How often somebody has tried.
    attempts integer NOT NULL DEFAULT 1,
    first_failed_at timestamptz NOT NULL,
    failed_at timestamptz NOT NULL
);
