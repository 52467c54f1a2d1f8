-- 缺口 Whose row was refused is kept by the number, as a keyed hash, not by an entry of
-- the register: whoever is registered later is not known about either.
CREATE TABLE pool_gap_anew (
    number BYTEA NOT NULL,
    category TEXT NOT NULL,
    batch BIGINT NOT NULL,
    PRIMARY KEY (number, category, batch)
) {clustered};

INSERT INTO pool_gap_anew
SELECT DISTINCT n.number, g.category, g.batch
FROM pool_gap g JOIN person_number n ON n.person = g.person;

DROP TABLE pool_gap;

ALTER TABLE pool_gap_anew RENAME TO pool_gap;

CREATE INDEX person_number_of ON person_number (person);
