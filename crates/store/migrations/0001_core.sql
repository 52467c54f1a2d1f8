-- 底座 What every noun stands on. One text for SQLite and PostgreSQL: BIGINT, TEXT
-- and BYTEA only; moments are microseconds, days ISO text, booleans 0 and 1.

CREATE TABLE sequence (
    kind TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
) {clustered};

-- 幂等 A reply by the key of its request. Payment keys have no expiry.
CREATE TABLE idempotency (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BYTEA NOT NULL,
    reply BYTEA,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (scope, key)
) {clustered};
CREATE INDEX idempotency_expiry ON idempotency (expires_at) WHERE expires_at IS NOT NULL;

-- 待办信箱 What must happen after a transaction. state: 0 waiting, 1 done, 2 dead.
CREATE TABLE outbox (
    id BIGINT NOT NULL PRIMARY KEY,
    topic TEXT NOT NULL,
    key TEXT NOT NULL,
    body BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    state BIGINT NOT NULL CHECK (state IN (0, 1, 2)),
    error BYTEA,
    done_at BIGINT,
    CONSTRAINT outbox_once UNIQUE (topic, key)
);
CREATE INDEX outbox_due ON outbox (topic, due_at, id) WHERE state = 0;
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 2;

-- 事件 What happened to whom, in order.
CREATE TABLE event (
    kind TEXT NOT NULL,
    id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    body BYTEA NOT NULL,
    at BIGINT NOT NULL,
    account TEXT NOT NULL,
    person BIGINT,
    role TEXT NOT NULL,
    PRIMARY KEY (kind, id, seq)
) {clustered};
-- append-only: event

-- 审计 Who did or looked at what, why. Digests, never values.
CREATE TABLE audit (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    account TEXT NOT NULL,
    person BIGINT,
    role TEXT NOT NULL,
    action TEXT NOT NULL,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    digest BYTEA NOT NULL,
    mac BYTEA NOT NULL
);
-- append-only: audit
-- Rows not yet in the tree.
CREATE TABLE audit_pending (
    id BIGINT NOT NULL PRIMARY KEY
) {clustered};
-- The tree's leaves in order, from 0 (RFC 6962).
CREATE TABLE audit_leaf (
    seq BIGINT NOT NULL PRIMARY KEY,
    audit BIGINT NOT NULL UNIQUE,
    leaf BYTEA NOT NULL
);
-- append-only: audit_leaf
-- The right edge of the tree: roots of its perfect subtrees, largest first.
CREATE TABLE audit_head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    size BIGINT NOT NULL,
    edge BYTEA NOT NULL
);
INSERT INTO audit_head (one, size, edge) VALUES (1, 0, '');
-- 检查点 What was signed and shown to witnesses.
CREATE TABLE audit_checkpoint (
    size BIGINT NOT NULL PRIMARY KEY,
    note TEXT NOT NULL,
    signature BYTEA NOT NULL,
    edge BYTEA NOT NULL,
    at BIGINT NOT NULL
);
-- append-only: audit_checkpoint
