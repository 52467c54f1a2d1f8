-- 发放与账本 Who is owed what, what was paid, and the books.

CREATE TABLE entitlement (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    programme TEXT NOT NULL,
    beneficiary TEXT NOT NULL,
    payee BIGINT NOT NULL,
    first_month TEXT NOT NULL,
    last_month TEXT,
    state BYTEA NOT NULL
);
CREATE INDEX entitlement_beneficiary ON entitlement (beneficiary, programme);
CREATE INDEX entitlement_payee ON entitlement (payee);

-- 应发 One thing owed once: the key is unique for ever.
CREATE TABLE obligation (
    id BIGINT NOT NULL PRIMARY KEY,
    programme TEXT NOT NULL,
    beneficiary TEXT NOT NULL,
    period TEXT NOT NULL,
    component TEXT NOT NULL,
    revision BIGINT NOT NULL,
    CONSTRAINT obligation_once UNIQUE (programme, beneficiary, period, component, revision)
);
CREATE INDEX obligation_period ON obligation (period);
CREATE INDEX obligation_beneficiary ON obligation (beneficiary, period);

CREATE TABLE payment_batch (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    period TEXT NOT NULL,
    phase TEXT NOT NULL,
    state BYTEA NOT NULL
);
CREATE INDEX payment_batch_period ON payment_batch (period);
CREATE INDEX payment_batch_phase ON payment_batch (phase);

-- 发放项 One attempt at one obligation. live: this attempt may still move money
-- or has moved it; of one obligation only one can.
CREATE TABLE payment_item (
    batch BIGINT NOT NULL,
    line BIGINT NOT NULL,
    obligation BIGINT NOT NULL,
    payee BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    phase TEXT NOT NULL,
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    state BYTEA NOT NULL,
    PRIMARY KEY (batch, line)
) {clustered};
CREATE UNIQUE INDEX payment_item_live ON payment_item (obligation) WHERE live = 1;
CREATE INDEX payment_item_obligation ON payment_item (obligation);
CREATE INDEX payment_item_payee ON payment_item (payee);
CREATE INDEX payment_item_reissued ON payment_item (batch, line) WHERE phase = 'reissued';

-- 银行文件 What was sent, byte for byte: a resend sends these.
CREATE TABLE bank_file (
    reference TEXT NOT NULL PRIMARY KEY,
    batch BIGINT NOT NULL,
    digest TEXT NOT NULL,
    body BYTEA NOT NULL,
    at BIGINT NOT NULL
);
-- append-only: bank_file

-- 回盘 Each line of the bank's answers, once.
CREATE TABLE bank_reply (
    bank TEXT NOT NULL,
    file TEXT NOT NULL,
    line BIGINT NOT NULL,
    reference TEXT NOT NULL,
    amount BIGINT NOT NULL,
    outcome BYTEA NOT NULL,
    reply TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (bank, file, line)
) {clustered};
-- append-only: bank_reply

-- 挂账 What the bank says of lines we never sent. cleared: how it ended.
CREATE TABLE suspense (
    id BIGINT NOT NULL PRIMARY KEY,
    bank TEXT NOT NULL,
    file TEXT NOT NULL,
    line BIGINT NOT NULL,
    reference TEXT NOT NULL,
    amount BIGINT NOT NULL,
    at BIGINT NOT NULL,
    cleared BYTEA,
    CONSTRAINT suspense_once UNIQUE (bank, file, line, reference)
);

-- 收款账户 Where a person's money goes now; before that: the events.
CREATE TABLE pay_account (
    person BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    state BYTEA NOT NULL
);

CREATE TABLE account (
    id BIGINT NOT NULL PRIMARY KEY,
    unit TEXT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    floor BIGINT,
    balance BIGINT NOT NULL,
    held_out BIGINT NOT NULL,
    held_in BIGINT NOT NULL
);

-- A business fact is booked once, as a transfer or as a hold.
CREATE TABLE ledger_reference (
    reference TEXT NOT NULL PRIMARY KEY,
    id BIGINT NOT NULL UNIQUE
) {clustered};
-- append-only: ledger_reference

-- kind: 0 direct, 1 posting of a hold, 2 reversal; subject: which hold or transfer.
CREATE TABLE transfer (
    id BIGINT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL,
    kind BIGINT NOT NULL CHECK (kind IN (0, 1, 2)),
    subject BIGINT,
    stamp BYTEA NOT NULL,
    CONSTRAINT transfer_subject_once UNIQUE (subject),
    CHECK ((kind = 0) = (subject IS NULL))
);
-- append-only: transfer

CREATE TABLE entry (
    transfer BIGINT NOT NULL,
    leg BIGINT NOT NULL,
    account BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transfer, leg)
) {clustered};
CREATE INDEX entry_account ON entry (account, transfer);
-- append-only: entry

CREATE TABLE hold (
    id BIGINT NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL,
    legs TEXT NOT NULL,
    expires BIGINT,
    pending BIGINT NOT NULL CHECK (pending IN (0, 1)),
    state TEXT NOT NULL,
    stamp BYTEA NOT NULL
);
CREATE INDEX hold_expiry ON hold (expires) WHERE pending = 1 AND expires IS NOT NULL;
