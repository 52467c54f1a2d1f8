-- 存下的筛选 Filters somebody keeps under a name, for themselves or their place; sealed:
-- what is looked for may be a name.
CREATE TABLE list_view (
    id BIGINT NOT NULL PRIMARY KEY,
    owner BIGINT NOT NULL,
    region BIGINT NOT NULL,
    shared BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX list_view_owner ON list_view (owner, id);
CREATE INDEX list_view_region ON list_view (region, shared, id);
