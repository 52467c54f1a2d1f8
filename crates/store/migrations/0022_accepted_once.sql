-- 批次 Only an accepted file is known by its bytes. A delivery that was refused
-- (a slip with a slip of the pen, a file that came late) may come again as it is.
CREATE TABLE data_batch_anew (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    department TEXT NOT NULL,
    category TEXT NOT NULL,
    digest TEXT NOT NULL,
    as_of TEXT NOT NULL,
    rows_given BIGINT NOT NULL,
    rows_taken BIGINT NOT NULL,
    accepted BIGINT NOT NULL CHECK (accepted IN (0, 1)),
    state BYTEA NOT NULL
);

INSERT INTO data_batch_anew
SELECT id, version, department, category, digest, as_of, rows_given, rows_taken, accepted, state
FROM data_batch;

DROP TABLE data_batch;

ALTER TABLE data_batch_anew RENAME TO data_batch;

CREATE UNIQUE INDEX data_batch_once ON data_batch (category, digest) WHERE accepted = 1;
