-- 账户的界限、批次、专款；转账的用途、时刻和指纹（写在迁移之前的没有）
ALTER TABLE account ADD COLUMN ceiling BIGINT;
ALTER TABLE account ADD COLUMN expires BIGINT;
ALTER TABLE account ADD COLUMN purposes TEXT;
ALTER TABLE account ADD COLUMN print BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hold ADD COLUMN purpose TEXT;
ALTER TABLE transfer ADD COLUMN purpose TEXT;
ALTER TABLE transfer ADD COLUMN lot BIGINT;
ALTER TABLE transfer ADD COLUMN at BIGINT;
ALTER TABLE transfer ADD COLUMN print BYTEA;
CREATE INDEX account_lot ON account (expires) WHERE expires IS NOT NULL;

-- 账本里的账户：属于哪本账、哪一部分、谁的、哪里的
CREATE TABLE book_account (
    account BIGINT NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    part TEXT NOT NULL,
    holder BIGINT,
    region BIGINT
);
CREATE INDEX book_account_part ON book_account (book, part, account);
CREATE INDEX book_account_holder ON book_account (holder, book) WHERE holder IS NOT NULL;

-- 存入申报：对方确认了才算数；本身是一笔预留
CREATE TABLE book_claim (
    id BIGINT NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    kind TEXT NOT NULL,
    giver BIGINT NOT NULL,
    receiver BIGINT NOT NULL,
    day TEXT NOT NULL,
    amount BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    stage TEXT NOT NULL
);
CREATE INDEX book_claim_receiver ON book_claim (receiver, stage);
CREATE INDEX book_claim_giver ON book_claim (giver, id);
CREATE INDEX book_claim_open ON book_claim (stage, expires);

-- 请求冲正：一个人提，另一个人办
CREATE TABLE reversal_asked (
    transfer BIGINT NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    stage TEXT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX reversal_asked_book ON reversal_asked (book, stage, transfer);

-- 专款和募捐活动
CREATE TABLE fund (
    id BIGINT NOT NULL PRIMARY KEY,
    book TEXT NOT NULL,
    name TEXT NOT NULL,
    says TEXT NOT NULL,
    region BIGINT NOT NULL,
    account BIGINT NOT NULL UNIQUE,
    began TEXT NOT NULL,
    ends TEXT NOT NULL,
    emergency BIGINT NOT NULL,
    CONSTRAINT fund_name_once UNIQUE (book, name)
);
-- append-only: fund

-- 每次公示
CREATE TABLE fund_shown (
    fund BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    day TEXT NOT NULL,
    received BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    says TEXT NOT NULL,
    PRIMARY KEY (fund, seq)
) {clustered};
-- append-only: fund_shown

-- 捐赠：公开的名字和（密封的）捐赠人
CREATE TABLE donation (
    transfer BIGINT NOT NULL PRIMARY KEY,
    fund BIGINT NOT NULL,
    gift TEXT NOT NULL,
    shown TEXT NOT NULL,
    donor BYTEA NOT NULL
);
CREATE INDEX donation_fund ON donation (fund, transfer);
-- append-only: donation

-- 用款：一个人报，另一个人批
CREATE TABLE fund_spending (
    hold BIGINT NOT NULL PRIMARY KEY,
    fund BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    amount BIGINT NOT NULL,
    says TEXT NOT NULL,
    asked_by BIGINT NOT NULL,
    posting BIGINT,
    stage TEXT NOT NULL
);
CREATE INDEX fund_spending_fund ON fund_spending (fund, stage, hold);
