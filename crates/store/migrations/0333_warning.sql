-- 征兆 What was last known of a household's signs, and what lately changed.
CREATE TABLE sign_standing (
    household BIGINT NOT NULL PRIMARY KEY,
    state BYTEA NOT NULL
);

-- 预警 Several things that changed together: a lead for a visit. standing: 0 waits for
-- a place, 1 handed out, 2 closed.
CREATE TABLE warning (
    id BIGINT NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    household BIGINT NOT NULL,
    region BIGINT NOT NULL,
    standing BIGINT NOT NULL CHECK (standing IN (0, 1, 2)),
    outcome TEXT,
    due TEXT,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX warning_place ON warning (standing, region);
CREATE INDEX warning_rule ON warning (rule, outcome);
-- One of a rule stands for a household at a time.
CREATE UNIQUE INDEX warning_once ON warning (rule, household) WHERE standing <> 2;
