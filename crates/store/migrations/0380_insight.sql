-- 指标的数 One indicator in one place: every value reported, every alert. The counts stand
-- open for lists.
CREATE TABLE insight_series (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    indicator TEXT NOT NULL,
    place BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    alerts BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE UNIQUE INDEX insight_series_one ON insight_series (indicator, place);
CREATE INDEX insight_series_place ON insight_series (place, id);

-- 冻结的报告 Written once, never again: the key refuses a second of the same version.
CREATE TABLE plan_report (
    id BIGINT NOT NULL PRIMARY KEY,
    plan TEXT NOT NULL,
    place BIGINT NOT NULL,
    as_of TEXT NOT NULL,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE UNIQUE INDEX plan_report_one ON plan_report (plan, place, as_of, version);

-- 报告数过的记录 What a frozen figure counted, by number only.
CREATE TABLE plan_report_line (
    report BIGINT NOT NULL,
    indicator TEXT NOT NULL,
    seq BIGINT NOT NULL,
    record TEXT NOT NULL,
    who TEXT NOT NULL,
    region BIGINT,
    PRIMARY KEY (report, indicator, seq)
);
