-- What is done to many members, some hundred at a time. The platform's job_queue says when somebody has to look at one.
CREATE TABLE jobs ();
ALTER TABLE jobs
    ADD id uuid PRIMARY KEY,
    ADD kind text NOT NULL CHECK (kind IN ('role', 'suspend', 'resume', 'remove', 'remind', 'end_access', 'import')),
    ADD state text NOT NULL CHECK (state IN ('checked', 'queued', 'running', 'done', 'failed', 'cancelled')),
    -- The job that it puts back: once.
    ADD undoes uuid CONSTRAINT jobs_undoes_key UNIQUE,
    -- A row that is refused keeps all others from being done.
    ADD all_or_nothing boolean NOT NULL DEFAULT false,
    -- Whoever started it has proven who they are, so that it may give roles that hold more than those before.
    ADD proven boolean NOT NULL DEFAULT false,
    ADD created_by uuid NOT NULL,
    ADD creator_name text NOT NULL,
    ADD created_at timestamptz NOT NULL,
    ADD started_at timestamptz,
    ADD finished_at timestamptz,
    -- From then on it may be taken away.
    ADD kept_until timestamptz NOT NULL,
    -- The rows up to this one have been looked at.
    ADD position integer NOT NULL DEFAULT 0,
    ADD total integer NOT NULL,
    ADD changed integer NOT NULL DEFAULT 0,
    ADD unchanged integer NOT NULL DEFAULT 0,
    ADD refused integer NOT NULL DEFAULT 0,
    ALTER kind SET STORAGE PLAIN, ALTER state SET STORAGE PLAIN, ALTER creator_name SET STORAGE PLAIN;
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
