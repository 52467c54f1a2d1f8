-- 账号 Who may sign in, and as what. password: an argon2 text; totp: the shared
-- secret; totp_step: the last time step used, so that a code works once.
CREATE TABLE login_account (
    login TEXT NOT NULL PRIMARY KEY,
    person BIGINT,
    role TEXT NOT NULL,
    name BYTEA NOT NULL,
    password BYTEA,
    totp BYTEA,
    totp_step BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked_until BIGINT,
    closed BIGINT NOT NULL CHECK (closed IN (0, 1))
) {clustered};
CREATE INDEX login_account_person ON login_account (person);

-- 会话 token: SHA-256 of what the browser holds; who reads the table cannot use it.
CREATE TABLE session (
    token BYTEA NOT NULL PRIMARY KEY,
    login TEXT NOT NULL,
    begun BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    proved BIGINT NOT NULL
) {clustered};
CREATE INDEX session_login ON session (login);
CREATE INDEX session_begun ON session (begun);
