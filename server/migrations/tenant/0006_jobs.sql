-- What is done to many members, some hundred at a time. The platform's job_queue says when somebody has to look at one.
CREATE TABLE jobs (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('role', 'suspend', 'resume', 'remove', 'remind', 'end_access', 'import')),
    state text NOT NULL CHECK (state IN ('checked', 'queued', 'running', 'done', 'failed', 'cancelled')),
    -- The job that it puts back: once.
    undoes uuid CONSTRAINT jobs_undoes_key UNIQUE,
    -- A row that is refused keeps all others from being done.
    all_or_nothing boolean NOT NULL DEFAULT false,
    -- Whoever started it has proven who they are, so that it may give roles that hold more than those before.
    proven boolean NOT NULL DEFAULT false,
    created_by uuid NOT NULL,
    creator_name text NOT NULL,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    -- From then on it may be taken away.
    kept_until timestamptz NOT NULL,
    -- The rows up to this one have been looked at.
    position integer NOT NULL DEFAULT 0,
    total integer NOT NULL,
    changed integer NOT NULL DEFAULT 0,
    unchanged integer NOT NULL DEFAULT 0,
    refused integer NOT NULL DEFAULT 0
);
CREATE INDEX jobs_newest ON jobs (created_at, id);

-- One member, or one line of a file. Members' rows are in the order of their ids, in which they are locked.
CREATE TABLE job_rows (
    job_id uuid NOT NULL REFERENCES jobs ON DELETE CASCADE,
    seq integer NOT NULL,
    line integer,
    member_id uuid,
    name text NOT NULL,
    email text NOT NULL,
    -- The code of the role or status to be.
    wish text,
    -- It is done only to whoever has this one.
    expected text,
    before text,
    outcome text NOT NULL CHECK (outcome IN ('pending', 'changed', 'unchanged', 'refused')),
    problem text,
    PRIMARY KEY (job_id, seq)
);
CREATE INDEX job_rows_outcome ON job_rows (job_id, outcome, seq);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs, job_rows TO tenant_role;
