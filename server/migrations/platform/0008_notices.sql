-- What people are told of by mail because somebody else may have done it: each has a link "This was not me".
CREATE TABLE notices (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    kind text NOT NULL CHECK (kind IN (
        'new_device', 'password_changed', 'authenticator_added', 'authenticator_removed', 'passkey_added',
        'passkey_removed', 'recovery_codes_generated')),
    -- The authenticator app or passkey that was added or removed.
    factor_id uuid,
    -- What its owner calls it.
    factor_name text,
    at timestamptz NOT NULL,
    ip inet,
    device text
);
CREATE INDEX notices_account ON notices (account_id);
CREATE INDEX notices_at ON notices (at);

-- Where an account was signed in to before: what comes from elsewhere is told by mail.
CREATE TABLE known_devices (
    account_id uuid NOT NULL REFERENCES accounts,
    -- A keyed hash of the account's id, browser, system and network: of no use without the master key.
    hash bytea NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (account_id, hash)
);

ALTER TABLE tokens
    DROP CONSTRAINT tokens_purpose_check,
    ADD CONSTRAINT tokens_purpose_check CHECK (purpose IN ('invitation', 'registration', 'reset', 'not_me'));
