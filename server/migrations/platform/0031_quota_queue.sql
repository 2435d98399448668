-- Whose quotas somebody has to look after, and when: a row for each organization that has used any. Nobody looks into all
-- schemas for that.
CREATE TABLE quota_queue (
    tenant_id uuid PRIMARY KEY REFERENCES tenants,
    due_at timestamptz NOT NULL,
    -- The earliest time that anybody has asked for and that has not come: whoever has looked before leaves it to be looked
    -- at by then.
    wanted_at timestamptz NOT NULL DEFAULT 'infinity'
);
CREATE INDEX quota_queue_due ON quota_queue (due_at);
-- Which organizations have used something before is not known here: each is looked at once, and not all of them together.
INSERT INTO quota_queue (tenant_id, due_at) SELECT id, now() + random() * interval '1 hour' FROM tenants;
