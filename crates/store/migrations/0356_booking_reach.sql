-- 到哪一天 One row per place of a unit: the last grain taken, and the day from which a
-- stay without an end has it. The CHECK is why no dated stay ever reaches into an open
-- one, whoever asks at the same moment: all who take a place write this one row.
CREATE TABLE booking_reach (
    stock BIGINT NOT NULL,
    unit BIGINT NOT NULL,
    place BIGINT NOT NULL,
    last BIGINT NOT NULL,
    open_from BIGINT,
    PRIMARY KEY (stock, unit, place),
    CHECK (open_from IS NULL OR last < open_from)
);
-- Those that were there: days are counted as in China, in microseconds since 1970.
INSERT INTO booking_reach (stock, unit, place, last, open_from)
SELECT s.stock, s.unit, s.place, MAX(s.grain),
       MAX(CASE WHEN s.grain = -1 THEN (b.begins + 28800000000) / 86400000000 END)
FROM booking_seat s JOIN booking b ON b.id = s.booking
GROUP BY s.stock, s.unit, s.place;

-- What figures ask for: since when, whether it began as a wait, when it came to a place,
-- when it was over, of which sort.
ALTER TABLE booking ADD COLUMN asked_at BIGINT;
ALTER TABLE booking ADD COLUMN waited BIGINT NOT NULL DEFAULT 0;
ALTER TABLE booking ADD COLUMN placed_at BIGINT;
ALTER TABLE booking ADD COLUMN ended_at BIGINT;
ALTER TABLE booking ADD COLUMN sort TEXT;
CREATE INDEX booking_asked ON booking (type, region, asked_at);
