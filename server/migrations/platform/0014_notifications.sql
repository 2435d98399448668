-- What people are told inside of the portal because it concerns them.
CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts,
    -- None, when the organization is gone.
    tenant_id uuid REFERENCES tenants,
    -- Who has done it. Their name is in the details, and goes with their account.
    actor_id uuid,
    -- One of the program's words: see domain::notifications.
    kind text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
    -- Names as they were then. No secrets, and nothing that is followed.
    details jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notifications_newest ON notifications (account_id, created_at, id);
CREATE INDEX notifications_unread ON notifications (account_id) WHERE read_at IS NULL;
CREATE INDEX notifications_actor ON notifications (actor_id);
CREATE INDEX notifications_tenant ON notifications (tenant_id);
CREATE INDEX notifications_created ON notifications (created_at);

-- Of what people are told by mail, too.
ALTER TABLE accounts
    ADD COLUMN mail_membership boolean NOT NULL DEFAULT true,
    ADD COLUMN mail_organizations boolean NOT NULL DEFAULT true,
    ADD COLUMN mail_jobs boolean NOT NULL DEFAULT false;
