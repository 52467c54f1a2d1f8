-- 管专款的组织：从哪天起，它的每一笔都在这里
CREATE TABLE fund_org (
    id BIGINT NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    region BIGINT NOT NULL,
    books_from TEXT NOT NULL,
    CONSTRAINT fund_org_name_once UNIQUE (book, name)
);
-- append-only: fund_org

-- 专款归哪个组织管
CREATE TABLE fund_of_org (
    fund BIGINT NOT NULL PRIMARY KEY,
    org BIGINT NOT NULL
);
CREATE INDEX fund_of_org_org ON fund_of_org (org, fund);
-- append-only: fund_of_org

-- 越了线，人看过以后怎么说
CREATE TABLE fund_look (
    org BIGINT NOT NULL,
    year BIGINT NOT NULL,
    rule TEXT NOT NULL,
    seq BIGINT NOT NULL,
    day TEXT NOT NULL,
    counted BIGINT NOT NULL,
    says TEXT NOT NULL,
    looked_by BIGINT NOT NULL,
    PRIMARY KEY (org, year, rule, seq)
) {clustered};
-- append-only: fund_look

-- 慈善行为记录：哪笔捐款是谁的
CREATE TABLE donation_giver (
    transfer BIGINT NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL
);
CREATE INDEX donation_giver_person ON donation_giver (person, transfer);
-- append-only: donation_giver
