//! 「主动发现」 What the latest screening found in a place: counted by benefit and
//! kind, each count opened to its households. A lead for a person to follow; from
//! it a case can be opened, and nothing else follows of itself.

use crate::case::OpenCase;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose, Record};
use engine_case::Channel;
use engine_policy::Finding;
use kernel::{CaseId, Date, FieldLevel, FindingId, HouseholdId, PersonId, RegionCode, Slug};
use store::{RegisterSlice, Tx};

/// The longest list.
pub const LINES_MAX: u32 = 200;

/// What was found in a place.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// The day everyone was judged by; `None`: nobody was screened yet.
    pub as_of: Option<Date>,
    /// By benefit and kind.
    pub groups: Vec<FoundGroup>,
    /// Of the group asked for.
    pub lines: Vec<FoundLine>,
}

/// Findings of one kind.
#[derive(Clone, Debug)]
pub struct FoundGroup {
    /// The benefit.
    pub benefit: Slug,
    /// Its name.
    pub name: String,
    /// What was found.
    pub finding: Finding,
    /// The same in words.
    pub says: &'static str,
    /// For undetermined ones the fact to get next.
    pub next: Option<NextFact>,
    /// How many.
    pub count: i64,
}

impl FoundGroup {
    /// Whether it is the group asked for.
    pub fn is(&self, wanted: &FoundWanted) -> bool {
        let next = self.next.as_ref().map(|next| &next.id);
        self.benefit == wanted.benefit
            && self.finding == wanted.finding
            && next == wanted.next.as_ref()
    }
}

/// The cheapest fact to get next, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextFact {
    /// Which.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// How dear it is to get: 1 ask, 2 a department, 3 with authorisation, 4 a visit.
    pub cost: u8,
    /// It may be looked at only when the household agrees.
    pub consent: bool,
    /// The question, where people can be asked.
    pub asks: Option<String>,
}

impl NextFact {
    /// What to do next, in words.
    pub fn says(&self) -> String {
        let name = &self.name;
        match (self.consent, self.cost) {
            (true, _) => format!("还要查{name}，请先同意"),
            (false, 1) => match &self.asks {
                Some(asks) => format!("先问一句：{asks}"),
                None => format!("先问一句：{name}"),
            },
            (false, 2 | 3) => format!("先向部门要：{name}"),
            (false, _) => format!("要上门看：{name}"),
        }
    }
}

/// In which order groups are read: what is owed, what only agreement keeps back, what
/// somebody should look at, what is not known: there the cheapest to find out first, and
/// of those equally cheap the one that settles most.
fn order(one: &FoundGroup) -> (u8, u8, i64) {
    let kind = match one.finding {
        Finding::FoundNotReceiving => 0,
        Finding::ConsentWouldTell => 1,
        Finding::ReceivingNotFound => 2,
        _ => 3,
    };
    let cost = one.next.as_ref().map_or(0, |next| next.cost);
    (kind, if kind == 3 { cost } else { 0 }, -one.count)
}

/// One finding.
#[derive(Clone, Debug)]
pub struct FoundLine {
    /// Its number.
    pub id: FindingId,
    /// The household.
    pub household: HouseholdId,
    /// Its head, or the person it is about.
    pub name: String,
    /// How many people.
    pub people: usize,
    /// Where.
    pub place: String,
}

/// A lead: a finding, and what it is about.
#[derive(Clone, Debug)]
pub struct Lead {
    /// The finding.
    pub line: FoundLine,
    /// The benefit's name.
    pub benefit: String,
}

/// Which group is opened.
#[derive(Clone, Debug)]
pub struct FoundWanted {
    /// The benefit.
    pub benefit: Slug,
    /// What was found.
    pub finding: Finding,
    /// The fact to get next.
    pub next: Option<Slug>,
    /// Which page of it, counted from 0.
    pub page: u32,
    /// Lines of a page.
    pub most: u32,
}

/// A finding in words; what needs nobody's attention has none.
pub fn finding_words(finding: Finding) -> Option<&'static str> {
    match finding {
        Finding::FoundNotReceiving => Some("符合，还没领"),
        Finding::ConsentWouldTell => Some("家里人同意核对就知道"),
        Finding::ReceivingNotFound => Some("在领，规则对不上，要人看"),
        Finding::Undetermined => Some("还不知道"),
        Finding::ReceivingRightly | Finding::Neither => None,
    }
}

impl App {
    /// 主动发现 The findings of a place, and one group of them opened.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn found(
        &self,
        ctx: &Context,
        region: RegionCode,
        wanted: Option<FoundWanted>,
    ) -> Result<FoundPage> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let Some(run) = tx.latest_screening().await? else {
                    return Ok(FoundPage {
                        as_of: None,
                        groups: Vec::new(),
                        lines: Vec::new(),
                    });
                };
                let place = region.span();
                let counts = tx.count_leads_in(run.id, place).await?;
                let groups = counts.into_iter().filter_map(|one| app.group(one));
                let mut groups: Vec<FoundGroup> = groups.collect();
                groups.sort_by_key(order);
                let lines = match &wanted {
                    Some(wanted) => app.found_lines(tx, run.id, place, wanted).await?,
                    None => Vec::new(),
                };
                let subject = format!("region:{region}");
                ctx.record(tx, "findings.read", &subject, &lines.len(), now)
                    .await?;
                Ok(FoundPage {
                    as_of: Some(run.as_of),
                    groups,
                    lines,
                })
            })
            .await
    }

    /// 线索 Who of a place should receive something and does not: the first of them,
    /// and how many there are.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn leads(
        &self,
        ctx: &Context,
        region: RegionCode,
        limit: usize,
    ) -> Result<(usize, Vec<Lead>)> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L1);
                ctx.authorise(tx, Action::ReadWork, record, &[], now)
                    .await?;
                let Some(run) = tx.latest_screening().await? else {
                    return Ok((0, Vec::new()));
                };
                let kind = Finding::FoundNotReceiving;
                let all = tx
                    .leads_to_visit(run.id, (kind, kind), region.span())
                    .await?;
                let shown = all.iter().take(limit);
                let shown = shown.map(|(id, one)| (*id, one.household, one.person));
                let benefits = all.iter().map(|(_, one)| app.service_name(&one.benefit));
                let lines = app.found_named(tx, shown.collect()).await?;
                let subject = format!("region:{region}");
                ctx.record(tx, "findings.read", &subject, &lines.len(), now)
                    .await?;
                let leads = lines.into_iter().zip(benefits);
                let lead = |(line, benefit): (Option<FoundLine>, String)| {
                    line.map(|line| Lead { line, benefit })
                };
                Ok::<_, AppError>((all.len(), leads.filter_map(lead).collect()))
            })
            .await
    }

    fn group(&self, one: store::FoundCount) -> Option<FoundGroup> {
        let rules = self.law.pack.rules();
        let next = |fact: Slug| match rules.fact(fact.as_str()) {
            Some(rule) => NextFact {
                name: rule.decl.label.clone(),
                cost: rule.cost,
                consent: rule.needs_authorisation,
                asks: rule.asks.clone(),
                id: fact,
            },
            None => NextFact {
                name: fact.to_string(),
                cost: u8::MAX,
                consent: false,
                asks: None,
                id: fact,
            },
        };
        Some(FoundGroup {
            says: finding_words(one.finding)?,
            name: self.service_name(&one.benefit),
            next: one.next.map(next),
            benefit: one.benefit,
            finding: one.finding,
            count: one.count,
        })
    }

    async fn found_lines(
        &self,
        tx: &mut Tx,
        screening: i64,
        place: (RegionCode, RegionCode),
        wanted: &FoundWanted,
    ) -> Result<Vec<FoundLine>> {
        let (benefit, finding) = (&wanted.benefit, wanted.finding);
        let skip = wanted.most.saturating_mul(wanted.page);
        let rows = tx
            .leads_in(
                screening,
                benefit,
                (finding, wanted.next.as_ref()),
                place,
                (wanted.most, skip),
            )
            .await?;
        let rows = rows
            .iter()
            .map(|(id, row)| (*id, row.household, row.person))
            .collect();
        let lines = self.found_named(tx, rows).await?;
        Ok(lines.into_iter().flatten().collect())
    }

    /// Findings with the names of whom they are about, one for each in order.
    pub(crate) async fn found_named(
        &self,
        tx: &mut Tx,
        rows: Vec<(FindingId, HouseholdId, Option<PersonId>)>,
    ) -> Result<Vec<Option<FoundLine>>> {
        let slice = RegisterSlice {
            households: rows.iter().map(|(_, household, _)| *household).collect(),
            ..RegisterSlice::default()
        };
        let register = tx.register(&slice).await?.state;
        let config = engine_registry::Config::default();
        let today = self.now().today();
        let line = |(id, home, who): (FindingId, HouseholdId, Option<PersonId>)| {
            let household = register.households.get(&home)?;
            let who = who.or_else(|| household.head_on(today));
            let person = who.and_then(|who| register.people.get(&who));
            let name = person.and_then(|one| one.name(&config));
            Some(FoundLine {
                id,
                household: home,
                name: name.map(ToString::to_string).unwrap_or_default(),
                people: household.members_on(today).count(),
                place: household
                    .region_on(today)
                    .map(|region| self.place(region))
                    .unwrap_or_default(),
            })
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// 从线索建办件 Opens a case over a finding, for whom it is about. What is received
    /// already is not asked for once more: the case that pays it is looked at again.
    ///
    /// # Errors
    /// A refusal; no such finding; the store's.
    pub async fn open_from_finding(&self, ctx: &Context, id: FindingId) -> Result<CaseId> {
        let today = self.now().today();
        let found = self.db.read(async move |tx: &mut Tx| {
            let row = tx.finding(id).await?;
            let slice = RegisterSlice {
                households: [row.household].into(),
                ..RegisterSlice::default()
            };
            let register = tx.register(&slice).await?.state;
            let household = register.households.get(&row.household);
            let head: Option<PersonId> = household.and_then(|one| one.head_on(today));
            Ok::<_, AppError>((row, head))
        });
        let (row, head) = found.await?;
        let ctx = Context {
            purpose: Purpose::Visit(id),
            ..ctx.clone()
        };
        if row.finding == Finding::ReceivingNotFound {
            return Ok(self.call_review(&ctx, id, None).await?.value);
        }
        let who = row.person.or(head);
        let applicant =
            who.ok_or_else(|| AppError::BadInput("这一户现在没有人。请先核对底册".to_owned()))?;
        let open = OpenCase {
            service: row.benefit,
            applicant,
            beneficiary: row.person,
            household: row.household,
            channel: Channel::Found,
        };
        Ok(self.open_case(&ctx, open).await?.value.case)
    }
}
