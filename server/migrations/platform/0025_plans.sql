-- What plans say that whoever runs the platform has changed; the rest is as the program has it: see domain::quotas::PlanTerms.
CREATE TABLE plans (
    code text PRIMARY KEY CHECK (code IN ('free', 'team', 'enterprise')),
    terms text NOT NULL
);
INSERT INTO plans VALUES ('free', '{}'), ('team', '{}'), ('enterprise', '{}');

-- Which plan an organization has, and by which clocks its windows begin and end.
ALTER TABLE tenants
    ADD COLUMN plan text NOT NULL DEFAULT 'team' REFERENCES plans,
    ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC';
