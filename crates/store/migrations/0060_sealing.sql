-- 封存钥匙 Which keys this database was sealed with: an envelope each key made of
-- nothing, by its number; under 0 a hash the look-up key made.
CREATE TABLE sealing_key (
    no BIGINT NOT NULL PRIMARY KEY,
    proof BYTEA NOT NULL
) {clustered};
-- append-only: sealing_key
