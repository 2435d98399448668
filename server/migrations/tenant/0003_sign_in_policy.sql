-- What the organization asks of its members' sign-in. One row, with what it was before anybody had a say.
CREATE TABLE sign_in_policy (
    id integer PRIMARY KEY CHECK (id = 1),
    -- Counts changes: whoever saves has seen the one before.
    revision bigint NOT NULL,
    mfa_required boolean NOT NULL,
    -- What counts as a second factor.
    mfa_passkey boolean NOT NULL,
    mfa_authenticator boolean NOT NULL,
    -- Since when it is asked for as strictly as now.
    mfa_since timestamptz,
    mfa_grace_days integer NOT NULL CHECK (mfa_grace_days BETWEEN 0 AND 30),
    idle_minutes integer NOT NULL CHECK (idle_minutes > 0),
    absolute_minutes integer NOT NULL CHECK (absolute_minutes > 0),
    -- How many sessions of one person may come in; any number without.
    session_cap integer CHECK (session_cap > 0),
    CHECK (NOT mfa_required OR mfa_since IS NOT NULL AND (mfa_passkey OR mfa_authenticator))
);
INSERT INTO sign_in_policy VALUES (1, 0, false, true, true, NULL, 7, 10080, 43200, NULL);
GRANT SELECT, UPDATE ON sign_in_policy TO tenant_role;
