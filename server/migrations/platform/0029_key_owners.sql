-- Whose secrets of API keys are, so that all of an account's end in one statement, and when somebody looks whether to tell
-- that a key ends soon.
ALTER TABLE api_keys
    -- The account for which the key acts; none for a service account's.
    ADD COLUMN account_id uuid,
    -- The account that has made the secret. Neither is known of secrets from before.
    ADD COLUMN issued_by uuid,
    -- From then on somebody looks. When a key ends, its organization's policy has a say in: so they look once a day.
    ADD COLUMN look_at timestamptz NOT NULL DEFAULT '-infinity';
CREATE INDEX api_keys_account ON api_keys (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX api_keys_issuer ON api_keys (issued_by) WHERE issued_by IS NOT NULL;
CREATE INDEX api_keys_look_at ON api_keys (look_at);
