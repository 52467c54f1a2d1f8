//! 「还差什么」 Which facts keep a judgement undetermined, cheapest first, and why
//! each is missing.

use crate::household::{Entry, WhyMissing};
use crate::judge::Teller;
use crate::judgement::MissingFact;
use expr::{Missing, Output, Row};
use kernel::Slug;

impl Teller<'_> {
    /// Everything that keeps these outputs of a row undetermined.
    pub(crate) fn missing(&self, outputs: &[Output], row: usize) -> Vec<MissingFact> {
        let mut found: Vec<MissingFact> = Vec::new();
        for output in outputs {
            for leaf in self.trace.missing_leaves(*output, row) {
                let missing = self.missing_fact(&leaf.what, &leaf.row);
                if !found.contains(&missing) {
                    found.push(missing);
                }
            }
        }
        found.sort_by(|a, b| (a.cost, &a.fact, a.member).cmp(&(b.cost, &b.fact, b.member)));
        found
    }

    fn missing_fact(&self, what: &Missing, row: &Row) -> MissingFact {
        let member = match row {
            Row::Household(_) => None,
            Row::Person(person) | Row::Record { person, .. } => Some(*person),
        };
        let unknown = |fact: &Slug, label: String, cost: u8| MissingFact {
            fact: fact.clone(),
            label,
            member,
            why: WhyMissing::NotAsked,
            cost,
            needs_authorisation: false,
            asks: None,
        };
        match (what, row) {
            (Missing::Fact(fact), _) => self.missing_base_fact(fact, member),
            (Missing::Records(kind), _) => {
                let kinds = &self.judge.book.records;
                let label = kinds
                    .iter()
                    .find(|known| known.id == *kind)
                    .map(|known| known.label.clone());
                unknown(kind, label.unwrap_or_else(|| kind.to_string()), 2)
            }
            (Missing::Field(field), Row::Record { kind, .. }) => {
                unknown(field, format!("{kind}.{field}"), 2)
            }
            (Missing::Field(field), _) => unknown(field, field.to_string(), 2),
            // The law is silent here: no fact of the household can mend that.
            (Missing::Parameter(parameter), _) => {
                unknown(parameter, format!("参数 {parameter}"), u8::MAX)
            }
            (Missing::Empty | Missing::BeforeBirth, _) => MissingFact {
                fact: self.benefit.id.clone(),
                label: "数据前后不一致，请人工核对".to_owned(),
                member,
                why: WhyMissing::Disputed,
                cost: 4,
                needs_authorisation: false,
                asks: None,
            },
        }
    }

    fn missing_base_fact(&self, fact: &Slug, member: Option<usize>) -> MissingFact {
        let facts = match member {
            Some(member) => self
                .household
                .members
                .get(member)
                .map(|member| &member.facts),
            None => Some(&self.household.facts),
        };
        let why = match facts.and_then(|facts| facts.get(fact)) {
            Some(Entry::Missing(why)) => why.clone(),
            _ => WhyMissing::NotAsked,
        };
        let rule = self.judge.book.fact(fact.as_str());
        MissingFact {
            fact: fact.clone(),
            label: rule.map_or_else(|| fact.to_string(), |rule| rule.decl.label.clone()),
            member,
            why,
            cost: rule.map_or(1, |rule| rule.cost),
            needs_authorisation: rule.is_some_and(|rule| rule.needs_authorisation),
            asks: rule.and_then(|rule| rule.asks.clone()),
        }
    }
}
