-- 字段的短号：它写在每条记录里
CREATE TABLE pool_field (
    no BIGINT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE
);
