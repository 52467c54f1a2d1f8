-- 导出 A list somebody asked to take out: who, what for, which cases, who said yes.
CREATE TABLE list_export (
    id BIGINT NOT NULL PRIMARY KEY,
    region BIGINT NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX list_export_region ON list_export (region, at);
