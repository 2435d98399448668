-- Roles of the organization's own, groups that carry roles, and who is in them. A role's code is a built-in one's name
-- or the id of one of these.

CREATE TABLE roles ();
ALTER TABLE roles
    ADD id uuid PRIMARY KEY,
    ADD name text NOT NULL,
    ADD description text NOT NULL,
    -- Names of permissions; what this program does not know holds nothing.
    ADD permissions text[] NOT NULL,
    -- Codes of the roles that it inherits from. Owners are appointed one by one.
    ADD parents text[] NOT NULL CHECK (NOT parents @> '{owner}'),
    -- Counts changes: whoever saves has seen the one before.
    ADD revision bigint NOT NULL,
    ALTER name SET STORAGE PLAIN, ALTER description SET STORAGE PLAIN, ALTER permissions SET STORAGE PLAIN,
    ALTER parents SET STORAGE PLAIN;
CREATE UNIQUE INDEX roles_name ON roles (lower(name COLLATE "und-x-icu"));
GRANT SELECT, INSERT, UPDATE, DELETE ON roles TO tenant_role;

CREATE TABLE groups ();
ALTER TABLE groups
    ADD id uuid PRIMARY KEY,
    ADD name text NOT NULL,
    ADD description text NOT NULL,
    -- Codes of the roles that its members hold besides their own.
    ADD roles text[] NOT NULL CHECK (NOT roles @> '{owner}'),
    ADD revision bigint NOT NULL,
    ALTER name SET STORAGE PLAIN, ALTER description SET STORAGE PLAIN, ALTER roles SET STORAGE PLAIN;
CREATE UNIQUE INDEX groups_name ON groups (lower(name COLLATE "und-x-icu"));
GRANT SELECT, INSERT, UPDATE, DELETE ON groups TO tenant_role;

CREATE TABLE group_members (
    account_id uuid NOT NULL REFERENCES members ON DELETE CASCADE,
    group_id uuid NOT NULL CONSTRAINT group_members_group REFERENCES groups ON DELETE CASCADE,
    PRIMARY KEY (account_id, group_id)
);
CREATE INDEX group_members_of ON group_members (group_id, account_id);
GRANT SELECT, INSERT, DELETE ON group_members TO tenant_role;

-- One row, which counts every change of roles and groups, but not of who is in them: whoever judges by them shares it,
-- whoever changes them has it alone. 0 as long as there are none.
CREATE TABLE role_book (
    id integer PRIMARY KEY CHECK (id = 1),
    revision bigint NOT NULL
);
INSERT INTO role_book VALUES (1, 0);
GRANT SELECT, UPDATE ON role_book TO tenant_role;

-- A member's role is a built-in one or one that there is, and stays as long as somebody has it.
ALTER TABLE members DROP CONSTRAINT members_role_check;
ALTER TABLE members ADD COLUMN role_id uuid CONSTRAINT members_role REFERENCES roles
    GENERATED ALWAYS AS (CASE WHEN role NOT IN ('owner', 'admin', 'security_officer', 'auditor', 'member') THEN role::uuid END) STORED;
CREATE INDEX members_role_of ON members (role_id) WHERE role_id IS NOT NULL;
-- An invitation may outlive its role, and cannot be accepted without it.
ALTER TABLE invitations DROP CONSTRAINT invitations_role_check;

-- What somebody did, what was done to something, and how roles and groups came to be what they are.
CREATE INDEX audit_entries_actor ON audit_entries (actor_id, index) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_entries_target ON audit_entries (target_id, index);
CREATE INDEX audit_entries_roles ON audit_entries (index) WHERE action LIKE 'role.%' OR action LIKE 'group.%';
