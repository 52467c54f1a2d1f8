-- 材料 What was handed in with a case: the bytes are a document, what it is and how
-- it was called lies here.
CREATE TABLE attachment (
    document BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX attachment_case ON attachment (case_id, document);
-- append-only: attachment

-- 入户笔录 What one of those who went wrote down and the others have yet to sign.
CREATE TABLE survey_report (
    case_id BIGINT NOT NULL,
    step TEXT NOT NULL,
    round BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (case_id, step, round)
) {clustered};
