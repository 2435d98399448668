-- How often somebody was asked to look at an organization. Whoever has taken one puts it back only if that is what it was
-- when it was taken, whatever clocks say.
ALTER TABLE webhook_queue ADD COLUMN wakes bigint NOT NULL DEFAULT 0;
-- What was sent goes long before it is forgotten that it was: each organization is looked at within the hour, and not all at
-- the same time.
UPDATE webhook_queue SET due_at = least(due_at, now() + random() * interval '1 hour');

-- How often somebody has begun to look, and since when nobody does any more, because it failed so often, and why: a row
-- that cannot be looked at is left for whoever runs the platform.
ALTER TABLE detection_queue
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN set_aside_at timestamptz,
    ADD COLUMN why text,
    ADD CONSTRAINT detection_queue_why CHECK ((set_aside_at IS NULL) = (why IS NULL));
DROP INDEX detection_queue_due;
CREATE INDEX detection_queue_due ON detection_queue (due_at) WHERE set_aside_at IS NULL;
CREATE INDEX detection_queue_set_aside ON detection_queue (tenant_id) WHERE set_aside_at IS NOT NULL;
