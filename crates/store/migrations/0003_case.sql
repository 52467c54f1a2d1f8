-- 办件 Applications and their papers.

CREATE TABLE case_file (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    service TEXT NOT NULL,
    applicant BIGINT NOT NULL,
    household BIGINT NOT NULL,
    region BIGINT NOT NULL,
    phase TEXT NOT NULL,
    pack TEXT,
    joint_case BIGINT,
    joint_part TEXT,
    due TEXT,
    state BYTEA NOT NULL
);
CREATE INDEX case_household ON case_file (household);
CREATE INDEX case_work ON case_file (phase, region, due, id);
CREATE INDEX case_due ON case_file (due, id) WHERE due IS NOT NULL;
CREATE INDEX case_joint ON case_file (joint_case);

-- 文书 Papers and notices, by their bytes; never changed.
CREATE TABLE document (
    id BIGINT NOT NULL PRIMARY KEY,
    case_id BIGINT,
    kind TEXT NOT NULL,
    media TEXT NOT NULL,
    digest BYTEA NOT NULL,
    body BYTEA NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX document_case ON document (case_id);
-- append-only: document
