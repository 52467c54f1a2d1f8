-- 消息与权限 What was told to whom; who may do what where.

CREATE TABLE message (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    person BIGINT NOT NULL,
    case_id BIGINT,
    occasion TEXT NOT NULL,
    status TEXT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX message_person ON message (person, id);
CREATE INDEX message_case ON message (case_id);
CREATE INDEX message_status ON message (status, id);

-- 代办 Who acts for whom, from when to when.
CREATE TABLE agency (
    agent BIGINT NOT NULL,
    of_person BIGINT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    PRIMARY KEY (agent, of_person, from_day)
) {clustered};

-- 紧急查看
CREATE TABLE break_glass (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account TEXT NOT NULL,
    subject BIGINT NOT NULL,
    open BIGINT NOT NULL CHECK (open IN (0, 1)),
    state BYTEA NOT NULL
);
CREATE INDEX break_glass_account ON break_glass (account);
