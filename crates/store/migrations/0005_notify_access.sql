-- 消息与权限 What was told to whom; who may do what where.

CREATE TABLE message (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    person BIGINT NOT NULL,
    case_id BIGINT,
    occasion TEXT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX message_person ON message (person, id);
CREATE INDEX message_case ON message (case_id);
CREATE INDEX message_status ON message (status, id);

CREATE TABLE access_grant (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    account TEXT NOT NULL,
    person BIGINT,
    state TEXT NOT NULL
);
CREATE INDEX access_grant_account ON access_grant (account);
CREATE INDEX access_grant_person ON access_grant (person);
