-- As in the organizations' schemas (tenant migration 10): the same statements run on both.
ALTER TABLE audit_entries ADD COLUMN terms bigint[];
CREATE TABLE audit_progress (
    id integer PRIMARY KEY CHECK (id = 1),
    counted bigint NOT NULL,
    unindexed bigint NOT NULL,
    blocks bigint NOT NULL,
    checked bigint NOT NULL,
    damaged bigint
);
INSERT INTO audit_progress SELECT 1, 0, size, 0, 0 FROM audit_head;
