-- 推送 Addresses that are told what happened, one an agreement. What is to be told
-- waits in the outbox under a topic of its own.
CREATE TABLE hook (
    agreement TEXT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    open BIGINT NOT NULL CHECK (open IN (0, 1)),
    state TEXT NOT NULL
) {clustered};
CREATE INDEX outbox_dead_topic ON outbox (topic, id) WHERE state = 2;
