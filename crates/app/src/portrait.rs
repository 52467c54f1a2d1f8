//! 「五型三色」 A household's portrait for who works with it: colour, types and sides
//! with what speaks for them and how old that is. It plans visits and decides
//! nothing. A person may set another colour, with a reason and for a time.

use crate::resident::discovered_of;
use crate::{App, AppError, Context, Law, Result};
use engine_access::{Action, Permit, Record};
use engine_policy::{Entry, Household, PortraitKind, PortraitRule};
use kernel::{Date, FieldLevel, HouseholdId, PersonId, RegionCode, Slug, Truth};
use store::{SetColour, Tx};

/// The most days a set colour counts.
const MOST_DAYS: i64 = 366;

/// A household's portrait as a page shows it.
#[derive(Clone, Debug)]
pub struct PortraitPage {
    /// The colour that counts today; `None`: what is known does not tell.
    pub colour: Option<ColourLine>,
    /// Every colour there is: id and name.
    pub colours: Vec<(Slug, String)>,
    /// Every type.
    pub types: Vec<PortraitLine>,
    /// Every side.
    pub sides: Vec<PortraitLine>,
    /// How many lines the reader's office may not see.
    pub hidden: usize,
    /// What the rules rest on, where no law: `演示值`.
    pub caution: Option<&'static str>,
}

impl PortraitPage {
    /// How the colour is lit: the first of the pack's colours `stop`, the last `ok`.
    pub fn light(&self) -> &'static str {
        let id = self.colour.as_ref().map(|one| &one.id);
        let at = self.colours.iter().position(|(one, _)| Some(one) == id);
        match at {
            Some(0) => "stop",
            Some(at) if at + 1 == self.colours.len() => "ok",
            _ => "warn",
        }
    }

    /// How many sides are known to be short.
    pub fn short(&self) -> usize {
        self.sides.iter().filter(|one| one.holds()).count()
    }

    /// Of how many nobody knows: a side nobody knows is not one without need.
    pub fn unknown(&self) -> usize {
        self.sides.iter().filter(|one| one.unknown()).count()
    }
}

impl PortraitLine {
    /// It is known to hold.
    pub fn holds(&self) -> bool {
        self.truth == Truth::True
    }

    /// What it hangs on is not known.
    pub fn unknown(&self) -> bool {
        self.truth == Truth::Undetermined
    }
}

/// The colour that counts.
#[derive(Clone, Debug)]
pub struct ColourLine {
    /// Its id.
    pub id: Slug,
    /// Its name.
    pub name: String,
    /// Why: the rule's words, or the reason of who set it.
    pub says: String,
    /// Months between visits.
    pub visit_months: u32,
    /// Set by a person, until when.
    pub set_until: Option<Date>,
}

/// A line of the portrait.
#[derive(Clone, Debug)]
pub struct PortraitLine {
    /// Its name.
    pub name: String,
    /// When it holds, in words.
    pub says: String,
    /// Whether it holds.
    pub truth: Truth,
    /// What it was judged by.
    pub evidence: Vec<Evidence>,
}

/// A fact behind a line.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// Of whom.
    pub whose: String,
    /// Which fact.
    pub label: String,
    /// Its value; `None`: not known.
    pub value: Option<String>,
    /// Who said so.
    pub source: String,
    /// Of which day.
    pub as_of: Option<Date>,
}

/// A colour to be set.
#[derive(Clone, Debug)]
pub struct ColourWanted {
    /// Which; `None`: as the rules say, again.
    pub colour: Option<Slug>,
    /// Why.
    pub reason: String,
    /// The last day it counts.
    pub until: Date,
}

impl App {
    /// 定色 Sets a household's colour for a time, over what the rules say.
    ///
    /// # Errors
    /// [`AppError::BadInput`]: no reason, no such colour, a day past or too far off;
    /// a refusal; the store's.
    pub async fn set_colour(
        &self,
        ctx: &Context,
        household: HouseholdId,
        wanted: ColourWanted,
    ) -> Result<()> {
        let now = self.now();
        let words = self.checked(&wanted, now.today())?;
        let key = ctx.key(
            "portrait.colour",
            &(household, &wanted.colour, &words, wanted.until),
        )?;
        let (app, ctx) = (self.clone(), ctx.clone());
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| {
                let state = app.matter(tx, &ctx, household).await?;
                let register = crate::household::load(tx, household).await?;
                let home = register.households.get(&household);
                let members = home.into_iter().flat_map(|one| one.members_on(now.today()));
                let record = Record {
                    region: home.and_then(|one| one.region_on(now.today())),
                    subjects: members.map(|one| one.person).collect(),
                    state,
                    level: FieldLevel::L3,
                };
                ctx.authorise(tx, Action::SetColour, record, &[], now)
                    .await?;
                let set = SetColour {
                    colour: wanted.colour.clone(),
                    reason: words.clone(),
                    until: wanted.until,
                    by: ctx.actor.clone(),
                    at: now.at,
                };
                let subject = format!("household:{household}");
                ctx.record(tx, "portrait.colour", &subject, &set, now)
                    .await?;
                Ok::<_, AppError>(tx.keep_colour(household, &set, now).await?)
            };
            tx.idempotent(&key, now, does).await
        };
        self.db.write(write).await?;
        Ok(())
    }

    fn checked(&self, wanted: &ColourWanted, today: Date) -> Result<String> {
        let wrong = |says: &str| Err(AppError::BadInput(says.to_owned()));
        let words = wanted.reason.trim();
        if words.chars().count() < 2 {
            return wrong("请写明为什么改");
        }
        let far = (wanted.until - today).num_days();
        if !(0..=MOST_DAYS).contains(&far) {
            return wrong("请写管到哪天：从今天起，一年以内");
        }
        let known = wanted.colour.as_ref().is_none_or(|id| {
            let mut colours = colours(&self.law);
            colours.any(|rule| rule.id == *id)
        });
        match known {
            true => Ok(words.to_owned()),
            false => wrong("请选一种颜色"),
        }
    }

    /// A household's colour that counts today, for planning visits; `None`: what is known
    /// does not tell.
    pub(crate) async fn colour_of(
        &self,
        tx: &mut Tx,
        id: HouseholdId,
        region: RegionCode,
    ) -> Result<Option<Slug>> {
        let (law, today) = (&self.law, self.now().today());
        if let Some(set) = counting(law, tx.colour_set(id).await?, today) {
            return Ok(Some(set.id));
        }
        let (_, facts) = discovered_of(tx, law, id, region, today).await?;
        let rules = law.pack.portrait();
        let told = law.judge.portrait(rules, &facts, today);
        let told = told.map_err(|why| AppError::Fault(why.to_string()))?;
        let judged = told.colour.and_then(|place| rules.get(place));
        Ok(judged.map(|rule| rule.id.clone()))
    }

    /// The portrait of an opened household.
    pub(crate) async fn portrait_of(
        &self,
        tx: &mut Tx,
        id: HouseholdId,
        region: RegionCode,
        permit: &Permit,
    ) -> Result<PortraitPage> {
        let today = self.now().today();
        let law = &self.law;
        let (members, facts) = discovered_of(tx, law, id, region, today).await?;
        let rules = law.pack.portrait();
        let told = law.judge.portrait(rules, &facts, today);
        let told = told.map_err(|why| AppError::Fault(why.to_string()))?;
        let set = tx.colour_set(id).await?;
        let drawing = Drawing {
            law,
            names: members,
            facts: &facts,
            permit,
        };
        let mut page = PortraitPage {
            colour: None,
            colours: colours(law)
                .map(|rule| (rule.id.clone(), rule.name.clone()))
                .collect(),
            types: Vec::new(),
            sides: Vec::new(),
            hidden: 0,
            caution: rules
                .iter()
                .find(|rule| !rule.provenance.is_founded())
                .map(|rule| rule.provenance.label()),
        };
        for (rule, truth) in rules.iter().zip(&told.truths) {
            let lines = match rule.kind {
                PortraitKind::Side => &mut page.sides,
                PortraitKind::Type => &mut page.types,
                PortraitKind::Colour => continue,
            };
            match rule.level <= permit.level {
                true => lines.push(drawing.line(rule, *truth)),
                false => page.hidden += 1,
            }
        }
        let judged = told.colour.and_then(|place| rules.get(place));
        page.colour = counting(law, set, today).or_else(|| judged.map(|rule| line_of(rule, None)));
        Ok(page)
    }
}

fn colours(law: &Law) -> impl Iterator<Item = &PortraitRule> {
    let rules = law.pack.portrait().iter();
    rules.filter(|rule| rule.kind == PortraitKind::Colour)
}

fn line_of(rule: &PortraitRule, set: Option<SetColour>) -> ColourLine {
    ColourLine {
        id: rule.id.clone(),
        name: rule.name.clone(),
        set_until: set.as_ref().map(|set| set.until),
        says: set.map_or_else(|| rule.says.clone(), |set| set.reason),
        visit_months: rule.visit_months.unwrap_or_default(),
    }
}

/// The colour somebody set, while it counts.
fn counting(law: &Law, set: Option<SetColour>, today: Date) -> Option<ColourLine> {
    let set = set.filter(|set| set.until >= today)?;
    let id = set.colour.clone()?;
    let rule = colours(law).find(|rule| rule.id == id)?;
    Some(line_of(rule, Some(set)))
}

/// What a portrait is drawn from.
struct Drawing<'a> {
    law: &'a Law,
    names: Vec<(PersonId, String)>,
    facts: &'a Household,
    permit: &'a Permit,
}

impl Drawing<'_> {
    fn line(&self, rule: &PortraitRule, truth: Truth) -> PortraitLine {
        let mut evidence = Vec::new();
        for id in &rule.reads {
            evidence.extend(self.evidence("全家", id, self.facts.facts.get(id)));
            for ((_, name), member) in self.names.iter().zip(&self.facts.members) {
                evidence.extend(self.evidence(name, id, member.facts.get(id)));
            }
        }
        // Known first; of what is not known only what the line still hangs on.
        let hangs = truth == Truth::Undetermined;
        evidence.retain(|one| one.value.is_some() || hangs);
        evidence.sort_by_key(|one| one.value.is_none());
        PortraitLine {
            name: rule.name.clone(),
            says: rule.says.clone(),
            truth,
            evidence,
        }
    }

    fn evidence(&self, whose: &str, id: &Slug, entry: Option<&Entry>) -> Option<Evidence> {
        let rule = self.law.pack.rules().fact(id.as_str())?;
        let (value, source, as_of) = match entry? {
            Entry::Known(value, source) => {
                let words = value.spoken(&rule.decl.ty);
                let view = engine_access::View::Detail;
                let shown = engine_access::show(&words, rule.field_level, view, self.permit);
                let (source, as_of) = self.law.said_by(source);
                (Some(shown?), source, as_of)
            }
            Entry::Missing(_) => (None, String::new(), None),
        };
        Some(Evidence {
            whose: whose.to_owned(),
            label: rule.decl.label.clone(),
            value,
            source,
            as_of,
        })
    }
}

#[cfg(test)]
mod tests;
