-- 发现的变化 What a new record changed in what is found about a household, and what
-- came of a lead when somebody went.

CREATE TABLE finding_change (
    id BIGINT NOT NULL PRIMARY KEY,
    benefit TEXT NOT NULL,
    household BIGINT NOT NULL,
    person BIGINT,
    before TEXT,
    after TEXT,
    cause TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX finding_change_home ON finding_change (household, id);
CREATE INDEX finding_home ON finding (household, screening);

CREATE TABLE lead_outcome (
    id BIGINT NOT NULL PRIMARY KEY,
    benefit TEXT NOT NULL,
    finding TEXT NOT NULL,
    household BIGINT NOT NULL,
    person BIGINT,
    outcome TEXT NOT NULL,
    worker BIGINT NOT NULL,
    at BIGINT NOT NULL,
    words BYTEA NOT NULL
);
CREATE INDEX lead_outcome_home ON lead_outcome (household, benefit);
-- append-only: finding_change
-- append-only: lead_outcome
