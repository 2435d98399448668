-- The address that an account had before it got another: its reader can take the change back.
ALTER TABLE notices ADD COLUMN former_email text;
CREATE INDEX notices_former_email ON notices (former_email) WHERE former_email IS NOT NULL;

-- What a notice is about is one of the program's words (domain/src/notices.rs), as with tokens.
ALTER TABLE notices
    DROP CONSTRAINT notices_kind_check,
    ADD CONSTRAINT notices_kind_check CHECK (kind ~ '^[a-z_]+$');
