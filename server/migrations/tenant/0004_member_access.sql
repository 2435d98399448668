-- The organization's own copy of what its members prove themselves with besides the password; renewed when they come in
-- and when they change it.
ALTER TABLE members ADD COLUMN authenticator boolean NOT NULL DEFAULT false;
ALTER TABLE members ADD COLUMN passkey boolean NOT NULL DEFAULT false;
-- Whoever has not shown who they are since then does that before they come in again.
ALTER TABLE members ADD COLUMN access_ended_at timestamptz;
-- When they were last reminded by mail to set up a second factor.
ALTER TABLE members ADD COLUMN reminded_at timestamptz;
