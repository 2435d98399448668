-- Who has made the secret of a key, from where keys are used, and keys that alerts are about.

ALTER TABLE api_keys
    -- The member who has made the secret, or has rotated the key last: it may do what they may, too. They may have left.
    ADD COLUMN issued_by uuid,
    -- The same of the secret before, as long as it works.
    ADD COLUMN former_issued_by uuid,
    -- The networks from which it was used, /24 of IPv4 and /48 of IPv6, the latest last.
    ADD COLUMN used_from inet[] NOT NULL DEFAULT '{}',
    -- The alert because of which it opens nothing.
    ADD COLUMN disabled_by uuid;
UPDATE api_keys
SET issued_by = created_by,
    former_issued_by = CASE WHEN former IS NOT NULL THEN created_by END,
    used_from = CASE WHEN last_used_ip IS NULL THEN '{}'::inet[]
                     ELSE ARRAY[network(set_masklen(last_used_ip, CASE family(last_used_ip) WHEN 4 THEN 24 ELSE 48 END))::inet]
                END;
ALTER TABLE api_keys ALTER COLUMN issued_by SET NOT NULL;
CREATE INDEX api_keys_creator ON api_keys (created_by);
CREATE INDEX api_keys_account ON api_keys (service_account_id) WHERE service_account_id IS NOT NULL;

-- The key that it is about, if it is about one.
ALTER TABLE security_events ADD COLUMN key_id uuid;
ALTER TABLE alerts ADD COLUMN key_id uuid;
