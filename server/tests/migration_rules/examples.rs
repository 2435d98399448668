//! What breaks a rule, and what does not.

use crate::rules::{Rule, broken};

#[test]
fn a_rule_is_broken_by_what_it_is_about_and_by_nothing_else() {
    let rules = |sql: &str| broken(sql).into_iter().map(|broken| broken.rule).collect::<Vec<_>>();
    for (sql, rule) in [
        ("ALTER TABLE members ADD COLUMN key uuid DEFAULT gen_random_uuid()", Rule::Rewrite),
        ("ALTER TABLE members ADD COLUMN low text GENERATED ALWAYS AS (lower(name)) STORED", Rule::Rewrite),
        ("ALTER TABLE members ALTER COLUMN name TYPE varchar(80)", Rule::Rewrite),
        ("ALTER TABLE members ADD CONSTRAINT short CHECK (length(name) < 80)", Rule::Scan),
        ("ALTER TABLE members ADD a integer, ADD CONSTRAINT b FOREIGN KEY (c) REFERENCES d", Rule::Scan),
        ("CREATE INDEX a ON members (name)", Rule::Index),
        ("CREATE UNIQUE INDEX a ON ONLY members (name)", Rule::Index),
        ("ALTER TABLE members ADD UNIQUE (name)", Rule::Index),
        ("ALTER TABLE members ALTER COLUMN name SET NOT NULL", Rule::NotNull),
        ("ALTER TABLE members ADD COLUMN a text NOT NULL", Rule::NotNull),
        ("UPDATE members SET name = ''", Rule::Rows),
        ("DELETE FROM members", Rule::Rows),
        ("CREATE TABLE a (b uuid PRIMARY KEY); UPDATE a SET b = gen_random_uuid()", Rule::Volatile),
        ("ALTER TABLE members DROP COLUMN name", Rule::Contract),
        ("ALTER TABLE members RENAME COLUMN name TO title", Rule::Contract),
        ("DROP TABLE members", Rule::Contract),
        ("TRUNCATE members", Rule::Contract),
        ("REVOKE INSERT ON members FROM tenant_role", Rule::Contract),
        ("CREATE TABLE a (b integer)", Rule::NoKey),
        ("CREATE TABLE a AS SELECT 1", Rule::NoKey),
        ("CREATE TABLE a (b bigserial PRIMARY KEY)", Rule::Serial),
        ("CREATE SEQUENCE a", Rule::Serial),
        ("CREATE TYPE a AS ENUM ('b')", Rule::Type),
        ("CREATE DOMAIN a AS text", Rule::Type),
        ("CREATE TRIGGER a BEFORE INSERT ON members EXECUTE FUNCTION b()", Rule::Code),
        ("CREATE FUNCTION a() RETURNS integer LANGUAGE sql AS 'SELECT 1'", Rule::Code),
        ("CREATE TABLE a (b uuid PRIMARY KEY REFERENCES platform.accounts)", Rule::Schema),
        ("CREATE TABLE platform.a (b uuid PRIMARY KEY)", Rule::Schema),
        ("COMMIT", Rule::Transaction),
        ("SET search_path = platform", Rule::Transaction),
        ("LOCK TABLE members", Rule::Transaction),
        ("DO 'BEGIN END'", Rule::Transaction),
    ] {
        assert_eq!(rules(sql), [rule], "{sql}");
    }
    for sql in [
        "ALTER TABLE members ADD COLUMN a text, ADD COLUMN b boolean NOT NULL DEFAULT false",
        "ALTER TABLE members ADD COLUMN a timestamptz NOT NULL DEFAULT now()",
        "ALTER TABLE members ADD CONSTRAINT short CHECK (length(name) < 80) NOT VALID",
        "ALTER TABLE members VALIDATE CONSTRAINT short",
        "ALTER TABLE members ALTER name DROP NOT NULL",
        "CREATE TABLE a (b bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, c text CHECK (c IN ('d', 'e')));
         CREATE INDEX a_c ON a (c); ALTER TABLE a ADD UNIQUE (c); INSERT INTO a (c) VALUES ('d');
         GRANT SELECT ON a TO tenant_role",
        "DROP INDEX a",
        "-- UPDATE members SET name = '';\n",
    ] {
        assert!(rules(sql).is_empty(), "{sql}");
    }
}
