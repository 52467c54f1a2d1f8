-- 数据进来的路 What departments push, and what is pulled from them.

-- 一次性数 A signed request's nonce, until it is too old to be used at all.
CREATE TABLE push_nonce (
    party TEXT NOT NULL,
    nonce TEXT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (party, nonce)
) {clustered};
CREATE INDEX push_nonce_until ON push_nonce (until);

-- 对方的批次号 The party's own number of a delivery: one number, one content.
CREATE TABLE push_batch (
    party TEXT NOT NULL,
    category TEXT NOT NULL,
    number TEXT NOT NULL,
    digest TEXT NOT NULL,
    batch BIGINT NOT NULL,
    PRIMARY KEY (party, category, number)
) {clustered};

-- 拉取 How far a pull has come; its pages wait, sealed, until the last one is there.
CREATE TABLE pull_run (
    source TEXT NOT NULL,
    category TEXT NOT NULL,
    version BIGINT NOT NULL,
    done BIGINT,
    tried BIGINT,
    state TEXT NOT NULL,
    PRIMARY KEY (source, category)
) {clustered};

CREATE TABLE pull_page (
    source TEXT NOT NULL,
    category TEXT NOT NULL,
    no BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (source, category, no)
) {clustered};

-- 没收下的行 A row the gate refused, as it came and why; mended: the delivery that
-- brought it again.
CREATE TABLE set_back_row (
    batch BIGINT NOT NULL,
    line BIGINT NOT NULL,
    mended BIGINT,
    state BYTEA NOT NULL,
    PRIMARY KEY (batch, line)
) {clustered};

-- 修过的值 What the gate mended in a record, and what it was.
CREATE TABLE pool_repair (
    category TEXT NOT NULL,
    record_no BYTEA NOT NULL,
    batch BIGINT NOT NULL,
    field TEXT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (category, record_no, batch, field)
) {clustered};
CREATE INDEX pool_repair_batch ON pool_repair (batch);
