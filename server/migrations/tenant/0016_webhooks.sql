-- Other programs that are told what happens here.
CREATE TABLE webhook_endpoints (
    id uuid PRIMARY KEY,
    url text NOT NULL,
    description text NOT NULL,
    -- Codes of the program's: see domain::webhooks::EventKind.
    events text[] NOT NULL,
    -- What messages are signed with, sealed; and for a day after it was rotated, what they were signed with before.
    secret bytea NOT NULL,
    former_secret bytea,
    former_until timestamptz,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    disabled_why text CHECK (disabled_why IN ('person', 'gone', 'failing')),
    -- Since when it has taken nothing, and how many messages in a row were given up.
    failing_since timestamptz,
    given_up integer NOT NULL DEFAULT 0,
    -- How the last attempt went.
    last_at timestamptz,
    last_taken boolean NOT NULL DEFAULT false
);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints TO tenant_role;

-- A message on its way to an endpoint, kept for 30 days. The platform's webhook_queue says when somebody has to look.
CREATE TABLE webhook_deliveries (
    id uuid PRIMARY KEY,
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    -- What the receiver knows it by: the same for every endpoint, and however often it is sent.
    message_id uuid NOT NULL,
    kind text NOT NULL,
    -- What is signed and sent, byte by byte.
    body text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    -- How often it was sent since it was posted or replayed, and ever.
    attempts integer NOT NULL DEFAULT 0,
    sent integer NOT NULL DEFAULT 0,
    -- When it is sent next, as long as it waits.
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (endpoint_id, created_at, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO tenant_role;

CREATE TABLE webhook_attempts (
    delivery_id uuid NOT NULL REFERENCES webhook_deliveries ON DELETE CASCADE,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    milliseconds integer NOT NULL,
    -- What came back; none, where nothing did.
    status integer,
    -- Why nothing did: a code of the program's.
    problem text,
    -- The beginning of the answer, as text.
    answer text NOT NULL,
    PRIMARY KEY (delivery_id, number)
);
GRANT SELECT, INSERT, DELETE ON webhook_attempts TO tenant_role;

-- Who gets checkpoints of the audit trail by mail, and how often. One row.
CREATE TABLE checkpoint_mail ();
ALTER TABLE checkpoint_mail
    ADD id integer PRIMARY KEY CHECK (id = 1),
    -- Members; who is none any more gets nothing.
    ADD readers uuid[] NOT NULL,
    ADD hours integer NOT NULL CHECK (hours > 0),
    ADD sent_at timestamptz,
    ALTER readers SET STORAGE PLAIN;
INSERT INTO checkpoint_mail VALUES (1, '{}', 24, NULL);
GRANT SELECT, UPDATE ON checkpoint_mail TO tenant_role;
