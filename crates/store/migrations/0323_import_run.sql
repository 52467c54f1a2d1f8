-- 收到一半 A large delivery on its way: its records wait here, piece by piece, with how
-- far it came, until all are here and are filed at once.
CREATE TABLE import_run (
    batch BIGINT NOT NULL PRIMARY KEY,
    category TEXT NOT NULL,
    digest TEXT NOT NULL,
    law TEXT NOT NULL,
    day TEXT NOT NULL,
    numbers BIGINT NOT NULL,
    rows_given BIGINT NOT NULL,
    rows_done BIGINT NOT NULL,
    moved BIGINT NOT NULL,
    CONSTRAINT import_run_once UNIQUE (category, digest)
);

CREATE TABLE import_record (
    person BIGINT NOT NULL,
    category BIGINT NOT NULL,
    record_no BYTEA NOT NULL,
    as_of TEXT NOT NULL,
    batch BIGINT NOT NULL,
    field_values BYTEA NOT NULL
);

CREATE TABLE import_other (
    subject BYTEA NOT NULL,
    category BIGINT NOT NULL,
    record_no BYTEA NOT NULL,
    as_of TEXT NOT NULL,
    batch BIGINT NOT NULL,
    field_values BYTEA NOT NULL
);
