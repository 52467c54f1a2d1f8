//! 「不予」 Why access is refused. The sentences name the missing right, never
//! what the record holds.

use kernel::{Date, Refuse};

/// Why something is not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No rule of the table allows this role this action.
    #[error("您的岗位不能做这件事")]
    Role,
    /// No grant of the role reaches the record's place today.
    #[error("这不在您负责的地方，或者您的授权不在有效期")]
    Region,
    /// The record is not the citizen's own.
    #[error("这不是您本人或您代办的事")]
    NotOwn,
    /// The purpose does not fit.
    #[error("查看和办理都要有事由，这个事由不行")]
    Purpose,
    /// A field above the rule's level.
    #[error("这里面有您不能看的内容")]
    Level,
    /// The record is in another state.
    #[error("现在这个阶段不能做这件事")]
    State,
    /// The actor or a near relative is concerned.
    #[error("这是您自己家或近亲属的事，要回避")]
    Conflict,
    /// The same human being did the other half.
    #[error("这件事要由不同的人来做，刚才那一步也是您做的")]
    FourEyes,
    /// A machine where a human being is needed.
    #[error("这件事要由人来做")]
    NotAPerson,
    /// A reason is needed.
    #[error("请写明原因，至少 {0} 个字")]
    Reason(usize),
    /// A reason longer than anybody reads.
    #[error("原因太长了，请写在 {0} 个字以内")]
    ReasonLong(usize),
    /// A list nobody has said yes to yet.
    #[error("这份名单人多，要同一个单位的另一个人批准以后才能取")]
    ExportWaits,
    /// A list asked for too long ago; hours.
    #[error("这份导出过了 {0} 小时，不能再用了。请重新申请")]
    ExportOver(i64),
    /// Roles one person may not hold together.
    #[error("这两种岗位不能由同一个人担任")]
    Incompatible,
    /// A grant that ends before it begins, or lies in the past.
    #[error("授权的起止日期不对")]
    Dates,
    /// No such proposal or grant.
    #[error("没有这一项，或者已经处理过了")]
    NothingThere,
    /// A break-glass of this person waits for its review too long.
    #[error("上次紧急查看到 {0} 还没有复查，现在不能再用")]
    GlassLocked(Date),
    /// A break-glass is already open.
    #[error("紧急查看已经打开，条件不能再改")]
    GlassOpen,
    /// Wrong name, password or code; which of them is not said.
    #[error("账号、密码或验证码不对。请再试一次")]
    SignIn,
    /// Too many wrong attempts; minutes left.
    #[error("试错太多次了，请过 {0} 分钟再试")]
    Locked(i64),
    /// The password is too easy.
    #[error("密码至少要 12 个字符")]
    Password,
    /// Another house's word was not believed; why.
    #[error("没有登录成功：{0}。请回登录页再试一次")]
    Elsewhere(String),
    /// Another house knows them, this one does not.
    #[error("{0}")]
    Stranger(&'static str),
    /// A passkey's answer was not believed.
    #[error("通行密钥没有认出来。请再试一次，或者用密码登录")]
    Passkey,
    /// Who it is must be proved anew.
    #[error("请再输一次验证码，证明是您本人在办")]
    Unproved,
    /// The calendar does not reach.
    #[error(transparent)]
    Calendar(#[from] kernel::CalendarError),
}

impl Refuse for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Refusal::Role => "access.role",
            Refusal::Region => "access.region",
            Refusal::NotOwn => "access.not_own",
            Refusal::Purpose => "access.purpose",
            Refusal::Level => "access.level",
            Refusal::State => "access.state",
            Refusal::Conflict => "access.conflict",
            Refusal::FourEyes => "access.four_eyes",
            Refusal::NotAPerson => "access.not_a_person",
            Refusal::Reason(_) => "access.reason",
            Refusal::ReasonLong(_) => "access.reason_long",
            Refusal::ExportWaits => "access.export_waits",
            Refusal::ExportOver(_) => "access.export_over",
            Refusal::Incompatible => "access.incompatible",
            Refusal::Dates => "access.dates",
            Refusal::NothingThere => "access.nothing_there",
            Refusal::GlassLocked(_) => "access.glass_locked",
            Refusal::GlassOpen => "access.glass_open",
            Refusal::SignIn => "access.sign_in",
            Refusal::Locked(_) => "access.locked",
            Refusal::Password => "access.password",
            Refusal::Elsewhere(_) => "access.elsewhere",
            Refusal::Stranger(_) => "access.stranger",
            Refusal::Passkey => "access.passkey",
            Refusal::Unproved => "access.unproved",
            Refusal::Calendar(_) => "access.calendar",
        }
    }

    fn article(&self) -> Option<&str> {
        match self {
            Refusal::Conflict => Some("民发〔2021〕57号 第十一条"),
            Refusal::Purpose => Some("社会救助法 第七十三条"),
            _ => None,
        }
    }
}
