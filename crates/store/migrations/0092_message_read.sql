-- 看过 Which messages their reader has seen on the page of messages.
CREATE TABLE message_read (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
