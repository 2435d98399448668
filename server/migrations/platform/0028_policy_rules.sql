-- What a session's owner has shown in it: organizations accept some ways of signing in and not others. Of those that began
-- before this was noted, nothing is known beyond the password.
ALTER TABLE sessions ADD COLUMN method text NOT NULL DEFAULT 'password'
    CHECK (method IN ('password', 'code', 'password_and_passkey', 'passkey'));

-- What is noted of a password when it is chosen: how many characters it has, no more than anybody can ask for, and how hard
-- it is to guess, as zxcvbn scores it. Nothing is known of one that was chosen before.
ALTER TABLE passwords
    ADD COLUMN length smallint CHECK (length BETWEEN 1 AND 64),
    ADD COLUMN score smallint CHECK (score BETWEEN 0 AND 4);
ALTER TABLE registrations
    ADD COLUMN password_length smallint CHECK (password_length BETWEEN 1 AND 64),
    ADD COLUMN password_score smallint CHECK (password_score BETWEEN 0 AND 4);
