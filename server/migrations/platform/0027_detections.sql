-- Where something was noticed that detections have not looked at. A row is written in the transaction of what was noticed
-- and goes when somebody has looked: so nothing is missed when a program ends in between, and nobody looks into all
-- schemas for it. Each transaction has a row of its own, for which nobody waits.
CREATE TABLE detection_queue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid NOT NULL,
    -- When the first of it was noticed.
    at timestamptz NOT NULL,
    -- From then on somebody looks; at once, as long as nobody has begun.
    due_at timestamptz NOT NULL DEFAULT '-infinity'
);
CREATE INDEX detection_queue_due ON detection_queue (due_at);
CREATE INDEX sign_in_failures_at ON sign_in_failures (at);
