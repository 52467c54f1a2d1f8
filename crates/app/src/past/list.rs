//! 「建议清单」 Proposals by whom they are about: months, what was due, what was made,
//! why. Opening it is on record.

use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_payment::{PastStanding, PastWay};
use kernel::{CaseId, Money, Period, PersonId};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use store::{PastRow, RegisterSlice, Tx};

/// The latest settled ones shown.
const SETTLED_MAX: u32 = 200;

/// What the page shows.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PastPage {
    /// Wait for somebody to say what is to be done.
    pub open: Vec<PastGroup>,
    /// Wait for another to confirm.
    pub taken: Vec<PastGroup>,
    /// Done with, the latest.
    pub settled: Vec<PastGroup>,
}

/// The proposals of one case that go the same way.
#[derive(Clone, Debug, Serialize)]
pub struct PastGroup {
    /// The case.
    pub case: CaseId,
    /// Who receives the money.
    pub name: String,
    /// The service.
    pub programme: String,
    /// Whether too little was paid; else too much.
    pub arrears: bool,
    /// What somebody said is to be done, and why.
    pub way: Option<(PastWay, String)>,
    /// Whether whoever looks said so: then another confirms.
    pub mine: bool,
    /// All months together, above zero.
    pub sum: Money,
    /// What speaks for it, each once.
    pub why: Vec<String>,
    /// By month.
    pub lines: Vec<PastLine>,
}

/// One month.
#[derive(Clone, Debug, Serialize)]
pub struct PastLine {
    /// The proposal.
    pub id: i64,
    /// The month.
    pub period: Period,
    /// What was due.
    pub owed: Money,
    /// What was made.
    pub made: Money,
    /// Owed less made.
    pub difference: Money,
    /// Where it stands, in words.
    pub stands: String,
    /// What speaks for this month.
    pub why: Vec<String>,
}

impl App {
    /// 看建议 Every proposal that waits for somebody, and the latest that do not.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn past(&self, ctx: &Context) -> Result<PastPage> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                app.may_past(tx, &ctx, Action::ProposePast).await?;
                let open = tx.past_at("open").await?;
                let taken = tx.past_at("taken").await?;
                let mut settled = tx.past_latest(SETTLED_MAX).await?;
                settled.retain(|row| {
                    let standing = &row.loaded.state.standing;
                    matches!(standing, PastStanding::Settled { .. } | PastStanding::Gone)
                });
                let all = || open.iter().chain(&taken).chain(&settled);
                let names = names(tx, all()).await?;
                let told = (open.len(), taken.len(), settled.len());
                ctx.record(tx, "past.read", "past_proposals", &told, now)
                    .await?;
                let me = ctx.actor.person;
                Ok::<_, AppError>(PastPage {
                    open: app.grouped(&open, &names, me),
                    taken: app.grouped(&taken, &names, me),
                    settled: app.grouped(&settled, &names, me),
                })
            })
            .await
    }

    fn grouped(
        &self,
        rows: &[PastRow],
        names: &BTreeMap<PersonId, String>,
        me: Option<PersonId>,
    ) -> Vec<PastGroup> {
        let mut groups: Vec<PastGroup> = Vec::new();
        for row in rows {
            let state = &row.loaded.state;
            let finding = &state.finding;
            let arrears = finding.difference > Money::ZERO;
            let (way, mine) = match &state.standing {
                PastStanding::Taken { way, reason, by }
                | PastStanding::Settled {
                    way, reason, by, ..
                } => (
                    Some((*way, reason.clone())),
                    me.is_some() && by.by.person == me,
                ),
                PastStanding::Open | PastStanding::Gone => (None, false),
            };
            let causes = finding.causes.iter();
            let why: Vec<String> = causes.map(|one| self.past_says(one, names)).collect();
            let line = PastLine {
                id: row.id,
                period: finding.key.period,
                owed: finding.owed,
                made: finding.made,
                difference: finding.difference,
                stands: match row.batch {
                    Some(batch) => format!("列进第 {batch} 批"),
                    None => state.standing.label().to_owned(),
                },
                why,
            };
            let same = |one: &&mut PastGroup| {
                (one.case, one.arrears, &one.way, one.mine) == (finding.case, arrears, &way, mine)
            };
            let group = match groups.iter_mut().find(same) {
                Some(group) => group,
                None => {
                    groups.push(PastGroup {
                        case: finding.case,
                        name: names.get(&finding.payee).cloned().unwrap_or_default(),
                        programme: self.service_name(&finding.key.programme),
                        arrears,
                        way,
                        mine,
                        sum: Money::ZERO,
                        why: Vec::new(),
                        lines: Vec::new(),
                    });
                    let last = groups.len() - 1;
                    &mut groups[last]
                }
            };
            let more = line.difference.fen().saturating_abs();
            group.sum = Money::from_fen(group.sum.fen().saturating_add(more));
            for says in &line.why {
                if !group.why.contains(says) {
                    group.why.push(says.clone());
                }
            }
            group.lines.push(line);
        }
        for group in &mut groups {
            group.lines.sort_by_key(|line| line.period);
        }
        groups
    }
}

async fn names(
    tx: &mut Tx,
    rows: impl Iterator<Item = &PastRow>,
) -> Result<BTreeMap<PersonId, String>> {
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    for row in rows {
        let finding = &row.loaded.state.finding;
        people.insert(finding.payee);
        for cause in &finding.causes {
            match cause {
                engine_payment::PastCause::Record {
                    person: Some(person),
                    ..
                }
                | engine_payment::PastCause::Death { person, .. } => {
                    people.insert(*person);
                }
                _ => {}
            }
        }
    }
    let slice = RegisterSlice {
        people,
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let config = engine_registry::Config::default();
    let people = register.people.values();
    Ok(people
        .filter_map(|one| Some((one.id, one.name(&config)?.to_string())))
        .collect())
}
