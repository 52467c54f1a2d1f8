//! 「只在这时问」 Which questions of a form do not apply to a household, by their own
//! conditions over what is known and what was just answered. Not known whether it
//! applies: it is asked.

use super::apply::Application;
use super::form::{Question, Slot};
use crate::case::lay;
use crate::{App, AppError, Result};
use engine_case::Answer;
use engine_policy::Household;
use expr::{Level, Typed, TypedKind, TypedNode};
use kernel::{Date, PersonId, Truth};
use std::collections::BTreeSet;

/// What conditions of questions are judged over.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    /// What departments told.
    pub(super) known: Household,
    /// The household's people, in its order.
    pub(super) members: Vec<PersonId>,
    /// What was answered before.
    pub(super) before: Vec<Answer>,
    /// The day.
    pub(super) day: Date,
}

impl App {
    /// 用不着答的 The fields whose condition does not hold, once these answers count.
    ///
    /// # Errors
    /// The arithmetic of a condition fails.
    pub fn not_asked(&self, form: &Application, answers: &[Answer]) -> Result<BTreeSet<String>> {
        let ground = &form.ground;
        let mut known = ground.known.clone();
        for answer in ground.before.iter().chain(answers) {
            // What was just said stands against what was said before.
            let (members, fact) = (&ground.members, &answer.field);
            lay(
                &self.law.pack,
                members,
                fact,
                answer,
                &mut known,
                ground.day,
            );
        }
        let mut off = BTreeSet::new();
        for question in &form.questions {
            for slot in &question.slots {
                if !self.applies(ground, &known, question, slot)? {
                    off.insert(slot.field.clone());
                }
            }
        }
        Ok(off)
    }

    /// A question several services ask applies when one of them asks it.
    fn applies(
        &self,
        ground: &Ground,
        known: &Household,
        question: &Question,
        slot: &Slot,
    ) -> Result<bool> {
        if question.when.is_empty() {
            return Ok(true);
        }
        for when in &question.when {
            let held = self.law.judge.holds(when, known, ground.day);
            let held = held.map_err(|why| AppError::Fault(why.to_string()))?;
            let place = slot.about.filter(|_| when.at() == Level::Person);
            let place = place.and_then(|who| ground.members.iter().position(|one| *one == who));
            let applies = match place {
                Some(place) => held.get(place) != Some(&Truth::False),
                None => held.is_empty() || held.iter().any(|one| *one != Truth::False),
            };
            if applies {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What a condition looks at, in words.
pub(super) fn looks_at(when: &[Typed]) -> Option<String> {
    let mut labels = Vec::new();
    when.iter().for_each(|one| gather(one.root(), &mut labels));
    match labels.is_empty() {
        true => None,
        false => Some(format!("要不要填，看{}。用不着就空着", labels.join("、"))),
    }
}

fn gather(node: &TypedNode, labels: &mut Vec<String>) {
    let label = match &node.kind {
        TypedKind::Fact(fact) => Some(&fact.label),
        TypedKind::Derived(derived) | TypedKind::Verdict(derived) => Some(&derived.label),
        _ => None,
    };
    if let Some(label) = label {
        let quoted = format!("“{label}”");
        if !labels.contains(&quoted) {
            labels.push(quoted);
        }
    }
    node.children()
        .into_iter()
        .for_each(|child| gather(child, labels));
}
