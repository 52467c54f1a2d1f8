-- 权限 The grants of one holder; their history is in event (kind grants).
CREATE TABLE grants (
    holder TEXT NOT NULL PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE,
    state BYTEA NOT NULL,
    version BIGINT NOT NULL
);

-- 筛查 One run over everyone: the same day, law and data are the same run.
CREATE TABLE screening (
    id BIGINT NOT NULL PRIMARY KEY,
    as_of TEXT NOT NULL,
    pack_hash TEXT NOT NULL,
    data_mark TEXT NOT NULL,
    at BIGINT NOT NULL,
    households BIGINT NOT NULL,
    persons BIGINT NOT NULL,
    CONSTRAINT screening_once UNIQUE (as_of, pack_hash, data_mark)
);

-- 发现 What a run found; a lead, never a decision. person: NULL for households.
CREATE TABLE finding (
    id BIGINT NOT NULL PRIMARY KEY,
    screening BIGINT NOT NULL REFERENCES screening (id),
    benefit TEXT NOT NULL,
    household BIGINT NOT NULL,
    person BIGINT,
    finding TEXT NOT NULL,
    verdict TEXT NOT NULL,
    amount BIGINT,
    next_fact TEXT,
    fault BIGINT NOT NULL
);
CREATE INDEX finding_of ON finding (screening, benefit, finding);

-- 证书 What a judgement rested on, under the SHA-256 of its own text.
CREATE TABLE certificate (
    digest TEXT NOT NULL PRIMARY KEY,
    benefit TEXT NOT NULL,
    body BYTEA NOT NULL,
    at BIGINT NOT NULL
);
-- append-only: certificate
