-- 一个人两条 Entries of the register that may be one person, and what people said.

-- Entries that point to another one are read with it.
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE merge_suspect (
    one BIGINT NOT NULL,
    other BIGINT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (one, other)
) {clustered};
