-- When a mail is of no use any more. It is not sent after that: its link would be dead, or nobody waits for it. An
-- invitation's mail that waits from before has that time among its details.
ALTER TABLE outbox ADD COLUMN expires_at timestamptz;
UPDATE outbox SET expires_at = (details ->> 'expires_at')::timestamptz WHERE state IN ('waiting', 'failed');
ALTER TABLE outbox
    DROP CONSTRAINT outbox_state_check,
    ADD CONSTRAINT outbox_state_check CHECK (state IN ('waiting', 'sent', 'failed', 'cancelled', 'expired'));
