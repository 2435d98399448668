-- Whether single keys do something. Who speaks to their computer, or strikes keys by accident, turns them off.
ALTER TABLE accounts ADD COLUMN shortcuts boolean NOT NULL DEFAULT true;
