-- Accounts that run the platform, by the operator's console. Nobody but the administrator, at the command line, adds one or
-- takes one away; it goes with its account.
CREATE TABLE operators (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    added_at timestamptz NOT NULL
);

-- When somebody, or a program with a key, was last in an organization, to some minutes. It is a table of its own, so that
-- nobody who comes in waits for those who change the organization's row.
CREATE TABLE tenant_activity (
    tenant_id uuid PRIMARY KEY,
    last_at timestamptz NOT NULL
);

-- How large the platform was, day by day.
CREATE TABLE capacity_readings (
    -- In UTC.
    day date PRIMARY KEY,
    organizations bigint NOT NULL,
    relations bigint NOT NULL,
    bytes bigint NOT NULL,
    taken_at timestamptz NOT NULL
);
