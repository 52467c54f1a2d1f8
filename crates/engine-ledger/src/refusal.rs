//! 「不予」 Why the ledger says no.

use kernel::{AccountId, Instant, Refuse, Slug, TransferId};

/// The ledger's refusals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The number is taken.
    #[error("账户编号 {0} 已经有了，不能再开一次")]
    AccountExists(AccountId),
    /// The account is not in the book.
    #[error("没有编号为 {0} 的账户，请先开户")]
    NoSuchAccount(AccountId),
    /// A floor above zero cannot be kept by an account that opens empty.
    #[error("账户下限不能高于 0：新账户从 0 开始")]
    FloorAboveZero,
    /// Fewer than two or more legs than allowed.
    #[error("一笔转账至少要有两方，最多 {most} 方；这笔有 {legs} 方")]
    WrongLegs {
        /// How many there are.
        legs: usize,
        /// How many there may be.
        most: usize,
    },
    /// A leg of 0 says nothing.
    #[error("账户 {0} 的金额是 0，请去掉这一方")]
    EmptyLeg(AccountId),
    /// The same account twice: write the net amount.
    #[error("账户 {0} 在一笔转账里出现了两次，请合成一方")]
    RepeatedAccount(AccountId),
    /// The legs do not sum to zero in a unit.
    #[error("借贷不平：{unit} 合计差 {difference}，应当是 0")]
    Unbalanced {
        /// The unit.
        unit: Slug,
        /// What is over (may be negative).
        difference: i128,
    },
    /// The account would go below its floor, pending holds counted.
    #[error("账户 {account} 的余额不够：可用 {available}，需要 {needed}")]
    BelowFloor {
        /// Which.
        account: AccountId,
        /// What can be taken.
        available: i64,
        /// What was asked.
        needed: i64,
    },
    /// The account would go above its ceiling, what is on its way in counted.
    #[error("账户 {account} 到上限了：还能记 {room}，这笔要记 {asked}")]
    AboveCeiling {
        /// Which.
        account: AccountId,
        /// What can still come in.
        room: i64,
        /// What was asked.
        asked: i64,
    },
    /// All lots together do not have it.
    #[error("余额不够：可用 {available}，需要 {needed}")]
    NotEnough {
        /// What can be taken.
        available: i64,
        /// What was asked.
        needed: i64,
    },
    /// An empty account cannot be above its ceiling.
    #[error("账户上限不能低于 0：新账户从 0 开始")]
    CeilingBelowZero,
    /// A lot is never negative.
    #[error("会到期的批次，下限只能是 0")]
    LotWithoutFloor,
    /// Its time is over.
    #[error("批次 {0} 已经到期，不能再进出")]
    LotLapsed(AccountId),
    /// Its time is not over.
    #[error("批次 {0} 还没有到期")]
    LotNotDue(AccountId),
    /// Zero or less.
    #[error("数量要大于 0")]
    NothingToMove,
    /// Money leaves a restricted account only for a purpose.
    #[error("账户 {0} 是专款，要写明用途")]
    PurposeMissing(AccountId),
    /// Not one of its purposes.
    #[error("账户 {account} 是专款，不能用于“{purpose}”")]
    PurposeNotAllowed {
        /// Which.
        account: AccountId,
        /// What was named.
        purpose: Slug,
    },
    /// Beyond what 64 bits hold.
    #[error("账户 {0} 的数额太大了，请核对一下")]
    TooLarge(AccountId),
    /// The number is taken.
    #[error("转账编号 {0} 已经用过了")]
    NumberTaken(TransferId),
    /// The reference stands for another transfer.
    #[error("“{reference}”已经记过账（编号 {by}），不会再记一次")]
    ReferenceTaken {
        /// The reference.
        reference: String,
        /// Who carries it.
        by: TransferId,
    },
    /// No such hold.
    #[error("没有编号为 {0} 的预留")]
    NoSuchHold(TransferId),
    /// The hold is posted, voided or expired.
    #[error("预留 {0} 已经了结，不能再入账或解除")]
    HoldSettled(TransferId),
    /// Its time ran out: it can only expire.
    #[error("预留 {hold} 已在 {expired} 到期，不能再入账")]
    HoldLapsed {
        /// Which.
        hold: TransferId,
        /// When it lapsed.
        expired: Instant,
    },
    /// Its time has not run out.
    #[error("预留 {0} 还没有到期")]
    HoldNotDue(TransferId),
    /// A hold that ends before it begins.
    #[error("预留的到期时间要晚于现在")]
    ExpiryInThePast,
    /// A posting may only shrink the hold's legs.
    #[error("入账不能超过预留：账户 {0} 超出或不在预留里")]
    BeyondHold(AccountId),
    /// No such transfer.
    #[error("没有编号为 {0} 的转账")]
    NoSuchTransfer(TransferId),
    /// Reversed already.
    #[error("转账 {of} 已经由 {by} 冲正，不能冲正两次")]
    AlreadyReversed {
        /// Which.
        of: TransferId,
        /// By which.
        by: TransferId,
    },
    /// A reversal is not reversed; make the transfer anew.
    #[error("转账 {0} 本身是冲正，不能再冲正；请重新记一笔")]
    ReversalOfReversal(TransferId),
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::AccountExists(_) => "ledger.account_exists",
            Refusal::NoSuchAccount(_) => "ledger.no_such_account",
            Refusal::FloorAboveZero => "ledger.floor_above_zero",
            Refusal::WrongLegs { .. } => "ledger.wrong_legs",
            Refusal::EmptyLeg(_) => "ledger.empty_leg",
            Refusal::RepeatedAccount(_) => "ledger.repeated_account",
            Refusal::Unbalanced { .. } => "ledger.unbalanced",
            Refusal::BelowFloor { .. } => "ledger.below_floor",
            Refusal::AboveCeiling { .. } => "ledger.above_ceiling",
            Refusal::NotEnough { .. } => "ledger.not_enough",
            Refusal::CeilingBelowZero => "ledger.ceiling_below_zero",
            Refusal::LotWithoutFloor => "ledger.lot_without_floor",
            Refusal::LotLapsed(_) => "ledger.lot_lapsed",
            Refusal::LotNotDue(_) => "ledger.lot_not_due",
            Refusal::NothingToMove => "ledger.nothing_to_move",
            Refusal::PurposeMissing(_) => "ledger.purpose_missing",
            Refusal::PurposeNotAllowed { .. } => "ledger.purpose_not_allowed",
            Refusal::TooLarge(_) => "ledger.too_large",
            Refusal::NumberTaken(_) => "ledger.number_taken",
            Refusal::ReferenceTaken { .. } => "ledger.reference_taken",
            Refusal::NoSuchHold(_) => "ledger.no_such_hold",
            Refusal::HoldSettled(_) => "ledger.hold_settled",
            Refusal::HoldLapsed { .. } => "ledger.hold_lapsed",
            Refusal::HoldNotDue(_) => "ledger.hold_not_due",
            Refusal::ExpiryInThePast => "ledger.expiry_in_the_past",
            Refusal::BeyondHold(_) => "ledger.beyond_hold",
            Refusal::NoSuchTransfer(_) => "ledger.no_such_transfer",
            Refusal::AlreadyReversed { .. } => "ledger.already_reversed",
            Refusal::ReversalOfReversal(_) => "ledger.reversal_of_reversal",
        }
    }
}
