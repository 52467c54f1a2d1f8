//! 「核对报告书」 A verification told in full, from its kept events alone: the five
//! stages, and for every member and category who answered, or what the pool stands
//! in with and how old that is. The same events and the same pool give the same
//! sheet, years later. Absent on purpose: names and words for people, and any
//! conclusion about a benefit (engine-policy's).

use crate::answer::{Answer, NoAnswer};
use crate::report::{Report, report};
use crate::verification::{AskState, Event, Verification};
use kernel::{Actor, DataBatchId, Date, Instant, PersonId, Slug};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The stages of a verification, in the order of the standard's contents (MZ/T
/// 072, 073; their texts were not at hand, so what belongs to each is assumed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 受理
    Accept,
    /// 取数
    Obtain,
    /// 比对
    Verify,
    /// 出报告
    Report,
    /// 复核
    Review,
}

impl Stage {
    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            Stage::Accept => "受理",
            Stage::Obtain => "取数",
            Stage::Verify => "比对",
            Stage::Report => "出报告",
            Stage::Review => "复核",
        }
    }
}

/// A stage as it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageLine {
    /// Which.
    pub stage: Stage,
    /// When it was done last.
    pub at: Instant,
    /// By whom, where it was a person.
    pub by: Option<Actor>,
    /// How often.
    pub times: u32,
}

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    /// 部门当场答的
    Live,
    /// 数据池 The department is silent; the pool stands in, with its age.
    Pool {
        /// The delivery, where a record tells it.
        batch: Option<DataBatchId>,
        /// How old the data is, days.
        age_days: i64,
    },
    /// 没有人答
    Nobody,
}

/// One member in one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetLine {
    /// The department.
    pub department: Slug,
    /// The member.
    pub person: PersonId,
    /// The category.
    pub category: Slug,
    /// Where the answer comes from.
    pub from: From,
    /// Why the department itself did not answer.
    pub silent: Option<NoAnswer>,
    /// How many records.
    pub records: usize,
    /// The day the answer speaks of.
    pub as_of: Option<Date>,
}

/// 核对报告书 What a verification came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// The stages that were gone through, in their order.
    pub stages: Vec<StageLine>,
    /// Every member and category, by department.
    pub lines: Vec<SheetLine>,
    /// Departments some question of which has no answer of theirs.
    pub silent: BTreeSet<Slug>,
    /// Conclusion, differences, contradictions.
    pub report: Report,
}

/// What the pool knows of each member, where it may stand in.
pub type Known = BTreeMap<PersonId, BTreeMap<Slug, Answer>>;

/// The sheet; `None` before anything was compared. `made`: when and by whom the
/// report is drawn up; ages are counted to that day.
pub fn sheet(
    events: &[Event],
    known: &Known,
    made: (Instant, &Actor),
    today: Date,
) -> Option<Sheet> {
    let mut state = Verification::default();
    events.iter().for_each(|event| state.apply(event));
    let report = report(&state)?;
    let lines = lines(&state, known, today);
    let silent = lines.iter().filter(|line| line.silent.is_some());
    Some(Sheet {
        stages: stages(events, made),
        silent: silent.map(|line| line.department.clone()).collect(),
        lines,
        report,
    })
}

fn lines(state: &Verification, known: &Known, today: Date) -> Vec<SheetLine> {
    let members = state.request.iter().flat_map(|request| &request.members);
    let people: Vec<PersonId> = members.map(|member| member.person).collect();
    let mut lines = Vec::new();
    for (department, ask) in &state.asks {
        for person in &people {
            for category in &ask.categories {
                let why = match &ask.state {
                    AskState::Failed { why, .. } => Some(why),
                    _ => None,
                };
                let live = state.answer(*person, category);
                let (from, silent, answer) = match (live, why) {
                    (Some(Answer::NoAnswer { why }), _) | (None, Some(why)) => {
                        let stand_in = known.get(person).and_then(|one| one.get(category));
                        let stand_in = stand_in.filter(|one| one.is_answered());
                        let from = stand_in.map_or(From::Nobody, |one| pool(one, today));
                        (from, Some(why.clone()), stand_in)
                    }
                    (Some(answer), _) => (From::Live, None, Some(answer)),
                    (None, None) => (From::Nobody, Some(NoAnswer::LeftOut), None),
                };
                let (records, as_of) = answer.map_or((0, None), told);
                lines.push(SheetLine {
                    department: department.clone(),
                    person: *person,
                    category: category.clone(),
                    from,
                    silent,
                    records,
                    as_of,
                });
            }
        }
    }
    lines
}

fn told(answer: &Answer) -> (usize, Option<Date>) {
    match answer {
        Answer::Records(held) => (held.len(), held.iter().map(|one| one.record.as_of).max()),
        Answer::NoRecord { as_of } => (0, Some(*as_of)),
        Answer::NoAnswer { .. } => (0, None),
    }
}

fn pool(answer: &Answer, today: Date) -> From {
    let batch = match answer {
        Answer::Records(held) => held.iter().filter_map(|one| one.batch).max(),
        _ => None,
    };
    let as_of = told(answer).1;
    From::Pool {
        batch,
        age_days: as_of.map_or(0, |day| today.signed_duration_since(day).num_days()),
    }
}

fn stages(events: &[Event], (made, maker): (Instant, &Actor)) -> Vec<StageLine> {
    let mut stages: BTreeMap<Stage, StageLine> = BTreeMap::new();
    let mut note = |stage: Stage, at: Instant, by: Option<&Actor>| {
        let line = stages.entry(stage).or_insert_with(|| StageLine {
            stage,
            at,
            by: None,
            times: 0,
        });
        line.at = at;
        line.times += 1;
        line.by = by.cloned().or_else(|| line.by.take());
    };
    let mut compared = false;
    for event in events {
        match event {
            Event::VerificationRequested { request, at, .. } => {
                note(Stage::Accept, *at, Some(&request.by));
            }
            // Asked after a comparison: the silent are asked again.
            Event::Asked { at, .. } if compared => note(Stage::Review, *at, None),
            Event::Asked { .. } => {}
            Event::Answered { at, .. } | Event::Failed { at, .. } => {
                note(Stage::Obtain, *at, None);
            }
            Event::Compared { at, .. } => {
                compared = true;
                note(Stage::Verify, *at, None);
            }
            // Who found it is told with the contradiction itself.
            Event::Ruled { at, .. } => note(Stage::Review, *at, None),
            Event::Explained { by, at, .. } | Event::Settled { by, at, .. } => {
                note(Stage::Review, *at, Some(by));
            }
        }
    }
    note(Stage::Report, made, Some(maker));
    stages.into_values().collect()
}
