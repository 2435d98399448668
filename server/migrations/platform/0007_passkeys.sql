-- Passkeys (WebAuthn): keys that a device keeps and uses only after it has recognized its owner.
CREATE TABLE passkeys (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    name text NOT NULL,
    -- What the device calls the key: nobody else's is called so.
    credential_id bytea NOT NULL CONSTRAINT passkeys_credential_key UNIQUE,
    -- The public key, how often it was used as far as the device counts, and how it was made: as webauthn-rs writes it.
    credential jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
);
CREATE INDEX passkeys_account ON passkeys (account_id);

-- What a passkey is asked to sign. Answering takes the row away: each is good once.
CREATE TABLE passkey_challenges (
    id uuid PRIMARY KEY,
    -- The session that has asked. Without one, the browser's sealed cookie holds the id of the row.
    session_id uuid,
    purpose text NOT NULL CHECK (purpose IN ('enrolment', 'sign_in', 'second_step', 'step_up')),
    -- What was asked for, as webauthn-rs writes it.
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT passkey_challenges_session_key UNIQUE (session_id, purpose)
);
CREATE INDEX passkey_challenges_created ON passkey_challenges (created_at);
