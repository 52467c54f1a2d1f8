-- 评估 One assessment by a sheet. Score and grade stand open for bodies only: a
-- person's are in the sealed state.
CREATE TABLE assessment (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    sheet TEXT NOT NULL,
    person BIGINT,
    body BIGINT,
    draw BIGINT,
    region BIGINT NOT NULL,
    phase TEXT NOT NULL,
    confirmed TEXT,
    until TEXT,
    score BIGINT,
    grade BIGINT,
    mend_by TEXT,
    state BYTEA NOT NULL
);
CREATE INDEX assessment_place ON assessment (region, id);
CREATE INDEX assessment_person ON assessment (person, id) WHERE person IS NOT NULL;
CREATE INDEX assessment_body ON assessment (body, sheet, confirmed) WHERE body IS NOT NULL;
CREATE INDEX assessment_draw ON assessment (draw, id) WHERE draw IS NOT NULL;

-- 受评单位 Institutions and organisations that are rated or inspected.
CREATE TABLE assessed_body (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    region BIGINT NOT NULL,
    name TEXT NOT NULL,
    class TEXT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX assessed_body_place ON assessed_body (kind, region, id);
CREATE UNIQUE INDEX assessed_body_name ON assessed_body (kind, region, name);

-- 双随机抽查
CREATE TABLE random_draw (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    sheet TEXT NOT NULL,
    region BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX random_draw_place ON random_draw (region, id);
