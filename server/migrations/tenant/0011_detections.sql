-- What was noticed of the organization's security, for a quarter of a year: by these facts it is worked out when somebody
-- should look. They are written in the transaction of what they tell of, and never change.
CREATE TABLE security_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    -- One of the program's words: see domain::detections::FactKind.
    kind text NOT NULL,
    -- Nobody, where an address is no account's.
    account_id uuid,
    ip inet,
    -- How many: changes of one act, days since somebody was last seen.
    amount integer NOT NULL DEFAULT 1,
    new_network boolean NOT NULL DEFAULT false,
    new_device boolean NOT NULL DEFAULT false,
    privileged boolean NOT NULL DEFAULT false,
    -- What it was made of elsewhere, so that it is noted once.
    source uuid CONSTRAINT security_events_source UNIQUE
);
CREATE INDEX security_events_at ON security_events (at);
CREATE INDEX security_events_account ON security_events (account_id, at) WHERE account_id IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON security_events TO tenant_role;

-- How many there were in each hour, for as long as the organization is there.
CREATE TABLE security_hours (
    hour timestamptz NOT NULL,
    kind text NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (hour, kind)
);
GRANT SELECT, INSERT, UPDATE ON security_hours TO tenant_role;

-- What somebody should look at.
CREATE TABLE alerts (
    id uuid PRIMARY KEY,
    -- Codes of the program's: see domain::detections.
    rule text NOT NULL,
    -- What it is about: an account, a network, or the audit trail.
    subject text NOT NULL,
    -- From 0, the least, to 3.
    severity smallint NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    account_id uuid,
    network inet,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    -- How many facts belong to it.
    times bigint NOT NULL,
    assigned_to uuid,
    -- It has suspended the member that it is about, whom nobody has resumed since.
    suspended boolean NOT NULL DEFAULT false,
    sessions_ended_at timestamptz,
    resolution text,
    resolved_at timestamptz,
    resolved_by uuid
);
-- As long as one is not resolved, there is no other about the same.
CREATE UNIQUE INDEX alerts_unresolved ON alerts (rule, subject) WHERE state <> 'resolved';
CREATE INDEX alerts_subject ON alerts (rule, subject);
CREATE INDEX alerts_newest ON alerts (last_at, id);
CREATE INDEX alerts_suspended ON alerts (account_id) WHERE suspended;
GRANT SELECT, INSERT, UPDATE ON alerts TO tenant_role;

-- How the rules are set. One row, which whoever raises alerts holds, one after the other.
CREATE TABLE detection_settings (
    id integer PRIMARY KEY CHECK (id = 1),
    -- JSON: see domain::detections::Tuning.
    tuning text NOT NULL,
    -- Counts changes: whoever saves has seen the one before.
    revision bigint NOT NULL
);
INSERT INTO detection_settings VALUES (1, '{}', 0);
GRANT SELECT, UPDATE ON detection_settings TO tenant_role;
