-- What may be used, and how much of it is: one row for each metric that the program knows. What an organization has decided
-- of a metric stands beside what is counted of it, so that whoever judges holds both with one lock.
CREATE TABLE quotas () WITH (fillfactor = 25);
ALTER TABLE quotas
    ADD metric text PRIMARY KEY,
    -- JSON: see domain::quotas::Own.
    ADD own text NOT NULL DEFAULT '{}',
    -- Counts changes of that: whoever saves has seen the one before.
    ADD revision bigint NOT NULL DEFAULT 0,
    -- The window in which is counted what begins anew with each.
    ADD opened_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD ends_at timestamptz NOT NULL DEFAULT 'epoch',
    ADD used bigint NOT NULL DEFAULT 0 CHECK (used >= 0),
    ADD held bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    -- The highest threshold that people were told of, and until when they are not told again.
    ADD told smallint NOT NULL DEFAULT 0,
    ADD told_until timestamptz NOT NULL DEFAULT 'epoch',
    ALTER metric SET STORAGE PLAIN, ALTER own SET STORAGE PLAIN;
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
CREATE TABLE usage_hours ();
ALTER TABLE usage_hours
    ADD metric text NOT NULL,
    ADD hour timestamptz NOT NULL,
    ADD amount bigint NOT NULL,
    -- The most at one time, in one window or of one request.
    ADD peak bigint NOT NULL,
    ADD PRIMARY KEY (metric, hour),
    ALTER metric SET STORAGE PLAIN;
CREATE TABLE usage_days ();
ALTER TABLE usage_days
    ADD metric text NOT NULL,
    ADD day date NOT NULL,
    -- Who or what; all of them together, where it is empty.
    ADD subject text NOT NULL,
    ADD amount bigint NOT NULL,
    ADD peak bigint NOT NULL,
    ADD PRIMARY KEY (metric, subject, day),
    ALTER metric SET STORAGE PLAIN, ALTER subject SET STORAGE PLAIN;
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_hours, usage_days TO tenant_role;
