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

-- 没答复的部门 Which departments left questions of a report open, and how many.
CREATE TABLE check_silence (
    verification BIGINT NOT NULL,
    version BIGINT NOT NULL,
    department TEXT NOT NULL,
    open_questions BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (verification, version, department)
) {clustered};
-- append-only: check_silence
CREATE INDEX check_silence_at ON check_silence (at);
