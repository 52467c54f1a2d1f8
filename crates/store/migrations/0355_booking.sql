-- 家底 All of one kind that can be booked at one place. `turn` is where those who write
-- to it wait for each other.
CREATE TABLE booking_stock (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    turn BIGINT NOT NULL,
    type TEXT NOT NULL,
    region BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX booking_stock_place ON booking_stock (type, region, id);

-- 预约、轮候 One line each, kept when it is over.
CREATE TABLE booking (
    id BIGINT NOT NULL PRIMARY KEY,
    stock BIGINT NOT NULL,
    type TEXT NOT NULL,
    region BIGINT NOT NULL,
    unit BIGINT,
    person BIGINT NOT NULL,
    begins BIGINT,
    ends BIGINT,
    stage TEXT NOT NULL
);
CREATE INDEX booking_person ON booking (person, id);
CREATE INDEX booking_stock_day ON booking (stock, begins);

-- 座 Who has which place of which unit at which time: this key, not a check, is why no
-- place is ever given twice. Grain -1: a stay without an end.
CREATE TABLE booking_seat (
    stock BIGINT NOT NULL,
    unit BIGINT NOT NULL,
    place BIGINT NOT NULL,
    grain BIGINT NOT NULL,
    booking BIGINT NOT NULL,
    PRIMARY KEY (stock, unit, place, grain)
);
CREATE INDEX booking_seat_booking ON booking_seat (booking);

-- 交接链
CREATE TABLE custody (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    code TEXT NOT NULL UNIQUE,
    region BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX custody_place ON custody (region, id);
