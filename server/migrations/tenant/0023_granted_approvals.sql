-- What hands something to whoever has asked is not done by the last approval: it lets them do it, once, until the request
-- expires, which is soon then.
ALTER TABLE approval_requests DROP CONSTRAINT approval_requests_state_check;
ALTER TABLE approval_requests ADD CONSTRAINT approval_requests_state_check
    CHECK (state IN ('open', 'granted', 'carried_out', 'denied', 'cancelled', 'lapsed'));
GRANT UPDATE (expires_at) ON approval_requests TO tenant_role;

-- Those that somebody may still do something about.
DROP INDEX approval_requests_open;
CREATE INDEX approval_requests_open ON approval_requests (requested_at, id) WHERE state IN ('open', 'granted');
