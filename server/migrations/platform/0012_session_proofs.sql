-- When a session's owner has last shown who they are, by signing in or by a fresh proof: what organizations' time-outs
-- count from.
ALTER TABLE sessions ADD COLUMN authenticated_at timestamptz;
UPDATE sessions SET authenticated_at = greatest(created_at, elevated_until - interval '10 minutes');
ALTER TABLE sessions ALTER COLUMN authenticated_at SET NOT NULL;
-- The longest time since then for which nobody has used it, in seconds. It stays when the session is used again: a
-- browser that was left alone for too long is not made right by whoever finds it.
ALTER TABLE sessions ADD COLUMN longest_pause bigint NOT NULL DEFAULT 0;
