-- 补发和多发的建议 What a month gone by should have been beside what was made: once for
-- every obligation it would become. standing: where it stands, for finding it.

CREATE TABLE past_proposal (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    programme TEXT NOT NULL,
    beneficiary TEXT NOT NULL,
    period TEXT NOT NULL,
    component TEXT NOT NULL,
    revision BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    standing TEXT NOT NULL,
    state BYTEA NOT NULL,
    CONSTRAINT past_proposal_once UNIQUE (programme, beneficiary, period, component, revision)
);
CREATE INDEX past_proposal_standing ON past_proposal (standing, id);
CREATE INDEX past_proposal_case ON past_proposal (case_id);
