-- 还没看 A delivery that was taken in and not looked at to its end: written with the
-- delivery itself, taken away when everything that follows it was done. followed: 1 when
-- only the look for contradictions is left.
CREATE TABLE delivery_owed (
    batch BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    followed BIGINT NOT NULL CHECK (followed IN (0, 1)),
    state BYTEA NOT NULL
);
