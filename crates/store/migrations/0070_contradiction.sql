-- 矛盾 What two departments cannot both truly say of somebody: a lead for a person,
-- never a fact. person 0: somebody who is not registered, by the hash of pool_other.
CREATE TABLE contradiction (
    person BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    rule TEXT NOT NULL,
    left_no BYTEA NOT NULL,
    right_no BYTEA NOT NULL,
    found_at BIGINT NOT NULL,
    gone_at BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (person, subject, rule, left_no, right_no)
) {clustered};
CREATE INDEX contradiction_of ON contradiction (rule, gone_at);
