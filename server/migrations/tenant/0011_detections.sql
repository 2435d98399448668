-- What was noticed of the organization's security, for a quarter of a year: by these facts it is worked out when somebody
-- should look. They are written in the transaction of what they tell of, and never change.
CREATE TABLE security_events ();
ALTER TABLE security_events
    ADD id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ADD at timestamptz NOT NULL,
    -- One of the program's words: see domain::detections::FactKind.
    ADD kind text NOT NULL,
    -- Nobody, where an address is no account's.
    ADD account_id uuid,
    ADD ip inet,
    -- How many: changes of one act, days since somebody was last seen.
    ADD amount integer NOT NULL DEFAULT 1,
    ADD new_network boolean NOT NULL DEFAULT false,
    ADD new_device boolean NOT NULL DEFAULT false,
    ADD privileged boolean NOT NULL DEFAULT false,
    -- What it was made of elsewhere, so that it is noted once.
    ADD source uuid CONSTRAINT security_events_source UNIQUE,
    ALTER kind SET STORAGE PLAIN, ALTER ip SET STORAGE PLAIN;
CREATE INDEX security_events_at ON security_events (at);
CREATE INDEX security_events_account ON security_events (account_id, at) WHERE account_id IS NOT NULL;
GRANT SELECT, INSERT, DELETE ON security_events TO tenant_role;

-- How many there were in each hour, for as long as the organization is there.
CREATE TABLE security_hours ();
ALTER TABLE security_hours
    ADD hour timestamptz NOT NULL,
    ADD kind text NOT NULL,
    ADD times bigint NOT NULL,
    ADD PRIMARY KEY (hour, kind),
    ALTER kind SET STORAGE PLAIN;
GRANT SELECT, INSERT, UPDATE ON security_hours TO tenant_role;

-- What somebody should look at.
CREATE TABLE alerts ();
ALTER TABLE alerts
    ADD id uuid PRIMARY KEY,
    -- Codes of the program's: see domain::detections.
    ADD rule text NOT NULL,
    -- What it is about: an account, a network, or the audit trail.
    ADD subject text NOT NULL,
    -- From 0, the least, to 3.
    ADD severity smallint NOT NULL,
    ADD state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    ADD account_id uuid,
    ADD network inet,
    ADD first_at timestamptz NOT NULL,
    ADD last_at timestamptz NOT NULL,
    -- How many facts belong to it.
    ADD times bigint NOT NULL,
    ADD assigned_to uuid,
    -- It has suspended the member that it is about, whom nobody has resumed since.
    ADD suspended boolean NOT NULL DEFAULT false,
    ADD sessions_ended_at timestamptz,
    ADD resolution text,
    ADD resolved_at timestamptz,
    ADD resolved_by uuid,
    ALTER rule SET STORAGE PLAIN, ALTER subject SET STORAGE PLAIN, ALTER state SET STORAGE PLAIN,
    ALTER network SET STORAGE PLAIN, ALTER resolution SET STORAGE PLAIN;
-- As long as one is not resolved, there is no other about the same.
CREATE UNIQUE INDEX alerts_unresolved ON alerts (rule, subject) WHERE state <> 'resolved';
CREATE INDEX alerts_subject ON alerts (rule, subject);
CREATE INDEX alerts_newest ON alerts (last_at, id);
CREATE INDEX alerts_suspended ON alerts (account_id) WHERE suspended;
GRANT SELECT, INSERT, UPDATE ON alerts TO tenant_role;

-- How the rules are set. One row, which whoever raises alerts holds, one after the other.
CREATE TABLE detection_settings ();
ALTER TABLE detection_settings
    ADD id integer PRIMARY KEY CHECK (id = 1),
    -- JSON: see domain::detections::Tuning.
    ADD tuning text NOT NULL,
    -- Counts changes: whoever saves has seen the one before.
    ADD revision bigint NOT NULL,
    ALTER tuning SET STORAGE PLAIN;
INSERT INTO detection_settings VALUES (1, '{}', 0);
GRANT SELECT, UPDATE ON detection_settings TO tenant_role;
