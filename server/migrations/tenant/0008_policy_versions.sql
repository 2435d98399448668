-- What the organization asked of its members' sign-in each time that somebody had changed it. The newest is what
-- `sign_in_policy` says, which is what everybody is judged by.
CREATE TABLE policy_versions (
    -- The revision of `sign_in_policy` that it is.
    version bigint PRIMARY KEY,
    -- JSON: see domain::policy::PolicySettings.
    settings text NOT NULL,
    -- None, where the organization began with it.
    author_id uuid,
    reason text,
    -- The version that it puts back.
    restores bigint,
    created_at timestamptz NOT NULL
);
GRANT SELECT, INSERT ON policy_versions TO tenant_role;
INSERT INTO policy_versions (version, settings, created_at)
SELECT revision,
       json_build_object(
           'mfa', CASE WHEN mfa_required THEN
               json_build_object('methods', json_build_object('passkey', mfa_passkey, 'authenticator', mfa_authenticator),
                                 'grace_days', mfa_grace_days) END,
           'idle', idle_minutes, 'absolute', absolute_minutes, 'sessions', session_cap)::text,
       now()
FROM sign_in_policy;

-- How roles and groups came to be what they are. Who was put into a group is found by whom it was.
DROP INDEX audit_entries_roles;
CREATE INDEX audit_entries_roles ON audit_entries (index)
    WHERE action LIKE 'role.%' OR (action LIKE 'group.%' AND action NOT LIKE 'group.member%');
