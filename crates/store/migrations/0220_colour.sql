-- 定色 The colour a person set for a household, with reason and last day, sealed.
CREATE TABLE set_colour (
    id BIGINT NOT NULL PRIMARY KEY,
    household BIGINT NOT NULL,
    at BIGINT NOT NULL,
    state BYTEA NOT NULL
);
-- append-only: set_colour

-- The newest of a household.
CREATE INDEX set_colour_of ON set_colour (household, id);
