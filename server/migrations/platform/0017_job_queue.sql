-- When somebody has to look at a job of an organization's: to go on with it, or to take it away. Nobody looks into all
-- schemas for that. A row names the job and says nothing of it.
CREATE TABLE job_queue (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants,
    job_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    -- How often somebody has begun and not come to an end.
    attempts integer NOT NULL DEFAULT 0
);
CREATE INDEX job_queue_due ON job_queue (due_at);
