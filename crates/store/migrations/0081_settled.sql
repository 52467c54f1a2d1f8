-- 存疑的答复 What a person answered to a question of the register, signed.
CREATE TABLE register_answer (
    category TEXT NOT NULL,
    record_no BYTEA NOT NULL,
    as_of TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (category, record_no, as_of, kind)
) {clustered};

-- 代办授权 How a resident let somebody of the village or town apply for them.
CREATE TABLE mandate (
    case_id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL
);
-- append-only: mandate

-- Whose agents: asked by the one they act for.
CREATE INDEX agency_of ON agency (of_person);
