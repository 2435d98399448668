-- Passwords and codes that were wrong, until each organization that it concerns has its copy: seconds. A row is written
-- for every try, whether there is such an account or not, so that the time of an answer tells nothing.
CREATE TABLE sign_in_failures (
    id uuid PRIMARY KEY,
    -- Whose, if the address is an account's; it may be gone by the time.
    account_id uuid,
    -- The domain of the address, if it is nobody's: it may be an organization's.
    domain text,
    at timestamptz NOT NULL,
    -- One of the program's words: see domain::detections::FactKind.
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    ip inet,
    -- From then on somebody copies it.
    due_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_due ON sign_in_failures (due_at);
