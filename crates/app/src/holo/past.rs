//! 「经过」 What happened to a household, from every line of the house: who joined and
//! left, what was applied for and decided, what was paid.

use super::Found;
use crate::{App, Result};
use engine_case::Case;
use engine_payment::Beneficiary;
use engine_registry::Config;
use kernel::{CaseId, Date, Money, Now, Period};
use store::Tx;

/// Months of payments shown.
const MONTHS: i32 = 24;
/// The most that is shown of what happened.
const SHOWN: usize = 80;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoloEvent {
    /// The day.
    pub on: Date,
    /// What, in a sentence.
    pub says: String,
    /// The case it belongs to.
    pub case: Option<CaseId>,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoloPaid {
    /// For which month.
    pub period: Period,
    /// The service's name.
    pub name: String,
    /// How much.
    pub amount: Money,
    /// Where it stands, in words.
    pub says: String,
    /// The day it arrived.
    pub paid_on: Option<Date>,
}

impl App {
    pub(super) async fn paid_to(
        &self,
        tx: &mut Tx,
        whose: &[Beneficiary],
        today: Date,
    ) -> Result<Vec<HoloPaid>> {
        let through = Period::of(today).plus_months(1);
        let months = (through.plus_months(-MONTHS), through);
        let lines = self.lines_for(tx, whose, months).await?.into_iter().rev();
        let paid = lines.map(|line| HoloPaid {
            period: line.period,
            name: line.name,
            amount: line.amount,
            says: line.says,
            paid_on: line.paid_on,
        });
        Ok(paid.collect())
    }

    pub(super) fn past_of(
        &self,
        found: &Found,
        cases: &[Case],
        paid: &[HoloPaid],
    ) -> Vec<HoloEvent> {
        let mut past = self.moves(found);
        for case in cases {
            past.extend(self.case_events(case));
        }
        past.extend(paid.iter().filter_map(|one| {
            Some(HoloEvent {
                on: one.paid_on?,
                says: format!("{} {} 元到账", one.name, one.amount),
                case: None,
            })
        }));
        past.sort_by_key(|one| std::cmp::Reverse(one.on));
        past.truncate(SHOWN);
        past
    }

    fn moves(&self, found: &Found) -> Vec<HoloEvent> {
        let config = Config::default();
        let mut past = Vec::new();
        let Some(home) = found.register.households.get(&found.home) else {
            return past;
        };
        for one in &home.memberships {
            if !found.people.contains(&one.person) {
                continue;
            }
            let person = found.register.people.get(&one.person);
            let name = person.and_then(|one| one.name(&config));
            let name = name.map(ToString::to_string).unwrap_or_default();
            let event = |on, says| HoloEvent {
                on,
                says,
                case: None,
            };
            past.push(event(
                one.from,
                format!("{name}登记在这一户，{}", one.relation.label()),
            ));
            past.extend(
                one.until
                    .map(|on| event(on, format!("{name}不再是这一户的人"))),
            );
        }
        past
    }

    fn case_events(&self, case: &Case) -> Vec<HoloEvent> {
        let Some(opened) = &case.opened else {
            return Vec::new();
        };
        let name = self.service_name(&opened.service);
        let id = Some(opened.case);
        let mut past = Vec::new();
        past.extend(case.pinned.as_ref().map(|pinned| HoloEvent {
            on: pinned.on,
            says: format!("申请{name}"),
            case: id,
        }));
        for decision in &case.decisions {
            let word = match decision.adverse() {
                Some(_) => "不利的决定",
                None => "给予",
            };
            past.push(HoloEvent {
                on: Now {
                    at: decision.signed.at(),
                }
                .today(),
                says: format!("{name}：{word}"),
                case: id,
            });
        }
        past
    }
}
