-- What was sent to other programs is kept until three days after it was taken or given up, and what came back with it; that
-- it was sent is known for longer. What waits always has something to send.
ALTER TABLE webhook_deliveries
    ALTER COLUMN body DROP NOT NULL,
    ADD CONSTRAINT webhook_deliveries_body CHECK (state <> 'waiting' OR body IS NOT NULL);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (due_at) WHERE state <> 'waiting' AND body IS NOT NULL;
GRANT UPDATE (answer) ON webhook_attempts TO tenant_role;
