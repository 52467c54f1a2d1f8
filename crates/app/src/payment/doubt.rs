//! 「先看清楚」 What makes somebody look before money leaves: the register says that
//! whose right it is, or who receives it, has died. It holds the item, it stops
//! nothing: the record may be wrong, and only a signed decision ends a right.

use super::Payments;
use crate::Result;
use engine_payment::{Batch, Beneficiary, Due, Item, ObligationKey};
use engine_registry::Config;
use kernel::{Date, PersonId};
use std::collections::{BTreeMap, BTreeSet};
use store::{RegisterSlice, Tx};

/// People looked up at once.
const PAGE: usize = 500;

/// Whose deaths matter for an item: the payee's, and a person's whose right it is. A
/// household's right outlives one of its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Who {
    beneficiary: Option<PersonId>,
    payee: PersonId,
}

/// Of what is due.
pub(super) fn who(due: &Due) -> Who {
    of(&due.key, due.payee)
}

fn who_of(item: &Item) -> Who {
    of(&item.key, item.payee)
}

fn of(key: &ObligationKey, payee: PersonId) -> Who {
    let beneficiary = match key.beneficiary {
        Beneficiary::Person(person) => Some(person),
        Beneficiary::Household(_) => None,
    };
    Who { beneficiary, payee }
}

/// The doubt about an item, in words.
pub(super) fn doubt(deaths: &BTreeMap<PersonId, Date>, who: Who) -> Option<String> {
    let died = |person: Option<PersonId>| person.and_then(|person| deaths.get(&person));
    if let Some(day) = died(who.beneficiary) {
        return Some(format!("底册记着本人{day}去世，请核实后恢复、或作停发决定"));
    }
    died(Some(who.payee)).map(|day| format!("底册记着收款人{day}去世，请核实并换收款账户"))
}

impl Payments {
    /// The recorded deaths among those an item depends on.
    pub(super) async fn doubts(
        &self,
        tx: &mut Tx,
        all: impl Iterator<Item = Who>,
    ) -> Result<BTreeMap<PersonId, Date>> {
        let people: BTreeSet<PersonId> = all
            .flat_map(|who| [who.beneficiary, Some(who.payee)])
            .flatten()
            .collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let config = Config::default();
        let mut deaths = BTreeMap::new();
        for page in people.chunks(PAGE) {
            let slice = RegisterSlice {
                people: page.iter().copied().collect(),
                ..RegisterSlice::default()
            };
            let register = tx.register(&slice).await?.state;
            let died = register.people.into_iter();
            deaths.extend(died.filter_map(|(id, one)| Some((id, one.died(&config)?))));
        }
        Ok(deaths)
    }

    /// The doubts of a frozen list as they are known now.
    pub(super) async fn doubts_by_line(
        &self,
        tx: &mut Tx,
        batch: &Batch,
    ) -> Result<BTreeMap<u32, String>> {
        let deaths = self.doubts(tx, batch.items.iter().map(who_of)).await?;
        let told = |item: &Item| Some((item.line, doubt(&deaths, who_of(item))?));
        Ok(batch.items.iter().filter_map(told).collect())
    }
}
