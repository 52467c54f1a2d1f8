-- 核对报告书 A report as it was given out: its bytes and everything they were made
-- from, under the version of the verification it tells.
CREATE TABLE check_report (
    verification BIGINT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    pack TEXT NOT NULL,
    digest TEXT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (verification, version)
) {clustered};
-- append-only: check_report
