-- 认定 What a person made of a contradiction, and when somebody took it back: kept,
-- never changed; the newest of a pair counts.
CREATE TABLE contradiction_ruling (
    id BIGINT NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    rule TEXT NOT NULL,
    left_no BYTEA NOT NULL,
    right_no BYTEA NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL
);
-- append-only: contradiction_ruling
CREATE INDEX contradiction_ruling_of ON contradiction_ruling (person, id);
CREATE INDEX contradiction_ruling_rule ON contradiction_ruling (rule, id);
