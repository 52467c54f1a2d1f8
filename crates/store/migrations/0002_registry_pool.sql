-- 底册与数据海 People and households; what departments say of them.

CREATE TABLE person (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    merged_into BIGINT,
    state BYTEA NOT NULL
);

-- Who has or had a document number; more than one entry until they are merged.
CREATE TABLE person_number (
    number BYTEA NOT NULL,
    person BIGINT NOT NULL,
    PRIMARY KEY (number, person)
) {clustered};

CREATE TABLE household (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    region BIGINT NOT NULL,
    within BIGINT,
    state BYTEA NOT NULL
);
CREATE INDEX household_region ON household (region, id);
CREATE INDEX household_within ON household (within);

-- Which households a person belongs or belonged to.
CREATE TABLE membership (
    person BIGINT NOT NULL,
    household BIGINT NOT NULL,
    PRIMARY KEY (person, household)
) {clustered};

-- Merges, organisations and places: one row each, by kind and key.
CREATE TABLE register_entry (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (kind, key)
) {clustered};

-- 批次 A file is known by its bytes: a second row for them cannot exist.
CREATE TABLE data_batch (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    department TEXT NOT NULL,
    category TEXT NOT NULL,
    digest TEXT NOT NULL,
    as_of TEXT NOT NULL,
    rows_given BIGINT NOT NULL,
    rows_taken BIGINT NOT NULL,
    accepted BIGINT NOT NULL CHECK (accepted IN (0, 1)),
    state BYTEA NOT NULL,
    CONSTRAINT data_batch_once UNIQUE (category, digest)
);

-- A category's short number: it stands in every record.
CREATE TABLE pool_category (
    no BIGINT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE
);

-- 记录 The standing version of every record about a registered person: one
-- person's records of all categories lie together, household members beside.
CREATE TABLE pool_record (
    person BIGINT NOT NULL,
    category BIGINT NOT NULL,
    record_no BYTEA NOT NULL,
    as_of TEXT NOT NULL,
    batch BIGINT NOT NULL,
    field_values BYTEA NOT NULL,
    PRIMARY KEY (person, category, record_no)
) {clustered};

-- Records about organisations, places and people not in the register.
CREATE TABLE pool_other (
    subject BYTEA NOT NULL,
    category BIGINT NOT NULL,
    record_no BYTEA NOT NULL,
    as_of TEXT NOT NULL,
    batch BIGINT NOT NULL,
    field_values BYTEA NOT NULL,
    PRIMARY KEY (subject, category, record_no)
) {clustered};

-- 核对授权
CREATE TABLE authorisation (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    household BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX authorisation_household ON authorisation (household);
CREATE INDEX authorisation_case ON authorisation (case_id);

-- 核对
CREATE TABLE verification (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    household BIGINT NOT NULL,
    case_id BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX verification_case ON verification (case_id);
