-- What members had shown when they came by, and what was noted of their password: see the platform's sessions and passwords.
-- Visits of before count as with a password of which nothing is known.
ALTER TABLE visits
    ADD COLUMN method text NOT NULL DEFAULT 'password',
    ADD COLUMN password_length smallint,
    ADD COLUMN password_score smallint,
    ADD COLUMN password_changed_at timestamptz;
