-- The policy's versions hold the whole document, and one of them is in force. What is kept of each of them does not change;
-- when one is put into force is noted beside it.
UPDATE policy_versions SET settings = json_build_object(
    'mfa', settings::json #>> '{mfa,grace_days}' IS NOT NULL,
    'mfa_methods', coalesce(settings::json #> '{mfa,methods}', '{"passkey":true,"authenticator":true}'::json),
    'mfa_grace_days', coalesce((settings::json #>> '{mfa,grace_days}')::integer, 7),
    -- The longer of both never had a say.
    'idle_minutes', least((settings::json ->> 'idle')::integer, (settings::json ->> 'absolute')::integer),
    'absolute_minutes', settings::json -> 'absolute',
    'sessions_per_person', settings::json -> 'sessions')::text;
ALTER TABLE policy_versions ADD COLUMN enforced_at timestamptz, ADD COLUMN enforced_by uuid;
UPDATE policy_versions SET enforced_at = created_at, enforced_by = author_id;
GRANT UPDATE (enforced_at, enforced_by, reason) ON policy_versions TO tenant_role;
CREATE INDEX policy_versions_enforced ON policy_versions (enforced_at) WHERE enforced_at IS NOT NULL;

-- Which version is in force, and which is being worked on. One row.
CREATE TABLE policy_head (
    id integer PRIMARY KEY CHECK (id = 1),
    -- Counts versions: the newest one's number.
    newest bigint NOT NULL,
    enforced bigint NOT NULL REFERENCES policy_versions,
    draft bigint REFERENCES policy_versions,
    -- Since when a second factor is asked for as strictly as now; none, while it is not.
    mfa_since timestamptz
);
INSERT INTO policy_head
SELECT 1, revision, revision, NULL, CASE WHEN mfa_required THEN mfa_since END FROM sign_in_policy;
GRANT SELECT, UPDATE ON policy_head TO tenant_role;
DROP TABLE sign_in_policy;

-- A version that is tried beside the one in force: it keeps nobody out, and what it would do is shown.
ALTER TABLE policy_head ADD COLUMN tried bigint REFERENCES policy_versions, ADD COLUMN tried_since timestamptz;

-- What was known of members when they came by, for a quarter of a year: by these facts it is worked out what another
-- policy would have done. One row for each day, session, proof and address, with what it was at last; what grows from one
-- visit to the next as long as these are the same is there with its largest value.
CREATE TABLE visits (
    account_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    session_id uuid NOT NULL,
    authenticated_at timestamptz NOT NULL,
    -- 0.0.0.0, where it is not known.
    ip inet NOT NULL,
    day date NOT NULL,
    last_at timestamptz NOT NULL,
    pause_seconds integer NOT NULL,
    newer_sessions integer NOT NULL,
    older_sessions integer NOT NULL,
    -- The codes of the roles that they held, with commas between them.
    roles text NOT NULL,
    authenticator boolean NOT NULL,
    passkey boolean NOT NULL,
    -- How often they came by, counted every few minutes.
    times integer NOT NULL,
    PRIMARY KEY (account_id, session_id, authenticated_at, ip, day)
);
CREATE INDEX visits_last ON visits (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON visits TO tenant_role;

-- Who is let in although a rule says no, until when, and why.
CREATE TABLE policy_exceptions ();
ALTER TABLE policy_exceptions
    ADD id uuid PRIMARY KEY,
    ADD account_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    ADD rule text NOT NULL,
    ADD reason text NOT NULL,
    ADD until timestamptz NOT NULL,
    ADD created_by uuid NOT NULL,
    ADD created_at timestamptz NOT NULL,
    -- When somebody has ended it before that.
    ADD ended_at timestamptz,
    ALTER rule SET STORAGE PLAIN, ALTER reason SET STORAGE PLAIN;
CREATE INDEX policy_exceptions_account ON policy_exceptions (account_id);
GRANT SELECT, INSERT, UPDATE ON policy_exceptions TO tenant_role;

-- When so many members are kept out before that time, the version before comes back by itself.
ALTER TABLE policy_head
    ADD COLUMN alarm_people integer CHECK (alarm_people > 0),
    ADD COLUMN alarm_until timestamptz,
    ADD COLUMN alarm_back bigint REFERENCES policy_versions;
-- Who was kept out since then.
CREATE TABLE policy_alarm (account_id uuid PRIMARY KEY REFERENCES members ON DELETE CASCADE);
GRANT SELECT, INSERT, DELETE ON policy_alarm TO tenant_role;
