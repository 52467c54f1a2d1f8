//! 「对不上的、认定过的」 Where departments do not agree about the people shown, and what
//! somebody found: who, when and why. Absent on purpose: a pair one side of which may not
//! be read for this matter; that it stands would tell that there are records.

use super::data::{may_know, standing_paper};
use crate::contradict::{RulingShown, is_of};
use crate::{App, Context, Result};
use kernel::{Now, PersonId, Slug};
use std::collections::BTreeSet;
use store::Tx;

/// A contradiction about somebody shown.
#[derive(Clone, Debug)]
pub struct HoloContradiction {
    /// The sentence.
    pub says: String,
    /// Department and data of the one side.
    pub left: String,
    /// The same of the other.
    pub right: String,
    /// What somebody found; `None`: nobody knows yet who is right.
    pub ruling: Option<RulingShown>,
}

impl App {
    /// What stands of these people, what nobody ruled on first.
    pub(super) async fn doubts_about(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        people: &BTreeSet<PersonId>,
        now: Now,
    ) -> Result<Vec<HoloContradiction>> {
        let today = now.today();
        let paper = standing_paper(tx, &ctx.purpose, today).await?;
        let catalogue = &self.law.pack.data().catalogue;
        let mut doubts = Vec::new();
        for person in people {
            let open = |side: &Slug| {
                let category = catalogue.category(side);
                category.is_some_and(|one| may_know(one, *person, paper.as_ref(), today))
            };
            let mut rulings = tx.rulings_between(*person, *person).await?;
            rulings.retain(|kept| kept.ruling.right.is_some());
            for one in tx.contradictions_about(*person).await? {
                if !open(&one.left.category) || !open(&one.right.category) {
                    continue;
                }
                let ruling = rulings.iter().find(|kept| is_of(kept, &one)).cloned();
                doubts.push(HoloContradiction {
                    says: one.says,
                    left: self.side_words(&one.left.category),
                    right: self.side_words(&one.right.category),
                    ruling: ruling.and_then(RulingShown::of),
                });
            }
        }
        doubts.sort_by_key(|one| one.ruling.is_some());
        Ok(doubts)
    }

    fn side_words(&self, category: &Slug) -> String {
        let catalogue = &self.law.pack.data().catalogue;
        let owner = catalogue.owner(category).map_or("", |one| &one.name);
        let name = catalogue.category(category).map_or("", |one| &one.name);
        format!("{owner}的{name}")
    }
}
