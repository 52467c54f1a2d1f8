//! 「待办」 What waits in a place, and a resident's own matters: one line each, for
//! lists. Absent on purpose: what the files hold; opening one is a reading of its own.

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record, RecordState};
use engine_case::{Case, DeadlineStanding, Phase};
use kernel::{CaseId, Date, FieldLevel, HouseholdId, Now, PersonId, RegionCode, RegionLevel, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::{OpenAfter, OpenCases, RegisterSlice, Tx};

/// How many cases are read at once.
const PAGE: u32 = 500;

/// 待办 What waits in a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Worklist {
    /// The most urgent cases.
    pub first: Vec<WorkLine>,
    /// How many there are, the others too.
    pub counts: OpenCases,
}

/// One case in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLine {
    /// The case.
    pub case: CaseId,
    /// The service.
    pub service: Slug,
    /// Its name, as the pack calls it here.
    pub service_name: String,
    /// Who asks.
    pub applicant: PersonId,
    /// Their name.
    pub applicant_name: String,
    /// The household.
    pub household: HouseholdId,
    /// How many people it has.
    pub people: usize,
    /// The responsible node.
    pub region: RegionCode,
    /// Its names below the county, `当湖街道梧桐社区`.
    pub place: String,
    /// Where the case stands.
    pub phase: Phase,
    /// The same in words.
    pub stage: &'static str,
    /// The nearest deadline.
    pub deadline: Option<WorkDeadline>,
    /// The day an answer is promised: the end of the total time.
    pub promised: Option<Date>,
    /// Whether nothing more will happen by itself.
    pub over: bool,
}

/// The nearest deadline of a case in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkDeadline {
    /// The day it started.
    pub from: Date,
    /// The last day.
    pub due: Date,
    /// Where it stands today.
    pub standing: DeadlineStanding,
}

impl WorkDeadline {
    /// Days left; negative: days over.
    pub fn days_left(&self, today: Date) -> i64 {
        (self.due - today).num_days()
    }

    /// How much of the time is used, 0 to 100.
    pub fn used_percent(&self, today: Date) -> u8 {
        let whole = (self.due - self.from).num_days().max(1);
        let used = (today - self.from).num_days().clamp(0, whole);
        u8::try_from(used * 100 / whole).unwrap_or(100)
    }
}

impl App {
    /// 待办 The most urgent `most` open cases of a place and everything below it, and how
    /// many there are.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn worklist(&self, ctx: &Context, region: RegionCode, most: u32) -> Result<Worklist> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                may_read(tx, &ctx, region, now).await?;
                let span = region.span();
                let page = tx.open_cases(span, OpenAfter::default(), most).await?;
                let first = app.lines(tx, page.cases).await?;
                let today = now.today();
                let soon = DeadlineStanding::soon_until(today);
                let counts = tx.count_open_cases(span, today, soon).await?;
                read(tx, &ctx, region, first.len(), now).await?;
                Ok(Worklist { first, counts })
            })
            .await
    }

    /// 全部待办 Every open case of a place and everything below it, most urgent first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn whole_worklist(&self, ctx: &Context, region: RegionCode) -> Result<Vec<WorkLine>> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                may_read(tx, &ctx, region, now).await?;
                let mut lines = Vec::new();
                let mut after = Some(OpenAfter::default());
                while let Some(from) = after {
                    let page = tx.open_cases(region.span(), from, PAGE).await?;
                    lines.extend(app.lines(tx, page.cases).await?);
                    after = page.next;
                }
                read(tx, &ctx, region, lines.len(), now).await?;
                Ok(lines)
            })
            .await
    }

    /// 我的事 The cases of the actor's own households, newest first.
    ///
    /// # Errors
    /// A refusal to anybody who is not a resident; the store's.
    pub async fn own_cases(&self, ctx: &Context) -> Result<Vec<WorkLine>> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let me = ctx.actor.person;
                let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
                let record = Record {
                    region: None,
                    subjects: vec![me],
                    state: RecordState::None,
                    level: FieldLevel::L3,
                };
                ctx.authorise(tx, Action::ReadPerson, record, &[], now)
                    .await?;
                let mut cases = Vec::new();
                for household in tx.households_with(me).await? {
                    for id in tx.cases_of_household(household).await? {
                        let case = tx.case(id).await?.state;
                        if case.concerns(me) {
                            cases.push(case);
                        }
                    }
                }
                cases.reverse();
                let subject = format!("person:{me}");
                ctx.record(tx, "cases.own", &subject, &cases.len(), now)
                    .await?;
                app.lines(tx, cases).await
            })
            .await
    }

    pub(crate) async fn lines(&self, tx: &mut Tx, cases: Vec<Case>) -> Result<Vec<WorkLine>> {
        let opened = cases.iter().filter_map(|case| case.opened.as_ref());
        let people: BTreeSet<PersonId> = opened.map(|opened| opened.applicant).collect();
        let slice = RegisterSlice {
            people,
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let config = engine_registry::Config::default();
        let names: BTreeMap<PersonId, String> = register
            .people
            .values()
            .filter_map(|person| Some((person.id, person.name(&config)?.to_string())))
            .collect();
        Ok(cases
            .iter()
            .filter_map(|case| self.line(case, &names))
            .collect())
    }

    fn line(&self, case: &Case, names: &BTreeMap<PersonId, String>) -> Option<WorkLine> {
        let opened = case.opened.as_ref()?;
        let today = self.now().today();
        let law = case
            .pinned
            .as_ref()
            .and_then(|pinned| self.law_of(&pinned.pack));
        let law = law.unwrap_or(&self.law);
        let flow = law.pack.flow(opened.service.as_str());
        let nearest = case.open_deadlines(today).into_iter().next();
        let total = case.deadline(&engine_case::DeadlineFor::Total);
        Some(WorkLine {
            case: opened.case,
            service: opened.service.clone(),
            service_name: self.service_name(&opened.service),
            applicant: opened.applicant,
            applicant_name: names.get(&opened.applicant).cloned().unwrap_or_default(),
            household: opened.household,
            people: opened.members.len(),
            region: opened.region,
            place: self.place(opened.region),
            phase: case.phase,
            stage: flow.map_or(case.phase.label(), |flow| case.stage(flow).label()),
            deadline: nearest.map(|(deadline, standing)| WorkDeadline {
                from: deadline.from,
                due: deadline.due,
                standing,
            }),
            promised: total.filter(|one| one.met.is_none()).map(|one| one.due),
            over: case.is_over(),
        })
    }

    /// The name of a person of the register; empty for nobody's number.
    ///
    /// # Errors
    /// The store's.
    pub async fn name_of(&self, person: PersonId) -> Result<String> {
        self.db
            .read(async move |tx| name_in(tx, person).await)
            .await
    }

    /// A service's name, as the law calls it.
    pub fn service_name(&self, service: &Slug) -> String {
        let flow = self.law.pack.flow(service.as_str());
        flow.map_or_else(|| service.to_string(), |flow| flow.name.clone())
    }

    /// The names of a node below its county, today.
    pub fn place(&self, region: RegionCode) -> String {
        let (tree, today) = (self.law.pack.regions(), self.now().today());
        let levels = [RegionLevel::Town, RegionLevel::Village];
        let nodes = levels.iter().filter_map(|level| region.within(*level));
        let names: String = nodes.filter_map(|node| tree.name(node, today)).collect();
        match names.is_empty() {
            true => tree.name(region, today).unwrap_or_default().to_owned(),
            false => names,
        }
    }
}

/// The same, in a transaction.
pub(crate) async fn name_in(tx: &mut Tx, person: PersonId) -> Result<String> {
    let slice = RegisterSlice {
        people: BTreeSet::from([person]),
        ..RegisterSlice::default()
    };
    let state = tx.register(&slice).await?.state;
    let config = engine_registry::Config::default();
    let name = state.people.get(&person).and_then(|one| one.name(&config));
    Ok(name.map(ToString::to_string).unwrap_or_default())
}

async fn may_read(tx: &mut Tx, ctx: &Context, region: RegionCode, now: Now) -> Result<()> {
    let record = Record::of_place(region, FieldLevel::L1);
    ctx.authorise(tx, Action::ReadWork, record, &[], now)
        .await?;
    Ok(())
}

/// Puts on record that somebody read `lines` lines.
async fn read(
    tx: &mut Tx,
    ctx: &Context,
    region: RegionCode,
    lines: usize,
    now: Now,
) -> Result<()> {
    let subject = format!("region:{region}");
    ctx.record(tx, "worklist.read", &subject, &lines, now).await
}
