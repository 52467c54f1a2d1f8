-- 缺口 A delivery held a row about this person that the gate refused: what the
-- category says of them is not known, as long as this delivery stands.
CREATE TABLE pool_gap (
    person BIGINT NOT NULL,
    category TEXT NOT NULL,
    batch BIGINT NOT NULL,
    PRIMARY KEY (person, category, batch)
) {clustered};
