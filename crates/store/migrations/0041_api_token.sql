-- 接口令牌 token: SHA-256 of what the program holds; shown once, when it is issued.
CREATE TABLE api_token (
    token BYTEA NOT NULL PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE,
    login TEXT NOT NULL,
    note BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    issued BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked BIGINT
) {clustered};
CREATE INDEX api_token_login ON api_token (login, id);
