-- Where webhooks wait to be sent or to be taken away, and when somebody has to look: a row for each organization. Nobody
-- looks into all schemas for that.
CREATE TABLE webhook_queue (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    due_at timestamptz NOT NULL
);
CREATE INDEX webhook_queue_due ON webhook_queue (due_at);

-- Of what people are told by mail, too: alerts that are worth a look now, and others.
ALTER TABLE accounts
    ADD COLUMN mail_alerts boolean NOT NULL DEFAULT true,
    ADD COLUMN mail_lesser_alerts boolean NOT NULL DEFAULT false;
