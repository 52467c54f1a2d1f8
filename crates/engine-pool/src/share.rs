//! 「共享申请」 A department asks for a category: who, what for, on which law. A person
//! answers within the days the law gives, with reasons; who asked does not answer.
//! Absent on purpose: sending the data (agreements), and any answer by a machine.

use crate::config::{Category, Sensitivity};
use kernel::{Actor, Date, Instant, Now, Provenance, Refuse, Slug, WorkCalendar};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a category may be shared (政务数据共享条例 第十三条 names the three; which
/// category is which is assumed from how sensitive it is).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareKind {
    /// 无条件共享
    Unconditional,
    /// 有条件共享
    Conditional,
    /// 不予共享
    Never,
}

impl ShareKind {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            ShareKind::Unconditional => "无条件共享",
            ShareKind::Conditional => "有条件共享",
            ShareKind::Never => "不予共享",
        }
    }
}

impl Category {
    /// How it may be shared: assumed, until agreements say it.
    pub fn share_kind(&self) -> ShareKind {
        match self.sensitivity {
            Sensitivity::S1 => ShareKind::Unconditional,
            Sensitivity::S2 | Sensitivity::S3 => ShareKind::Conditional,
            Sensitivity::S4 => ShareKind::Never,
        }
    }
}

/// The days the law gives, in working days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareDays {
    /// To answer where there is no condition.
    pub unconditional_days: u32,
    /// To answer where there is one.
    pub conditional_days: u32,
    /// How many more, once, with the asker's consent.
    pub prolonged_days: u32,
    /// From a yes to the data.
    pub supply_days: u32,
    /// Where that is written.
    pub basis: String,
    /// How well it is founded.
    pub provenance: Provenance,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareWanted {
    /// The category.
    pub category: Slug,
    /// Which department asks.
    pub asker: String,
    /// Which fields; empty: all.
    pub fields: BTreeSet<Slug>,
    /// What for.
    pub purpose: String,
    /// On which article.
    pub basis: String,
}

/// A request, from the question to the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRequest {
    /// What is asked for.
    pub wanted: ShareWanted,
    /// How it may be shared.
    pub kind: ShareKind,
    /// Who put it down.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// The last day to answer.
    pub due: Date,
    /// Why it takes longer, who agreed.
    pub prolonged: Option<Prolonged>,
    /// The answer.
    pub answer: Option<ShareAnswer>,
}

/// More time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prolonged {
    /// Why.
    pub reason: String,
    /// Who of the asking department agreed.
    pub agreed_by: String,
    /// Who wrote it down.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareAnswer {
    /// Yes or no.
    pub granted: bool,
    /// Why.
    pub reasons: String,
    /// Who answered.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Whether it came after its last day.
    pub late: bool,
    /// After a yes, the last day to supply the data.
    pub supply_by: Option<Date>,
}

/// What can be done with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareCommand {
    /// 提出
    Ask(ShareWanted),
    /// 延长 Once, with the asker's consent.
    Prolong {
        /// Why.
        reason: String,
        /// Who of the asking department agreed.
        agreed_by: String,
    },
    /// 答复
    Answer {
        /// Yes or no.
        granted: bool,
        /// Why.
        reasons: String,
    },
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareRefusal {
    /// There is no such category or field.
    #[error("数据目录里没有“{0}”")]
    Unknown(Slug),
    /// The category is shared with nobody.
    #[error("“{0}”不予共享：最敏感的数据只在核对时按授权问，不整批给")]
    Never(String),
    /// Words are missing.
    #[error("请写明{0}")]
    Words(&'static str),
    /// Who asked answers.
    #[error("谁提的申请，不能由谁来答复。请换一个人")]
    OwnRequest,
    /// A machine or nobody.
    #[error("要由工作人员本人来办")]
    NotAPerson,
    /// It is answered already.
    #[error("这份申请已经答复过了")]
    Answered,
    /// It was prolonged already.
    #[error("这份申请已经延长过一次，不能再延长")]
    ProlongedOnce,
    /// Nobody wrote down how many days there are.
    #[error("规则包里没有写几天内答复，先补上")]
    NoDays,
    /// The calendar does not reach so far.
    #[error("工作日历没有排到那一天，先补上日历")]
    NoCalendar,
}

impl Refuse for ShareRefusal {
    fn code(&self) -> &'static str {
        match self {
            ShareRefusal::Unknown(_) => "share.unknown",
            ShareRefusal::Never(_) => "share.never",
            ShareRefusal::Words(_) => "share.words",
            ShareRefusal::OwnRequest => "share.own_request",
            ShareRefusal::NotAPerson => "share.not_a_person",
            ShareRefusal::Answered => "share.answered",
            ShareRefusal::ProlongedOnce => "share.prolonged_once",
            ShareRefusal::NoDays => "share.no_days",
            ShareRefusal::NoCalendar => "share.no_calendar",
        }
    }

    fn article(&self) -> Option<&str> {
        match self {
            ShareRefusal::Never(_) => Some("政务数据共享条例 第十三条"),
            ShareRefusal::Words(_) => Some("政务数据共享条例 第二十一条"),
            _ => None,
        }
    }
}

/// What a decision needs to know.
pub struct ShareRules<'a> {
    /// The category asked for.
    pub category: &'a Category,
    /// The days.
    pub days: Option<&'a ShareDays>,
    /// The working days.
    pub calendar: &'a WorkCalendar,
}

/// The request after a command; `None` before it was asked.
///
/// # Errors
/// [`ShareRefusal`].
pub fn share(
    state: Option<ShareRequest>,
    command: ShareCommand,
    by: &Actor,
    rules: &ShareRules<'_>,
    now: Now,
) -> Result<ShareRequest, ShareRefusal> {
    if !by.role.is_human() || by.person.is_none() {
        return Err(ShareRefusal::NotAPerson);
    }
    let days = rules.days.ok_or(ShareRefusal::NoDays)?;
    match (state, command) {
        (None, ShareCommand::Ask(wanted)) => ask(wanted, by, (rules, days), now),
        (Some(one), ShareCommand::Prolong { reason, agreed_by }) => {
            let one = open(one)?;
            if one.prolonged.is_some() {
                return Err(ShareRefusal::ProlongedOnce);
            }
            let due = rules.after(one.due, days.prolonged_days)?;
            let prolonged = Some(Prolonged {
                reason: words(&reason, "为什么要延长")?,
                agreed_by: words(&agreed_by, "对方哪位同意了延长")?,
                by: by.clone(),
                at: now.at,
            });
            Ok(ShareRequest {
                due,
                prolonged,
                ..one
            })
        }
        (Some(one), ShareCommand::Answer { granted, reasons }) => {
            let one = open(one)?;
            if one.by.person == by.person {
                return Err(ShareRefusal::OwnRequest);
            }
            let today = now.today();
            let supply_by = match granted {
                true => Some(rules.after(today, days.supply_days)?),
                false => None,
            };
            let answer = Some(ShareAnswer {
                granted,
                reasons: words(&reasons, "为什么这样答复")?,
                by: by.clone(),
                at: now.at,
                late: today > one.due,
                supply_by,
            });
            Ok(ShareRequest { answer, ..one })
        }
        (Some(_), ShareCommand::Ask(_)) => Err(ShareRefusal::Answered),
        (None, _) => Err(ShareRefusal::Unknown(rules.category.id.clone())),
    }
}

impl ShareRules<'_> {
    fn after(&self, day: Date, count: u32) -> Result<Date, ShareRefusal> {
        let after = self.calendar.add_working_days(day, count);
        after.map_err(|_| ShareRefusal::NoCalendar)
    }
}

fn ask(
    wanted: ShareWanted,
    by: &Actor,
    (rules, days): (&ShareRules<'_>, &ShareDays),
    now: Now,
) -> Result<ShareRequest, ShareRefusal> {
    let kind = rules.category.share_kind();
    let count = match kind {
        ShareKind::Unconditional => days.unconditional_days,
        ShareKind::Conditional => days.conditional_days,
        ShareKind::Never => return Err(ShareRefusal::Never(rules.category.name.clone())),
    };
    let known = |id: &&Slug| rules.category.field(id).is_none();
    if let Some(unknown) = wanted.fields.iter().find(known) {
        return Err(ShareRefusal::Unknown(unknown.clone()));
    }
    Ok(ShareRequest {
        wanted: ShareWanted {
            asker: words(&wanted.asker, "哪个部门申请")?,
            purpose: words(&wanted.purpose, "用来做什么")?,
            basis: words(&wanted.basis, "依据哪部法律第几条")?,
            ..wanted
        },
        kind,
        by: by.clone(),
        at: now.at,
        due: rules.after(now.today(), count)?,
        prolonged: None,
        answer: None,
    })
}

fn open(one: ShareRequest) -> Result<ShareRequest, ShareRefusal> {
    match one.answer {
        None => Ok(one),
        Some(_) => Err(ShareRefusal::Answered),
    }
}

fn words(text: &str, what: &'static str) -> Result<String, ShareRefusal> {
    let text = text.trim();
    match text.chars().count() {
        2..=500 => Ok(text.to_owned()),
        _ => Err(ShareRefusal::Words(what)),
    }
}
