//! 「冻结的报告」 The figures of a plan on a day, with where each came from. What is
//! frozen never changes; what was found wrong later is another version beside it.

use crate::config::{Plan, Source};
use crate::model::Stamp;
use crate::quantity::Quantity;
use crate::refusal::Refusal;
use crate::standing::Standing;
use kernel::{Actor, Date, Now, RegionCode, ReportId, Slug};
use serde::{Deserialize, Serialize};

/// A frozen report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its number.
    pub id: ReportId,
    /// Of which plan.
    pub plan: Slug,
    /// Of which place.
    pub place: RegionCode,
    /// The report's day.
    pub as_of: Date,
    /// Which version for that day, from 1.
    pub version: u32,
    /// Why there is another version.
    pub reason: Option<String>,
    /// The law it was counted by.
    pub pack: String,
    /// Every indicator of the plan, in its order.
    pub figures: Vec<Frozen>,
    /// Who froze it, when.
    pub stamp: Stamp,
}

/// A figure of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Which indicator.
    pub indicator: Slug,
    /// Its name then.
    pub name: String,
    /// Its unit then.
    pub unit: String,
    /// The figure; `None`: there was none.
    pub value: Option<Quantity>,
    /// The day the figure speaks of.
    pub day: Option<Date>,
    /// The target it was measured by.
    pub target: Option<Quantity>,
    /// Where it stood.
    pub standing: Standing,
    /// Where the figure came from.
    pub lineage: Lineage,
}

/// 来历 Where a figure came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The declared source: which records, which filter.
    pub source: Source,
    /// What exactly: the document of a reported value, the article of a parameter.
    pub says: String,
    /// How many records were counted; `None`: none are behind it.
    pub records: Option<usize>,
    /// SHA-256 over the numbers of the counted records, in order.
    pub digest: Option<String>,
}

/// What is to be frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freeze {
    /// The number it gets.
    pub id: ReportId,
    /// Of which place.
    pub place: RegionCode,
    /// The report's day.
    pub as_of: Date,
    /// Why another version.
    pub reason: Option<String>,
    /// The law it is counted by.
    pub pack: String,
    /// Every indicator.
    pub figures: Vec<Frozen>,
}

/// Freezes. `earlier`: the versions there are for the same plan, place and day.
///
/// # Errors
/// A machine; a day to come; an indicator left out; a figure without lineage; a frozen
/// day without a reason, or without anything new.
pub fn freeze(
    earlier: &[Report],
    ask: Freeze,
    by: &Actor,
    plan: &Plan,
    now: Now,
) -> Result<Report, Refusal> {
    if by.person.is_none() || !by.role.is_human() {
        return Err(Refusal::NotAPerson);
    }
    if ask.as_of > now.today() {
        return Err(Refusal::Future(ask.as_of));
    }
    let told = |id: &Slug| {
        ask.figures
            .iter()
            .filter(|one| one.indicator == *id)
            .count()
    };
    if let Some((_, left_out)) = plan.indicators().find(|(_, one)| told(&one.id) != 1) {
        return Err(Refusal::Incomplete(left_out.name.clone()));
    }
    let bare = |one: &&Frozen| match &one.lineage.source {
        Source::Counted(_) => {
            one.value.is_some() && (one.lineage.records.is_none() || one.lineage.digest.is_none())
        }
        _ => one.lineage.says.trim().is_empty(),
    };
    if let Some(bare) = ask.figures.iter().find(bare) {
        return Err(Refusal::NoLineage(bare.name.clone()));
    }
    let reason = ask.reason.filter(|words| !words.trim().is_empty());
    let last = earlier.iter().max_by_key(|one| one.version);
    if let Some(last) = last {
        if reason.is_none() {
            return Err(Refusal::Frozen(ask.as_of));
        }
        if last.figures == ask.figures {
            return Err(Refusal::NothingNew);
        }
    }
    Ok(Report {
        id: ask.id,
        plan: plan.id.clone(),
        place: ask.place,
        as_of: ask.as_of,
        version: last.map_or(0, |one| one.version).saturating_add(1),
        reason: last.and(reason),
        pack: ask.pack,
        figures: ask.figures,
        stamp: Stamp {
            by: by.clone(),
            at: now.at,
        },
    })
}
