-- 底座 What every noun stands on. One text for SQLite and PostgreSQL: BIGINT, TEXT
-- and BYTEA only; moments are microseconds, days ISO text, booleans 0 and 1.

CREATE TABLE sequence (
    kind TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
) {clustered};
