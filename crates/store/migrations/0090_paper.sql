-- 文书 Papers given out, each found by the code printed on it; the bytes lie in
-- document. code, content: keyed hashes. Wrong codes are counted by where they come
-- from (a keyed hash too), so that guessing is slow.
CREATE TABLE paper (
    id BIGINT NOT NULL PRIMARY KEY,
    code BYTEA NOT NULL UNIQUE,
    content BYTEA NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX paper_subject ON paper (subject, kind, id);

CREATE TABLE paper_guess (
    source BYTEA NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    locked_until BIGINT,
    at BIGINT NOT NULL
) {clustered};
CREATE INDEX paper_guess_at ON paper_guess (at);
