-- Where a sign-up came from: whoever is asked to confirm it has to be able to tell whether it was theirs.
ALTER TABLE registrations ADD COLUMN ip inet, ADD COLUMN device text;
