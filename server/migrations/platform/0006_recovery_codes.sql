-- What lets somebody in whose second factor is gone: each works once.
CREATE TABLE recovery_codes (
    -- A keyed hash of the account's id and the code: of no use without the master key.
    hash bytea PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    created_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX recovery_codes_account ON recovery_codes (account_id);
