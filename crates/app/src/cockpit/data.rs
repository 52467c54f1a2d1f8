//! 「数据好不好」 How fresh what the departments delivered is, category by category.

use crate::Result;
use engine_pool::{BatchState, Catalogue};
use kernel::{Date, Slug};
use std::collections::BTreeMap;
use store::Tx;

/// How fresh a category is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataState {
    /// 新鲜
    Fresh,
    /// 过期 Older than its rhythm allows.
    Old,
    /// 没来过
    Missing,
}

impl DataState {
    /// Every state.
    pub const ALL: [DataState; 3] = [DataState::Fresh, DataState::Old, DataState::Missing];

    /// The word a person reads.
    pub fn label(self) -> &'static str {
        match self {
            DataState::Fresh => "新的",
            DataState::Old => "过期",
            DataState::Missing => "没来过",
        }
    }
}

/// A category, and how it stands.
pub(super) struct CategoryLine {
    pub(super) department: Slug,
    pub(super) department_name: String,
    pub(super) name: String,
    pub(super) rhythm: &'static str,
    pub(super) state: DataState,
    /// The day the standing delivery speaks of.
    pub(super) as_of: Option<Date>,
    /// Rows of that delivery, and those the gate left out.
    pub(super) rows: u64,
    pub(super) left_out: u64,
    /// Deliveries refused as a whole.
    pub(super) refused: usize,
}

/// Every category of the catalogue.
pub(super) async fn categories(
    tx: &mut Tx,
    catalogue: &Catalogue,
    today: Date,
) -> Result<Vec<CategoryLine>> {
    let mut delivered: BTreeMap<Slug, Vec<engine_pool::Batch>> = BTreeMap::new();
    for batch in tx.deliveries().await? {
        delivered
            .entry(batch.category.clone())
            .or_default()
            .push(batch);
    }
    let departments = catalogue.departments();
    let lines = departments.flat_map(|department| {
        let delivered = &delivered;
        department.categories.values().map(move |category| {
            let batches = delivered.get(&category.id).map_or(&[][..], Vec::as_slice);
            let accepted = batches.iter().filter_map(|batch| match &batch.state {
                BatchState::Accepted { quality, .. } => Some((batch, quality)),
                _ => None,
            });
            let last = accepted.max_by_key(|(batch, _)| (batch.as_of, batch.id));
            let as_of = last.map(|(batch, _)| batch.as_of);
            let days = i64::from(category.frequency.days_fresh());
            let state = match as_of {
                None => DataState::Missing,
                Some(day) if (today - day).num_days() > days => DataState::Old,
                Some(_) => DataState::Fresh,
            };
            let refused =
                |batch: &&engine_pool::Batch| matches!(batch.state, BatchState::Refused { .. });
            CategoryLine {
                department: department.id.clone(),
                department_name: department.name.clone(),
                name: category.name.clone(),
                rhythm: category.frequency.label(),
                state,
                as_of,
                rows: last.map_or(0, |(_, quality)| quality.rows),
                left_out: last.map_or(0, |(_, quality)| quality.faulty()),
                refused: batches.iter().filter(refused).count(),
            }
        })
    });
    Ok(lines.collect())
}
