//! 「看看我家能享受什么」 One household judged now for every benefit, over what may
//! be looked at without being asked; what it takes to know the rest. The looking
//! is on record before anything is shown. Nothing is decided here.

use super::home::{Home, members};
use super::known::{Known, department_name, known};
use crate::screen::{Family, discoverable, discovered, pooled};
use crate::{App, Context, Law, Result};
use engine_access::Permit;
use engine_case::Case;
use engine_policy::{
    Every, Finding, Household, Judgement, MissingFact, Subject, Verdict, WhyMissing, finding,
};
use engine_pool::Standing;
use kernel::{Date, FieldLevel, HouseholdId, Money, Period, PersonId, RegionCode, Slug, Truth};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// A household's looking-over.
#[derive(Clone, Debug)]
pub struct HouseholdCheck {
    /// Which household.
    pub household: HouseholdId,
    /// Where it lives, in words.
    pub place: String,
    /// The day of judgement.
    pub day: Date,
    /// Its people.
    pub people: Vec<Someone>,
    /// What departments have about them.
    pub known: Vec<Known>,
    /// Every benefit judged, in the pack's order.
    pub answers: Vec<Answer>,
    /// What is found and not received yet, per month.
    pub monthly: Money,
    /// The same of what is paid once.
    pub once: Money,
    /// Whether somebody of the household has died.
    pub solemn: bool,
}

/// A person of the household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Someone {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// What they are to the head.
    pub relation: &'static str,
    /// How old.
    pub age: Option<u32>,
    /// Whether of age.
    pub adult: bool,
}

/// One benefit, judged for whoever it is for.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The service.
    pub service: Slug,
    /// Its name here.
    pub name: String,
    /// How people would ask for it.
    pub says: String,
    /// Its family: `basic`, `special`, …
    pub family: String,
    /// Whether somebody must apply.
    pub needs_application: bool,
    /// The law it rests on.
    pub basis: Vec<String>,
    /// One line for the household, or one per member.
    pub rows: Vec<Row>,
}

/// A benefit judged for one household or person.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who; `None`: the household.
    pub who: Option<Someone>,
    /// What the verdict and the present payment say together.
    pub finding: Finding,
    /// Per payment, where it is owed.
    pub amount: Option<Money>,
    /// How often.
    pub every: Option<Every>,
    /// Every condition in words.
    pub reasons: Vec<Reason>,
    /// The arithmetic, line by line.
    pub sum: Vec<String>,
    /// What is missing, cheapest first, each as what to do next.
    pub missing: Vec<String>,
}

/// A condition in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Whether it holds.
    pub truth: Truth,
    /// The sentence.
    pub says: String,
    /// The article.
    pub basis: String,
}

impl Row {
    /// What an amount is paid in: `元/月`.
    pub fn unit(&self) -> &'static str {
        unit(self.every)
    }

    /// The cheapest fact to get next.
    pub fn next(&self) -> Option<&str> {
        self.missing.first().map(String::as_str)
    }
}

/// What an amount paid so often is counted in.
pub(super) fn unit(every: Option<Every>) -> &'static str {
    match every {
        Some(Every::Month) => "元/月",
        Some(Every::Year) => "元/年",
        Some(Every::Once) | None => "元",
    }
}

impl HouseholdCheck {
    /// Benefits with such a line, each with these lines.
    pub fn grouped(&self, findings: &[Finding]) -> Vec<(&Answer, Vec<&Row>)> {
        fn group<'a>(one: &'a Answer, findings: &[Finding]) -> Vec<&'a Row> {
            let rows = one.rows.iter();
            rows.filter(|row| findings.contains(&row.finding)).collect()
        }
        let all = self.answers.iter().map(|one| (one, group(one, findings)));
        all.filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// Lines with one of these findings, each with its benefit.
    pub fn with(&self, findings: &[Finding]) -> Vec<(&Answer, &Row)> {
        let all = self
            .answers
            .iter()
            .flat_map(|one| one.rows.iter().map(move |row| (one, row)));
        all.filter(|(_, row)| findings.contains(&row.finding))
            .collect()
    }

    /// What departments have on record about a member, or the household.
    pub fn known_of(&self, about: Option<PersonId>) -> Vec<&Known> {
        let all = self.known.iter();
        all.filter(|one| one.record && one.about == about).collect()
    }

    /// What departments answered to have no record of.
    pub fn without_record(&self) -> Vec<&Known> {
        self.known.iter().filter(|one| !one.record).collect()
    }

    /// Benefits nobody of the household has a right to.
    pub fn neither(&self) -> Vec<&Answer> {
        let none = |one: &&Answer| one.rows.iter().all(|row| row.finding == Finding::Neither);
        self.answers.iter().filter(none).collect()
    }
}

impl App {
    /// 查我家 Judges the household of who asks (or of whom they act for) today.
    ///
    /// # Errors
    /// A refusal; the register does not know the household; a fault of a rule.
    pub async fn check_household(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
    ) -> Result<HouseholdCheck> {
        let (app, ctx) = (self.clone(), ctx.clone());
        self.db
            .look(async move |tx| {
                let home = Home::open(tx, &ctx, household, app.now()).await?;
                app.check(tx, &ctx, &home).await
            })
            .await
    }

    /// Judges an opened household and puts the looking on record.
    pub(super) async fn check(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        home: &Home,
    ) -> Result<HouseholdCheck> {
        Ok(self.check_known(tx, ctx, home).await?.0)
    }

    /// The same, with what was known.
    pub(super) async fn check_known(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        home: &Home,
    ) -> Result<(HouseholdCheck, Household)> {
        let (law, now) = (&self.law, self.now());
        let standings = tx.pool_standings().await?;
        let day = data_day(&standings, now.today());
        let household = discover(tx, law, home, &standings, day).await?;
        let told = law.judge.judge_all(&household, day);
        let told = told.map_err(|why| crate::AppError::Fault(why.to_string()))?;
        let subject = format!("household:{}", home.id);
        ctx.record(tx, "policy.check", &subject, &(day, told.len()), now)
            .await?;
        let mut answers = answers(law, home, told);
        for id in tx.cases_of_household(home.id).await? {
            receives(
                &mut answers,
                &tx.case(id).await?.state,
                Period::of(now.today()),
            );
        }
        let (monthly, once) = add_up(&answers)?;
        let check = HouseholdCheck {
            household: home.id,
            place: self.place(home.region),
            day,
            people: home.members.iter().map(someone).collect(),
            known: known(law, home, &household),
            answers,
            monthly,
            once,
            solemn: home.members.iter().any(|one| one.died),
        };
        Ok((check, household))
    }
}

/// The day the newest of the departments' data speaks of: what was true then is
/// known, what came after is not yet.
pub(crate) fn data_day(standings: &BTreeMap<Slug, Standing>, today: Date) -> Date {
    let newest = standings.values().map(|one| one.as_of).max();
    newest.map_or(today, |day| day.min(today))
}

/// What may be known of an opened household without asking it.
pub(super) async fn discover(
    tx: &mut Tx,
    law: &Law,
    home: &Home,
    standings: &BTreeMap<Slug, Standing>,
    day: Date,
) -> Result<Household> {
    let members = home.members.iter();
    let family = Family {
        id: home.id,
        region: home.region,
        members: members
            .filter_map(|one| Some((one.person, one.number?)))
            .collect(),
    };
    discovered_family(tx, law, &family, standings, day).await
}

async fn discovered_family(
    tx: &mut Tx,
    law: &Law,
    family: &Family,
    standings: &BTreeMap<Slug, Standing>,
    day: Date,
) -> Result<Household> {
    let people: BTreeSet<PersonId> = family.members.iter().map(|(id, _)| *id).collect();
    let mut pool = pooled(tx, &people, &discoverable(law), standings).await?;
    Ok(discovered(law, day, standings, family, &mut pool))
}

/// The members of a household on a day, by name and in the order of its facts, and
/// what may be known of it without asking it.
pub(crate) async fn discovered_of(
    tx: &mut Tx,
    law: &Law,
    id: HouseholdId,
    region: RegionCode,
    day: Date,
) -> Result<(Vec<(PersonId, String)>, Household)> {
    let slice = RegisterSlice {
        households: [id].into(),
        ..RegisterSlice::default()
    };
    let register = tx.register(&slice).await?;
    let numbered = members(&register, id, day)
        .into_iter()
        .filter_map(|one| Some((one.person, one.name, one.number?)));
    let numbered: Vec<_> = numbered.collect();
    let family = Family {
        id,
        region,
        members: numbered
            .iter()
            .map(|(who, _, number)| (*who, *number))
            .collect(),
    };
    let standings = tx.pool_standings().await?;
    // What is newer than the data is not known yet: the day is the data's.
    let day = data_day(&standings, day);
    let facts = discovered_family(tx, law, &family, &standings, day).await?;
    let names = numbered.into_iter().map(|(who, name, _)| (who, name));
    Ok((names.collect(), facts))
}

pub(super) fn someone(member: &super::home::Member) -> Someone {
    Someone {
        person: member.person,
        name: member.name.clone(),
        relation: member.relation,
        age: member.age,
        adult: member.adult(),
    }
}

fn answers(law: &Law, home: &Home, told: Vec<Judgement>) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for judgement in told {
        let Some(service) = law.pack.service(judgement.benefit.as_str()) else {
            continue;
        };
        let line = row(law, home, &judgement);
        match answers.last_mut() {
            Some(last) if last.service == service.id => last.rows.push(line),
            _ => answers.push(Answer {
                service: service.id.clone(),
                name: service.name.clone(),
                says: service.says.clone(),
                family: service.family.clone(),
                needs_application: service.needs_application,
                basis: service.basis.clone(),
                rows: vec![line],
            }),
        }
    }
    answers
}

/// What our own decisions grant is received, whether or not the departments' data
/// of an earlier day knows of it.
fn receives(answers: &mut [Answer], case: &Case, month: Period) {
    let Some(opened) = &case.opened else { return };
    // A grant from the coming month on is granted.
    let granted = case.granted_in(month).or_else(|| {
        let latest = case.latest();
        latest.filter(|one| one.from > month && one.until.is_none())
    });
    let Some(granted) = granted else { return };
    let mine = answers
        .iter_mut()
        .filter(|one| one.service == opened.service);
    for row in mine.flat_map(|one| &mut one.rows) {
        let who = row.who.as_ref().map(|one| one.person);
        if who.is_some_and(|who| who != opened.beneficiary) {
            continue;
        }
        row.amount = granted.amount.or(row.amount);
        row.finding = match row.finding {
            Finding::Neither | Finding::ReceivingNotFound => Finding::ReceivingNotFound,
            _ => Finding::ReceivingRightly,
        };
    }
}

fn row(law: &Law, home: &Home, judgement: &Judgement) -> Row {
    let only_authorisation = !judgement.missing.is_empty()
        && judgement.missing.iter().all(|one| one.needs_authorisation);
    let who = match judgement.subject {
        Subject::Household => None,
        Subject::Member(place) => home.members.get(place).map(someone),
    };
    Row {
        who,
        finding: finding(judgement.verdict, judgement.receiving, only_authorisation),
        amount: judgement
            .amount
            .filter(|_| judgement.verdict == Verdict::Eligible),
        every: judgement.every,
        reasons: reasons(judgement, &home.permit),
        sum: match home.permit.level >= FieldLevel::L4 {
            true => judgement.sum.clone(),
            false => Vec::new(),
        },
        missing: next_steps(law, home, &judgement.missing),
    }
}

/// Sentences may speak of illness: they are for who may read everything.
pub(super) fn reasons(judgement: &Judgement, permit: &Permit) -> Vec<Reason> {
    if permit.level < FieldLevel::L4 {
        return Vec::new();
    }
    let reason = |one: &engine_policy::ConditionOutcome| Reason {
        truth: one.truth,
        says: one.says.clone(),
        basis: one.basis.clone(),
    };
    judgement.conditions.iter().map(reason).collect()
}

/// What each missing fact asks for, cheapest first.
fn next_steps(law: &Law, home: &Home, missing: &[MissingFact]) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for fact in missing {
        let who = fact.member.and_then(|at| home.members.get(at));
        let who = who.map_or(String::new(), |one| format!("{}的", one.name));
        let label = &fact.label;
        let says = match &fact.why {
            _ if fact.needs_authorisation => format!("还要查{who}{label}，请先同意"),
            WhyMissing::NoAnswer { department } => {
                format!(
                    "{}还没给{who}{label}，我们接着问",
                    department_name(law, department)
                )
            }
            WhyMissing::Disputed => format!("{who}{label}：两处说法不一样，要有人核一核"),
            _ if fact.cost >= 4 => format!("{who}{label}：要上门看看才知道"),
            _ => match &fact.asks {
                Some(_) => format!("{who}{label}：申请时问您"),
                None => format!("还要知道{who}{label}"),
            },
        };
        if !steps.contains(&says) {
            steps.push(says);
        }
    }
    steps
}

/// Adds up what is found and not received: per month, and once. Of two that exclude
/// each other the judge finds only one.
fn add_up(answers: &[Answer]) -> Result<(Money, Money)> {
    let (mut monthly, mut once) = (Money::ZERO, Money::ZERO);
    let rows = answers.iter().flat_map(|one| &one.rows);
    for row in rows.filter(|row| row.finding == Finding::FoundNotReceiving) {
        let sum = match row.every {
            Some(Every::Month) => &mut monthly,
            _ => &mut once,
        };
        let more = sum.checked_add(row.amount.unwrap_or(Money::ZERO));
        *sum = more.ok_or_else(|| crate::AppError::Fault("a sum overflows".to_owned()))?;
    }
    Ok((monthly, once))
}
