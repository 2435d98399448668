-- "This was not me" makes a device new again: that which the notice is about, and all that came after it. Its row stays
-- until it is used again, because the first device of an account is told to nobody.
ALTER TABLE notices ADD COLUMN device_hash bytea;
ALTER TABLE known_devices
    ADD COLUMN first_used_at timestamptz,
    ADD COLUMN disowned boolean NOT NULL DEFAULT false;
