-- 共享申请 Who asked for which category, by when it is to be answered, the answer.
CREATE TABLE share_request (
    id BIGINT NOT NULL PRIMARY KEY,
    category TEXT NOT NULL,
    due TEXT NOT NULL,
    answered BIGINT NOT NULL CHECK (answered IN (0, 1)),
    version BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX share_request_due ON share_request (answered, due);
