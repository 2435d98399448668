-- Changes of accounts' addresses that wait until mail was answered, and proofs of the addresses that accounts have.
CREATE TABLE address_changes (
    id uuid PRIMARY KEY,
    -- One at a time.
    account_id uuid NOT NULL CONSTRAINT address_changes_account_key UNIQUE REFERENCES accounts,
    -- The address to come; the account's own, when it is only to be proven.
    email text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- When whoever reads mail at the present address has agreed, and whoever does at the new one.
    present_agreed_at timestamptz,
    new_agreed_at timestamptz
);
CREATE INDEX address_changes_expired ON address_changes (expires_at);

-- What a secret is good for is one of the program's words (server/src/tokens.rs): a list of them here would have to be
-- renewed with each.
ALTER TABLE tokens
    DROP CONSTRAINT tokens_purpose_check,
    ADD CONSTRAINT tokens_purpose_check CHECK (purpose ~ '^[a-z_]+$');
