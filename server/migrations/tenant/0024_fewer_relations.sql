-- Every table and every index is a file for each organization, and a row or more in the catalogs that all of them share.

-- These few rows are as quickly read without, or in the order of an index that the table has anyway.
DROP INDEX approval_requests_open;
DROP INDEX api_keys_newest;
DROP INDEX api_keys_creator;
DROP INDEX jobs_newest;
DROP INDEX alerts_suspended;
-- A role is deleted rarely: then members are looked through once.
DROP INDEX members_role_of;
