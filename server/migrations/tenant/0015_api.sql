-- What programs were answered to requests that they have named, so that they may ask again without doing anything twice.
CREATE TABLE api_answers (
    key_id uuid NOT NULL,
    -- The hash of the name.
    name bytea NOT NULL,
    -- The hash of all that was asked.
    request bytea NOT NULL,
    -- Nothing, as long as it is under way.
    status smallint,
    body text,
    begun_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, name)
);
CREATE INDEX api_answers_begun ON api_answers (begun_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON api_answers TO tenant_role;

-- The events of services that the trail has, by the ids that these have given them, for as long as they may be sent again.
CREATE TABLE service_events ();
ALTER TABLE service_events
    ADD id text PRIMARY KEY,
    -- The hash of all that it says.
    ADD digest bytea NOT NULL,
    ADD at timestamptz NOT NULL,
    ALTER id SET STORAGE PLAIN, ALTER digest SET STORAGE PLAIN;
CREATE INDEX service_events_at ON service_events (at);
GRANT SELECT, INSERT, UPDATE, DELETE ON service_events TO tenant_role;

-- Programs ask about members by their addresses.
CREATE INDEX members_email ON members (email);
