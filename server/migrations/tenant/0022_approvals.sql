-- What somebody has asked for that other owners approve. What is asked for never changes: only what becomes of it does.
CREATE TABLE approval_requests (
    id uuid PRIMARY KEY,
    -- Codes of the program's: see domain::approvals.
    act text NOT NULL,
    -- JSON: see domain::approvals::Change.
    change jsonb NOT NULL,
    -- The member whom it is about.
    subject_id uuid,
    -- What it was to take the place of: the version of the policy that was in force, or the member's role.
    base text NOT NULL,
    -- JSON, what the policy would have done by then: see domain::approvals::ReplaySummary.
    replay jsonb,
    risk text NOT NULL,
    -- How many owners have to approve it; none, where it waits until a time instead.
    approvals smallint NOT NULL CHECK (approvals >= 0),
    runs_at timestamptz,
    requested_by uuid NOT NULL,
    reason text NOT NULL,
    requested_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'carried_out', 'denied', 'cancelled', 'lapsed')),
    decided_at timestamptz,
    CHECK ((approvals = 0) = (runs_at IS NOT NULL)),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
CREATE INDEX approval_requests_newest ON approval_requests (requested_at, id);
CREATE INDEX approval_requests_open ON approval_requests (requested_at, id) WHERE state = 'open';
GRANT SELECT, INSERT, UPDATE (state, decided_at) ON approval_requests TO tenant_role;

-- What owners have said, once each.
CREATE TABLE approval_votes ();
ALTER TABLE approval_votes
    ADD request_id uuid NOT NULL REFERENCES approval_requests,
    ADD account_id uuid NOT NULL,
    ADD verdict text NOT NULL CHECK (verdict IN ('approve', 'deny')),
    ADD note text,
    ADD at timestamptz NOT NULL,
    ADD CONSTRAINT approval_votes_pkey PRIMARY KEY (request_id, account_id),
    ALTER verdict SET STORAGE PLAIN, ALTER note SET STORAGE PLAIN;
GRANT SELECT, INSERT ON approval_votes TO tenant_role;
