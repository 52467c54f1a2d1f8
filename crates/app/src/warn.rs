//! 「动态预警」 When a delivery touches a household its signs are looked at again; what
//! changed together becomes a warning, which waits until its village has a hand free,
//! and is closed by who went, with what they found. Never a decision, never a reason
//! to pay less. Absent on purpose: any warning on what was not known before.

use crate::resident::discovered_of;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit, Purpose, Record, RecordState};
use engine_policy::{SignChange, Waiting, WarningLevel, WarningRule, handed_out, raised, turned};
use kernel::{
    Date, FieldLevel, FindingId, HouseholdId, Now, Rate, RegionCode, RegionLevel, Role, Slug,
};
use std::collections::BTreeMap;
use store::{LeadOutcome, RegisterSlice, SignStanding, Tx, Warning, WarningClosed};

/// The most warnings of a place that are shown.
const SHOWN: u32 = 200;
/// Households looked at a time when signs are noted for the first time.
const PAGE: u32 = 200;
/// The longest a change is remembered, months.
const MONTHS: i32 = 24;

/// A warning in a list: nothing of what changed.
#[derive(Clone, Debug)]
pub struct WarningLine {
    /// Its number.
    pub id: i64,
    /// The household's head.
    pub name: String,
    /// Where it lives.
    pub place: String,
    /// How urgent.
    pub level: WarningLevel,
    /// Who goes.
    pub owner: &'static str,
    /// The last day to go.
    pub due: Option<Date>,
    /// Whether that is over.
    pub late: bool,
    /// How many things changed.
    pub changes: usize,
}

/// A rule and how often it was right.
#[derive(Clone, Debug)]
pub struct WarningRight {
    /// Its name.
    pub name: String,
    /// What it says.
    pub says: String,
    /// How urgent.
    pub level: WarningLevel,
    /// What came of its warnings.
    pub outcomes: BTreeMap<LeadOutcome, i64>,
    /// Of those somebody could look into, the share that was true.
    pub right: Option<Rate>,
    /// How well it is founded.
    pub founded: &'static str,
}

/// The warnings of a place.
#[derive(Clone, Debug)]
pub struct WarningsPage {
    /// Handed out, the urgent first.
    pub open: Vec<WarningLine>,
    /// How many wait for a free hand.
    pub waiting: usize,
    /// How many a village is handed at once.
    pub at_once: usize,
    /// The rules, those that were right more often first.
    pub rules: Vec<WarningRight>,
}

/// A warning, opened.
#[derive(Clone, Debug)]
pub struct WarningPage {
    /// Its line.
    pub line: WarningLine,
    /// The household.
    pub household: HouseholdId,
    /// The rule's name and words; `None`: the reader's office may not see them.
    pub rule: Option<(String, String)>,
    /// What changed: name, words, the day it was seen, the data it came from.
    pub changes: Vec<(String, String, Date, String)>,
    /// Changes the reader's office may not see.
    pub hidden: usize,
    /// What came of it.
    pub closed: Option<WarningClosed>,
}

impl App {
    /// 记下征兆 Notes every household's signs as they are, where none were noted yet:
    /// what changes from here on is a change. Gives how many were noted.
    ///
    /// # Errors
    /// Refused when the actor may not screen; the store's; a fault of a rule.
    pub async fn note_signs(&self, ctx: &Context) -> Result<usize> {
        if self.law.pack.warnings().is_empty() {
            return Ok(0);
        }
        self.may_screen(ctx).await?;
        let (mut after, mut noted) = (HouseholdId(0), 0);
        loop {
            let app = self.clone();
            let page = self.db.write(async move |tx| {
                let register = tx.register_page(after, PAGE).await?.state;
                let today = app.now().today();
                let mut count = 0;
                for (id, home) in &register.households {
                    let Some(region) = home.region_on(today) else {
                        continue;
                    };
                    if tx.sign_standing(*id).await?.is_some() {
                        continue;
                    }
                    let standing = SignStanding {
                        signs: app.signs_of(tx, *id, region).await?,
                        changes: Vec::new(),
                    };
                    tx.stand_signs(*id, &standing).await?;
                    count += 1;
                }
                let last = register.households.keys().next_back().copied();
                Ok::<_, AppError>((last, count))
            });
            let (last, count) = page.await?;
            noted += count;
            match last {
                Some(last) => after = last,
                None => return Ok(noted),
            }
        }
    }

    async fn signs_of(
        &self,
        tx: &mut Tx,
        home: HouseholdId,
        region: RegionCode,
    ) -> Result<engine_policy::Signs> {
        let today = self.now().today();
        let (_, facts) = discovered_of(tx, &self.law, home, region, today).await?;
        self.judged_signs(&facts)
    }

    fn judged_signs(&self, facts: &engine_policy::Household) -> Result<engine_policy::Signs> {
        let (signs, today) = (self.law.pack.signs(), self.now().today());
        let judged = self.law.judge.signs(signs, facts, today);
        judged.map_err(|why| AppError::Fault(why.to_string()))
    }

    /// Looks at the signs of a household again after a delivery; gives how many
    /// warnings were raised.
    pub(crate) async fn look_for_warnings(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        home: HouseholdId,
        cause: &Slug,
        now: Now,
    ) -> Result<usize> {
        let pack = &self.law.pack;
        let today = now.today();
        if pack.warnings().is_empty() {
            return Ok(0);
        }
        let Some(region) = region_of(tx, home, today).await? else {
            return Ok(0);
        };
        let signs = self.signs_of(tx, home, region).await?;
        let Some(before) = tx.sign_standing(home).await? else {
            // Nothing was known before: a beginning, no change.
            let changes = Vec::new();
            let standing = SignStanding { signs, changes };
            tx.stand_signs(home, &standing).await?;
            return Ok(0);
        };
        let mut changes = before.changes;
        let since = kernel::months_after(today, -MONTHS);
        changes.retain(|one| since.is_none_or(|since| one.on > since));
        let new = turned(&before.signs, &signs);
        changes.extend(new.iter().map(|sign| SignChange {
            sign: sign.clone(),
            on: today,
            cause: cause.clone(),
        }));
        let mut raised_now = 0;
        if !new.is_empty() {
            for (rule, found) in raised(pack.warnings(), &changes, &signs, today) {
                if !found.iter().any(|one| new.contains(&one.sign)) {
                    continue;
                }
                let warning = Warning {
                    rule: rule.id.clone(),
                    level: rule.level,
                    household: home,
                    region,
                    changes: found,
                    on: today,
                    due: None,
                    closed: None,
                };
                let fresh = tx.raise_warning(&warning, &ctx.actor, now).await?;
                raised_now += usize::from(fresh);
            }
        }
        let standing = SignStanding { signs, changes };
        tx.stand_signs(home, &standing).await?;
        if raised_now > 0 {
            self.hand_out(tx, ctx, region, now).await?;
            let subject = format!("household:{home}");
            ctx.record(tx, "warning.raised", &subject, &raised_now, now)
                .await?;
        }
        Ok(raised_now)
    }

    /// Hands out what waits in a village, as far as it has a hand free.
    async fn hand_out(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        region: RegionCode,
        now: Now,
    ) -> Result<()> {
        let village = region.within(RegionLevel::Village).unwrap_or(region);
        let open = tx.warnings_in(village.span(), true, SHOWN).await?.len();
        let free = self.law.pack.warnings_at_once().saturating_sub(open);
        let waiting = tx.warnings_in(village.span(), false, SHOWN).await?;
        if free == 0 || waiting.is_empty() {
            return Ok(());
        }
        let rights = rights(&tx.warning_outcomes().await?);
        let line = waiting.iter().map(|(id, one)| Waiting {
            id: *id,
            level: one.state.level,
            right: rights.get(&one.state.rule).copied(),
            on: one.state.on,
        });
        let chosen = handed_out(line.collect(), free);
        for (id, mut one) in waiting {
            let rule = self.warning_rule(&one.state.rule);
            let (true, Some(rule)) = (chosen.contains(&id), rule) else {
                continue;
            };
            let due = self
                .law
                .pack
                .calendar()
                .add_working_days(now.today(), rule.days);
            let says = |why: kernel::CalendarError| AppError::BadInput(why.to_string());
            one.state.due = Some(due.map_err(says)?);
            tx.save_warning((id, one.version), &one.state, &ctx.actor, now)
                .await?;
        }
        Ok(())
    }

    fn warning_rule(&self, id: &Slug) -> Option<&WarningRule> {
        self.law.pack.warnings().iter().find(|one| one.id == *id)
    }

    /// 预警 What is handed out in a place, and how often each rule was right.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn warnings(&self, ctx: &Context, region: RegionCode) -> Result<WarningsPage> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                ctx.authorise(
                    tx,
                    Action::ReadWork,
                    Record::of_place(region, FieldLevel::L1),
                    &[],
                    now,
                )
                .await?;
                let mut open = Vec::new();
                for (id, one) in tx.warnings_in(region.span(), true, SHOWN).await? {
                    open.push(app.warning_line(tx, id, &one.state, now.today()).await?);
                }
                open.sort_by_key(|one| (one.level, one.due));
                let waiting = tx.warnings_in(region.span(), false, SHOWN).await?.len();
                let outcomes = tx.warning_outcomes().await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "warnings.read", &subject, &open.len(), now)
                    .await?;
                Ok::<_, AppError>(WarningsPage {
                    open,
                    waiting,
                    at_once: app.law.pack.warnings_at_once(),
                    rules: app.warning_rights(&outcomes),
                })
            })
            .await
    }

    fn warning_rights(&self, outcomes: &[(Slug, LeadOutcome, i64)]) -> Vec<WarningRight> {
        let rights = rights(outcomes);
        let rules = self.law.pack.warnings().iter();
        let mut told: Vec<WarningRight> = rules
            .map(|rule| {
                let own = outcomes.iter().filter(|(id, _, _)| *id == rule.id);
                WarningRight {
                    name: rule.name.clone(),
                    says: rule.says.clone(),
                    level: rule.level,
                    outcomes: own.map(|(_, outcome, count)| (*outcome, *count)).collect(),
                    right: rights.get(&rule.id).copied(),
                    founded: rule.provenance.label(),
                }
            })
            .collect();
        told.sort_by_key(|one| std::cmp::Reverse(one.right));
        told
    }

    async fn warning_line(
        &self,
        tx: &mut Tx,
        id: i64,
        one: &Warning,
        today: Date,
    ) -> Result<WarningLine> {
        let slice = RegisterSlice {
            households: [one.household].into(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let home = register.households.get(&one.household);
        let head = home.and_then(|home| home.head_on(today));
        let config = engine_registry::Config::default();
        let name = head.and_then(|head| register.people.get(&head)?.name(&config));
        let owner = self
            .warning_rule(&one.rule)
            .map_or(Role::VillageWorker, |rule| rule.owner);
        Ok(WarningLine {
            id,
            name: name.map(ToString::to_string).unwrap_or_default(),
            place: self.place(one.region),
            level: one.level,
            owner: owner.label(),
            due: one.due,
            late: one.due.is_some_and(|due| due < today) && one.closed.is_none(),
            changes: one.changes.len(),
        })
    }

    /// 看预警 What changed, as far as the reader may see it: for the visit.
    ///
    /// # Errors
    /// A refusal; no such warning; the store's.
    pub async fn warning(&self, ctx: &Context, id: i64) -> Result<WarningPage> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let one = tx.warning(id).await?.state;
                let permit = may_open(tx, &ctx, id, &one, now).await?;
                ctx.record(
                    tx,
                    "warning.read",
                    &format!("household:{}", one.household),
                    &id,
                    now,
                )
                .await?;
                let line = app.warning_line(tx, id, &one, now.today()).await?;
                Ok::<_, AppError>(app.warning_page(line, one, &permit))
            })
            .await
    }

    fn warning_page(&self, line: WarningLine, one: Warning, permit: &Permit) -> WarningPage {
        let catalogue = &self.law.pack.data().catalogue;
        let (mut changes, mut hidden) = (Vec::new(), 0);
        for change in &one.changes {
            let mut signs = self.law.pack.signs().iter();
            let sign = signs.find(|sign| sign.id == change.sign);
            let Some(sign) = sign.filter(|sign| sign.level <= permit.level) else {
                hidden += 1;
                continue;
            };
            let cause = catalogue.category(&change.cause);
            let cause = cause.map_or_else(|| change.cause.to_string(), |one| one.name.clone());
            changes.push((sign.name.clone(), sign.says.clone(), change.on, cause));
        }
        let rule = self.warning_rule(&one.rule).filter(|_| hidden == 0);
        WarningPage {
            line,
            household: one.household,
            rule: rule.map(|rule| (rule.name.clone(), rule.says.clone())),
            changes,
            hidden,
            closed: one.closed,
        }
    }

    /// 去看过了 Closes a warning with what was found; the next that waits is handed out.
    ///
    /// # Errors
    /// A refusal; closed already; nobody behind the account; the store's.
    pub async fn close_warning(
        &self,
        ctx: &Context,
        id: i64,
        outcome: LeadOutcome,
        words: &str,
    ) -> Result<()> {
        let words = words.trim().to_owned();
        if words.chars().count() < 2 {
            let says = "请写明看到了什么";
            return Err(AppError::BadInput(says.to_owned()));
        }
        let key = ctx.key("warning.close", &(id, outcome, &words))?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let loaded = tx.warning(id).await?;
                let mut one = loaded.state;
                may_open(tx, &ctx, id, &one, now).await?;
                if one.closed.is_some() {
                    return Err(AppError::BadInput("这条预警已经有人看过了".to_owned()));
                }
                if ctx.actor.person.is_none() {
                    return Err(AppError::BadInput("要由去的人自己来记".to_owned()));
                }
                one.closed = Some(WarningClosed {
                    outcome,
                    words: words.clone(),
                    by: ctx.actor.clone(),
                    at: now.at,
                });
                tx.save_warning((id, loaded.version), &one, &ctx.actor, now)
                    .await?;
                let subject = format!("household:{}", one.household);
                ctx.record(tx, "warning.close", &subject, &(id, outcome), now)
                    .await?;
                app.hand_out(tx, &ctx, one.region, now).await?;
                Ok::<_, AppError>(())
            };
            tx.idempotent(&key, now, does).await
        };
        self.db.write(write).await?;
        Ok(())
    }
}

/// Whether the reader may see what changed: for a visit, where the household lives.
async fn may_open(tx: &mut Tx, ctx: &Context, id: i64, one: &Warning, now: Now) -> Result<Permit> {
    if ctx.purpose != Purpose::Visit(FindingId(id)) {
        return Err(AppError::refused(engine_access::Refusal::Purpose));
    }
    let slice = RegisterSlice {
        households: [one.household].into(),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?.state;
    let home = register.households.get(&one.household);
    let members = home
        .into_iter()
        .flat_map(|home| home.members_on(now.today()));
    let record = Record {
        region: Some(one.region),
        subjects: members.map(|member| member.person).collect(),
        state: RecordState::Open,
        level: FieldLevel::L3,
    };
    ctx.authorise(tx, Action::ReadPerson, record, &[], now)
        .await
}

async fn region_of(tx: &mut Tx, home: HouseholdId, today: Date) -> Result<Option<RegionCode>> {
    let page = tx.register_page(HouseholdId(home.0 - 1), 1).await?.state;
    let home = page.households.get(&home);
    Ok(home.and_then(|home| home.region_on(today)))
}

/// Of each rule's warnings somebody could look into, the share that was true.
fn rights(outcomes: &[(Slug, LeadOutcome, i64)]) -> BTreeMap<Slug, Rate> {
    let mut counts: BTreeMap<&Slug, (i64, i64)> = BTreeMap::new();
    for (rule, outcome, count) in outcomes {
        let of = counts.entry(rule).or_default();
        match outcome {
            LeadOutcome::True => of.0 += count,
            LeadOutcome::False => of.1 += count,
            LeadOutcome::Absent | LeadOutcome::Declined => {}
        }
    }
    let rate = |(rule, (right, wrong)): (&Slug, (i64, i64))| {
        Some((rule.clone(), Rate::of_parts(right, right + wrong)?))
    };
    counts.into_iter().filter_map(rate).collect()
}

mod everyone;
#[cfg(test)]
mod tests;
