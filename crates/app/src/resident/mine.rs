//! 「我的数据」 What the house holds of a household, who looked at it, and what its
//! people said is not right; the messages written to somebody.

use super::check::Someone;
use super::form::answer_words;
use super::home::Home;
use super::known::Known;
use super::told::concerns_a_death;
use crate::{App, AppError, Context, Result};
use engine_access::{Holder, Purpose};
use engine_case::{AnswerSource, Case};
use kernel::{Actor, CaseId, HouseholdId, Instant, MessageId, Role};
use std::collections::BTreeMap;
use store::Tx;
use store::audit::AuditRow;

/// How many lookings are shown.
const LOOKS_SHOWN: usize = 100;

/// What is held of a household.
#[derive(Clone, Debug)]
pub struct MyData {
    /// Which.
    pub household: HouseholdId,
    /// Its people.
    pub people: Vec<Someone>,
    /// What departments have, by department.
    pub held: BTreeMap<String, Vec<Known>>,
    /// Who looked, newest first.
    pub looks: Vec<Look>,
    /// What the household said otherwise.
    pub said: Vec<Said>,
    /// Whether somebody of the household has died.
    pub solemn: bool,
}

/// Somebody looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// In which role: no name of a worker is shown here.
    pub role: Role,
    /// Of which office.
    pub office: String,
    /// What was done.
    pub did: &'static str,
    /// What for.
    pub why: String,
}

/// Something the household said that a department has otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub label: String,
    /// As the department has it.
    pub had: String,
    /// As the household said.
    pub said: String,
    /// In which case it is looked into.
    pub case: CaseId,
    /// What became of it.
    pub outcome: &'static str,
}

/// A message as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Which.
    pub id: MessageId,
    /// When it was written.
    pub at: Instant,
    /// Its text, line by line.
    pub lines: Vec<String>,
    /// The case it belongs to.
    pub case: Option<CaseId>,
    /// Whether it is seen for the first time.
    pub new: bool,
}

impl App {
    /// 我的数据 What is held of the household of who asks, and who looked.
    ///
    /// # Errors
    /// As [`App::check_household`].
    pub async fn my_data(&self, ctx: &Context, household: Option<HouseholdId>) -> Result<MyData> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let home = Home::open(tx, &ctx, household, app.now()).await?;
                let check = app.check(tx, &ctx, &home).await?;
                let mut cases = Vec::new();
                for id in tx.cases_of_household(home.id).await? {
                    cases.push((id, tx.case(id).await?.state));
                }
                let looks = app.looks(tx, &home, &cases).await?;
                let said = said(&app, &check.known, &cases);
                let mut held: BTreeMap<String, Vec<Known>> = BTreeMap::new();
                for one in check.known {
                    held.entry(one.department.clone()).or_default().push(one);
                }
                Ok::<_, AppError>(MyData {
                    household: home.id,
                    people: check.people,
                    held,
                    looks,
                    said,
                    solemn: check.solemn,
                })
            })
            .await
    }

    /// Rows of the audit about the household, its people and its cases, by others.
    async fn looks(&self, tx: &mut Tx, home: &Home, cases: &[(CaseId, Case)]) -> Result<Vec<Look>> {
        let mut rows: Vec<AuditRow> = tx.audit_of(&format!("household:{}", home.id)).await?;
        for member in &home.members {
            rows.extend(tx.audit_of(&format!("person:{}", member.person)).await?);
        }
        for (id, _) in cases {
            rows.extend(tx.audit_of(&format!("case:{id}")).await?);
        }
        let theirs = |actor: &Actor| {
            let person = actor.person;
            person.is_some_and(|one| home.members.iter().any(|member| member.person == one))
        };
        rows.retain(|row| !theirs(&row.actor));
        rows.sort_by_key(|row| std::cmp::Reverse(row.id));
        rows.truncate(LOOKS_SHOWN);
        let mut looks = Vec::with_capacity(rows.len());
        for row in rows {
            looks.push(Look {
                at: row.at,
                role: row.actor.role,
                office: self.office_of(tx, &row).await?,
                did: did(&row.action),
                why: self.why(&row.purpose, cases),
            });
        }
        Ok(looks)
    }

    /// Where who looked held the role on that day.
    async fn office_of(&self, tx: &mut Tx, row: &AuditRow) -> Result<String> {
        let Some(person) = row.actor.person else {
            return Ok(String::new());
        };
        let grants = tx.grants(&Holder::Person(person)).await?.state.grants;
        let day = kernel::Now { at: row.at }.today();
        let held = grants
            .iter()
            .find(|one| one.role == row.actor.role && one.holds_on(day));
        Ok(held
            .map(|grant| self.place(grant.region))
            .unwrap_or_default())
    }

    fn why(&self, purpose: &str, cases: &[(CaseId, Case)]) -> String {
        let named = |id: &CaseId| {
            let case = cases.iter().find(|(one, _)| one == id);
            let opened = case.and_then(|(_, case)| case.opened.as_ref());
            let flow = opened.and_then(|one| self.law.pack.flow(one.service.as_str()));
            flow.map_or_else(|| "办事".to_owned(), |flow| format!("办{}", flow.name))
        };
        match serde_json::from_str::<Purpose>(purpose) {
            Ok(Purpose::Case(id)) => named(&id),
            Ok(Purpose::Own) => "您家自己的事".to_owned(),
            Ok(Purpose::Visit(_)) => "上门走访".to_owned(),
            Ok(Purpose::Counter) => "您到窗口来办事".to_owned(),
            Ok(Purpose::Assessment(_)) => "评估".to_owned(),
            Ok(Purpose::Alarm(_)) => "紧急求助".to_owned(),
            Ok(Purpose::Discovery) => "看有没有该享受没享受的".to_owned(),
            Ok(Purpose::Payment(_)) => "发钱".to_owned(),
            Ok(Purpose::Collection) => "部门交来数据".to_owned(),
            Ok(Purpose::Audit(_)) => "审计和投诉".to_owned(),
            Ok(Purpose::Administration) => "管理系统".to_owned(),
            Ok(Purpose::Duty) => "当班办事".to_owned(),
            Err(_) => "没有写明".to_owned(),
        }
    }

    /// 消息 What was written to the actor, newest first; whether it concerns a death.
    /// Seen from now on.
    ///
    /// # Errors
    /// As [`App::inbox`].
    pub async fn letters(&self, ctx: &Context) -> Result<(Vec<Letter>, bool)> {
        let states = self.inbox(ctx).await?;
        let now = self.now();
        self.db
            .write(async move |tx| {
                let (mut letters, mut solemn) = (Vec::new(), false);
                for state in &states {
                    let Some(message) = &state.message else {
                        continue;
                    };
                    if let Some(case) = message.case {
                        solemn |= concerns_a_death(&tx.case(case).await?.state);
                    }
                    letters.push(Letter {
                        id: message.id,
                        at: state.attempts.first().map_or(now.at, |one| one.queued_at),
                        lines: message.text.lines().map(str::to_owned).collect(),
                        case: message.case,
                        new: tx.read_message(message.id, now).await?,
                    });
                }
                letters.reverse();
                Ok::<_, AppError>((letters, solemn))
            })
            .await
    }

    /// How many messages somebody has not seen.
    ///
    /// # Errors
    /// The store's.
    pub async fn unseen_letters(&self, ctx: &Context) -> Result<i64> {
        let Some(person) = ctx.actor.person else {
            return Ok(0);
        };
        let count = self
            .db
            .read(async move |tx| tx.unread_messages(person).await);
        Ok(count.await?)
    }
}

/// What the household said of facts a department has.
fn said(app: &App, known: &[Known], cases: &[(CaseId, Case)]) -> Vec<Said> {
    let mut all = Vec::new();
    for (id, case) in cases {
        for answer in &case.answers {
            let had = known
                .iter()
                .find(|one| one.fact == answer.field && one.about == answer.about);
            let (Some(had), AnswerSource::Person) = (had, &answer.source) else {
                continue;
            };
            let (_, said) = answer_words(&app.law, case, answer);
            let outcome = match (case.decision().is_some(), case.is_over()) {
                (true, _) => "核过了，结果写在决定里",
                (false, true) => "这件事不办了，没有再核",
                (false, false) => "正在核，有人会看",
            };
            all.push(Said {
                label: match had.who.is_empty() {
                    true => had.label.clone(),
                    false => format!("{}的{}", had.who, had.label),
                },
                had: format!("{}，{}", had.value, had.department),
                said,
                case: *id,
                outcome,
            });
        }
    }
    all
}

/// What an entry of the audit means to who it is about.
fn did(action: &str) -> &'static str {
    match action {
        "person.unmask" => "看了一项遮住的内容",
        "household.read" => "看了您家的情况",
        "holo.read" => "全息查询了您家的情况",
        "holo.refused" => "想查您，没有让查",
        "policy.check" | "policy.known_facts" => "查了您家能享受什么",
        "paper.print" => "打印了文书",
        "card.scan" => "扫了幸福码",
        "payment.statement" => "看了到账清单",
        _ if action.starts_with("case.read") => "看了您的办件",
        _ if action.starts_with("case.") => "办了您的事的一步",
        "verification_refused" => "想核对您家，没有让核对",
        _ if action.starts_with("verify.") || action.starts_with("verification") => "向部门核对",
        _ if action.starts_with("payment.") => "办了发钱的一步",
        _ => "处理了您家的记录",
    }
}
