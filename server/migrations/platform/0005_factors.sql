-- What somebody proves themselves with besides the password.

-- Apps that show a code which changes every 30 seconds (TOTP, RFC 6238).
CREATE TABLE authenticators (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL,
    -- What the app and the portal share, sealed.
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL,
    -- When a right code has shown that the app has the secret; it counts from then on.
    confirmed_at timestamptz,
    last_used_at timestamptz,
    -- The step of time of the newest code that was taken: it and all before it are spent.
    last_step bigint NOT NULL DEFAULT 0
);
CREATE INDEX authenticators_account ON authenticators (account_id);

-- Codes that somebody has tried, noted before they are looked at; a right one is taken back.
CREATE TABLE code_tries (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    at timestamptz NOT NULL,
    -- One too many, and not looked at: here for the audit entry that tells of it.
    refused boolean NOT NULL
);
CREATE INDEX code_tries_account ON code_tries (account_id, at);

-- How far somebody has come: with the password alone a session is good for the second step and nothing else.
ALTER TABLE sessions ADD COLUMN stage text NOT NULL DEFAULT 'full' CHECK (stage IN ('password', 'full'));
ALTER TABLE sessions ALTER COLUMN stage DROP DEFAULT;
