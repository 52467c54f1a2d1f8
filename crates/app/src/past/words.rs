//! 「为什么」 What speaks for a proposal, in words.

use crate::App;
use engine_payment::{PastCause, PastFinding};
use kernel::{Money, PersonId};
use std::collections::BTreeMap;

/// What was paid too much, above zero.
pub(super) fn positive(finding: &PastFinding) -> Money {
    Money::from_fen(finding.difference.fen().saturating_neg())
}

impl App {
    /// One cause in a sentence; people by their names where they are given.
    pub(super) fn past_says(
        &self,
        cause: &PastCause,
        names: &BTreeMap<PersonId, String>,
    ) -> String {
        let who = |person: &PersonId| names.get(person).map_or("家里人", String::as_str);
        match cause {
            PastCause::Decision { decision } => format!("决定 {decision} 改了这个月"),
            PastCause::Parameter {
                name,
                was,
                is,
                from,
                source,
                article,
                ..
            } => {
                let was = was.as_ref();
                let was = was.map_or_else(String::new, |was| format!("，原来按 {was}"));
                let article = article.as_deref().unwrap_or_default();
                format!("{name}从 {from} 起是 {is}{was}（{source}{article}）")
            }
            PastCause::Record {
                name,
                person,
                was,
                is,
                department,
                record,
                as_of,
                ..
            } => {
                let department = self.law.department(department);
                let who = person.as_ref().map_or("这一家", who);
                let was = match was {
                    Some(was) => format!("{was} → {is}"),
                    None => is.clone(),
                };
                format!("{department}后来报来 {as_of} 的记录 {record}：{who}的{name}，{was}")
            }
            PastCause::Death { person, died } => {
                format!("{}在 {died} 去世，登记晚了", who(person))
            }
            PastCause::Condition { says, .. } => says.clone(),
        }
    }
}
