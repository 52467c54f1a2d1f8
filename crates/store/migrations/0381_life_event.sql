-- 人生大事 A death, a birth, a marriage with its steps. `once` and the person are why the
-- same event is not registered twice while it stands.
CREATE TABLE life_event (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    person BIGINT NOT NULL,
    once TEXT NOT NULL,
    region BIGINT NOT NULL,
    day TEXT NOT NULL,
    undone BIGINT NOT NULL,
    open BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE UNIQUE INDEX life_event_once ON life_event (kind, person, once) WHERE undone = 0;
CREATE INDEX life_event_place ON life_event (region, id);
CREATE INDEX life_event_person ON life_event (person, id);

-- 停用的幸福码 While a row is here the person's code opens nothing.
CREATE TABLE card_closed (
    person BIGINT NOT NULL PRIMARY KEY,
    life_event BIGINT NOT NULL
);
