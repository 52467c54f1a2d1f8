-- 暂存 What waits a few minutes for somebody to come back: a sign-in begun elsewhere,
-- a passkey's challenge, a form whose sender must prove first. key: a keyed hash of
-- what the browser holds; taken once.
CREATE TABLE set_aside (
    key BYTEA NOT NULL,
    kind TEXT NOT NULL,
    until BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (kind, key)
) {clustered};
CREATE INDEX set_aside_until ON set_aside (until);

-- 账号的证件 By which document number another sign-in finds an account. number: a keyed hash.
CREATE TABLE login_number (
    number BYTEA NOT NULL,
    login TEXT NOT NULL,
    PRIMARY KEY (number, login)
) {clustered};

-- 通行密钥 credential: a keyed hash of the credential's own id.
CREATE TABLE passkey (
    credential BYTEA NOT NULL PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE,
    login TEXT NOT NULL,
    name BYTEA NOT NULL,
    added BIGINT NOT NULL,
    used BIGINT,
    state BYTEA NOT NULL
) {clustered};
CREATE INDEX passkey_login ON passkey (login, id);
