-- 规定的版本 Versions of the law: the pack's files under their hash, what happened to
-- the version, what a dry run over everyone counted; and, of a version put out of
-- force, the batch in which its decisions are looked at again.

CREATE TABLE law_version (
    hash TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    standing TEXT NOT NULL,
    since BIGINT NOT NULL,
    body TEXT NOT NULL,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL,
    impact BYTEA
);

CREATE TABLE law_review (
    hash TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL
);
