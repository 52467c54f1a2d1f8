-- 数据服务 How often parties asked under their agreements, day by day. Who was asked
-- about stands in the audit alone.
CREATE TABLE ask_use (
    party TEXT NOT NULL,
    agreement TEXT NOT NULL,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    answered BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (party, agreement, kind, day)
) {clustered};
CREATE INDEX ask_use_day ON ask_use (day);
