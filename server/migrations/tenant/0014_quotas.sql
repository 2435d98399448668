-- What may be used, and how much of it is: one row for each metric that the program knows. What an organization has decided
-- of a metric stands beside what is counted of it, so that whoever judges holds both with one lock.
CREATE TABLE quotas (
    metric text PRIMARY KEY,
    -- JSON: see domain::quotas::Own.
    own text NOT NULL DEFAULT '{}',
    -- Counts changes of that: whoever saves has seen the one before.
    revision bigint NOT NULL DEFAULT 0,
    -- The window in which is counted what begins anew with each.
    opened_at timestamptz NOT NULL DEFAULT 'epoch',
    ends_at timestamptz NOT NULL DEFAULT 'epoch',
    used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    -- The highest threshold that people were told of, and until when they are not told again.
    told smallint NOT NULL DEFAULT 0,
    told_until timestamptz NOT NULL DEFAULT 'epoch'
) WITH (fillfactor = 25);
INSERT INTO quotas (metric) VALUES
    ('concurrent_requests'), ('request_duration'), ('memory'), ('data_size'), ('file_count'), ('file_size'),
    ('requests_per_minute'), ('requests_per_hour'), ('requests_per_day'), ('monthly_budget'), ('daily_cost'),
    ('domain_manufacturing'), ('domain_finance'), ('domain_pharma');
GRANT SELECT, UPDATE ON quotas TO tenant_role;

-- What is held, what has become of it, and what was recorded: each is found again by its id for as long as somebody may send
-- it once more. An id that comes with a key is made of it.
CREATE TABLE quota_reservations (
    id uuid PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('held', 'settled', 'released', 'expired', 'recorded')),
    -- JSON: see domain::quotas::Item.
    items text NOT NULL,
    subject text NOT NULL,
    -- SHA-256 of what was asked for.
    body bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- When somebody has to look at it: to give back what it holds, or to take it away.
    due_at timestamptz NOT NULL
);
CREATE INDEX quota_reservations_due ON quota_reservations (due_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON quota_reservations TO tenant_role;

-- What was used, by the hour and by the day of the organization's calendar.
CREATE TABLE usage_hours (
    metric text NOT NULL,
    hour timestamptz NOT NULL,
    amount bigint NOT NULL,
    -- The most at one time, in one window or of one request.
    peak bigint NOT NULL,
    PRIMARY KEY (metric, hour)
);
CREATE TABLE usage_days (
    metric text NOT NULL,
    day date NOT NULL,
    -- Who or what; all of them together, where it is empty.
    subject text NOT NULL,
    amount bigint NOT NULL,
    peak bigint NOT NULL,
    PRIMARY KEY (metric, subject, day)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_hours, usage_days TO tenant_role;
