-- 幸福码 A person's card: a random number in the code, the last time step used, so
-- that each code is taken once. Every scan stays, for its owner to see.
CREATE TABLE card (
    person BIGINT NOT NULL PRIMARY KEY,
    number BYTEA NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    used_step BIGINT NOT NULL
);

CREATE TABLE card_scan (
    id BIGINT NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX card_scan_person ON card_scan (person, id);
