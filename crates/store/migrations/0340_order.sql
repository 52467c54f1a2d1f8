-- 工单 Orders: the state as JSON, beside it what queues, clocks and figures ask for.
-- open_source: the device of an open alarm; unique, so that one burst is one incident.
CREATE TABLE work_order (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    type TEXT NOT NULL,
    alarm BIGINT NOT NULL CHECK (alarm IN (0, 1)),
    item TEXT NOT NULL,
    stage TEXT NOT NULL,
    region BIGINT NOT NULL,
    person BIGINT,
    household BIGINT,
    provider BIGINT,
    worker BIGINT,
    wants_person BIGINT NOT NULL CHECK (wants_person IN (0, 1)),
    open_source TEXT,
    tick_at BIGINT,
    asked_at BIGINT NOT NULL,
    done_at BIGINT,
    response BIGINT,
    late BIGINT NOT NULL CHECK (late IN (0, 1)),
    stars BIGINT,
    state BYTEA NOT NULL
);
CREATE UNIQUE INDEX work_order_source ON work_order (open_source);
CREATE INDEX work_order_queue ON work_order (stage, region, alarm, asked_at, id);
CREATE INDEX work_order_tick ON work_order (tick_at, id) WHERE tick_at IS NOT NULL;
CREATE INDEX work_order_person ON work_order (person, id);
CREATE INDEX work_order_household ON work_order (household, type, id);
CREATE INDEX work_order_worker ON work_order (worker, stage, id);
CREATE INDEX work_order_handed ON work_order (stage, type, id);
CREATE INDEX work_order_asked ON work_order (asked_at, region);

-- 次数 How often somebody had an item within a period: counted where it cannot be passed.
CREATE TABLE order_quota (
    person BIGINT NOT NULL,
    item TEXT NOT NULL,
    period TEXT NOT NULL,
    used BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (person, item, period)
) {clustered};

-- 服务方
CREATE TABLE provider (
    id BIGINT NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL,
    region BIGINT NOT NULL,
    stopped BIGINT NOT NULL CHECK (stopped IN (0, 1)),
    load BIGINT NOT NULL CHECK (load >= 0),
    most BIGINT NOT NULL,
    late BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    safety BIGINT NOT NULL,
    stars BIGINT NOT NULL,
    rated BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX provider_person ON provider (person);
CREATE TABLE provider_skill (
    skill TEXT NOT NULL,
    provider BIGINT NOT NULL,
    PRIMARY KEY (skill, provider)
) {clustered};
CREATE TABLE provider_area (
    provider BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (provider, first)
) {clustered};
-- What is remembered of them, by day; the sums in provider cover the days of the rule.
CREATE TABLE provider_day (
    day TEXT NOT NULL,
    provider BIGINT NOT NULL,
    late BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    safety BIGINT NOT NULL,
    stars BIGINT NOT NULL,
    rated BIGINT NOT NULL,
    PRIMARY KEY (day, provider)
) {clustered};

-- 设备
CREATE TABLE device (
    id TEXT NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL,
    region BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    watch_from BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX device_watch ON device (watch_from);
CREATE INDEX device_person ON device (person);
