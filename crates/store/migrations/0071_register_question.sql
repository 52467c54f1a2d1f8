-- 底册存疑 What a delivery says that does not fit the register: nothing was changed,
-- a person looks.
CREATE TABLE register_question (
    category TEXT NOT NULL,
    record_no BYTEA NOT NULL,
    as_of TEXT NOT NULL,
    kind TEXT NOT NULL,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (category, record_no, as_of, kind)
) {clustered};
