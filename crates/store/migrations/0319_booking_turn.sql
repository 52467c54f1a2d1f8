-- 一个人一类一把锁 Who books something of a kind, or waits for it, takes their turn here:
-- how many one person may have of a kind counts in all places, and two places asked at
-- the same moment would each see nothing of the other.
CREATE TABLE booking_turn (
    person BIGINT NOT NULL,
    type TEXT NOT NULL,
    turn BIGINT NOT NULL,
    PRIMARY KEY (person, type)
);
