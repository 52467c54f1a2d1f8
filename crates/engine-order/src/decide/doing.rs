//! 「做」 Being there, step by step, and done: with proof. A phone without a line tells
//! it later: what happened when and when it was told are both kept.

use super::{Course, Done};
use crate::config::{ClockOf, ProofKind, ProofRule};
use crate::event::What;
use crate::model::{self, Flag, ProofGiven, ProofValue, StepDone};
use crate::refusal::Refusal;
use crate::stage::Stage;
use chrono::TimeDelta;
use kernel::{Instant, Slug};
use std::collections::BTreeSet;

/// A clock of a phone may be so much ahead, minutes.
const AHEAD: i64 = 5;
/// Reported later than this is said so, minutes.
const LATE: i64 = 60;
/// Farther than this from the place is said so, metres.
const FAR: i64 = 200;

impl Course<'_> {
    /// When it happened: after it was accepted, not in the future.
    fn happened(&self, occurred: Instant) -> Done {
        if occurred > self.now.at + TimeDelta::minutes(AHEAD) {
            return Err(Refusal::WrongTime("还没到那个时候"));
        }
        let accepted = self.order.accepted_at().ok_or(Refusal::NotYours)?;
        if occurred < accepted - TimeDelta::minutes(AHEAD) {
            return Err(Refusal::WrongTime("比接单还早"));
        }
        Ok(())
    }

    pub(super) fn arrive(&mut self, occurred: Instant) -> Done {
        self.at(&[Stage::Accepted], "到场")?;
        self.mine()?;
        self.happened(occurred)?;
        self.stop(ClockOf::Arrive, occurred);
        self.put(What::Arrived { occurred });
        self.told_late(occurred);
        Ok(())
    }

    fn told_late(&mut self, occurred: Instant) {
        let late = self.now.at - occurred > TimeDelta::minutes(LATE);
        if late && !self.order.flags.contains(&Flag::LateReport) {
            self.put(What::Flagged(Flag::LateReport));
        }
    }

    pub(super) fn step(&mut self, step: &Slug, proofs: Vec<ProofGiven>, occurred: Instant) -> Done {
        self.at(&[Stage::Accepted, Stage::Doing], "做这一步")?;
        let person = self.person()?;
        let ty = self.config.ty;
        let done: BTreeSet<&Slug> = self.order.steps.iter().map(|one| &one.step).collect();
        let next = ty.steps.iter().find(|one| !done.contains(&one.id));
        let wanted = ty.steps.iter().find(|one| &one.id == step);
        let wanted = wanted
            .filter(|_| !done.contains(step))
            .ok_or(Refusal::NoSuchStep)?;
        if let Some(first) = next.filter(|next| next.id != wanted.id) {
            return Err(Refusal::StepFirst(first.name.clone()));
        }
        match wanted.by_office {
            false => self.mine()?,
            true if self
                .order
                .offer()
                .is_some_and(|offer| offer.person == person) =>
            {
                return Err(Refusal::OfficeStep(wanted.name.clone()));
            }
            true => {}
        }
        self.happened(occurred)?;
        let needs: Vec<&ProofRule> = wanted
            .needs
            .iter()
            .filter_map(|id| ty.proof_of(id))
            .collect();
        self.proven(&needs, &proofs)?;
        self.stop(ClockOf::Arrive, occurred);
        let stamp = self.stamp();
        let step = StepDone {
            step: step.clone(),
            stamp,
            occurred,
        };
        self.put(What::Stepped(step, proofs));
        self.told_late(occurred);
        Ok(())
    }

    pub(super) fn finish(
        &mut self,
        proofs: Vec<ProofGiven>,
        occurred: Instant,
        minutes: Option<u32>,
        note: String,
    ) -> Done {
        self.at(&[Stage::Accepted, Stage::Doing], "报完工")?;
        self.mine()?;
        self.happened(occurred)?;
        let ty = self.config.ty;
        let open =
            |step: &&crate::config::Step| !self.order.steps.iter().any(|one| one.step == step.id);
        if let Some(first) = ty.steps.iter().find(open) {
            return Err(Refusal::StepFirst(first.name.clone()));
        }
        let needed: Vec<&ProofRule> = ty.proof.iter().filter(|proof| proof.required).collect();
        self.proven(&needed, &proofs)?;
        self.stop(ClockOf::Arrive, occurred);
        self.stop(ClockOf::Done, occurred);
        let far = self.too_far(&proofs);
        let short = self.too_short(minutes);
        let done = model::Done {
            occurred,
            reported: self.now.at,
            minutes,
            by: self.by.clone(),
            note,
        };
        self.put(What::Finished(done, proofs));
        self.told_late(occurred);
        for (holds, flag) in [(far, Flag::TooFar), (short, Flag::TooShort)] {
            if holds {
                self.put(What::Flagged(flag));
            }
        }
        match ty.alarm {
            // What was done is known; a human being still closes the alarm.
            true => Ok(()),
            false => self.after_done(occurred),
        }
    }

    /// Every proof is one that is asked for, of its kind, within its bounds; and what is
    /// needed is there: now, or since it was last opened.
    fn proven(&self, needed: &[&ProofRule], given: &[ProofGiven]) -> Done {
        for one in given {
            let rule = self.config.ty.proof_of(&one.proof);
            let rule = rule.filter(|rule| rule.kind == one.value.kind());
            let rule = rule.ok_or_else(|| Refusal::WrongProof(one.proof.clone()))?;
            let number = match &one.value {
                ProofValue::Number(number) => Some(*number),
                ProofValue::Money(money) => Some(money.fen()),
                _ => None,
            };
            if let (Some(number), Some(most)) = (number, rule.most)
                && !(0..=most).contains(&number)
            {
                return Err(Refusal::AboveMost {
                    asks: rule.asks.clone(),
                    most: match rule.kind {
                        ProofKind::Money => most / 100,
                        _ => most,
                    },
                });
            }
            if matches!(&one.value, ProofValue::Text(text) if text.trim().is_empty()) {
                return Err(Refusal::NoProof(vec![rule.asks.clone()]));
            }
        }
        // Work opened again wants proof of its own; steps are not done twice.
        let before: &[ProofGiven] = match self.order.reopened.is_empty() {
            true => &self.order.proofs,
            false => &[],
        };
        let there =
            |rule: &&&ProofRule| !given.iter().chain(before).any(|one| one.proof == rule.id);
        let lacking: Vec<String> = needed
            .iter()
            .filter(there)
            .map(|r| r.asks.clone())
            .collect();
        match lacking.is_empty() {
            true => Ok(()),
            false => Err(Refusal::NoProof(lacking)),
        }
    }

    fn too_far(&self, proofs: &[ProofGiven]) -> bool {
        let place = self.order.requested.as_ref().and_then(|asked| asked.place);
        let Some(place) = place else { return false };
        proofs.iter().any(|one| match one.value {
            ProofValue::Place(there) => there.metres_to(place) > FAR,
            _ => false,
        })
    }

    fn too_short(&self, minutes: Option<u32>) -> bool {
        let Some(asked) = &self.order.requested else {
            return false;
        };
        let planned = asked.wants.iter().filter_map(|want| {
            let item = self.config.ty.item(&want.item)?;
            Some(item.minutes?.saturating_mul(want.count))
        });
        let planned: u32 = planned.sum();
        minutes.is_some_and(|took| u64::from(took) * 100 < u64::from(planned) * 80)
    }
}

impl ProofValue {
    /// What kind it is.
    pub fn kind(&self) -> ProofKind {
        match self {
            ProofValue::Photo(_) => ProofKind::Photo,
            ProofValue::Text(_) => ProofKind::Text,
            ProofValue::Place(_) => ProofKind::Place,
            ProofValue::Number(_) => ProofKind::Number,
            ProofValue::Money(_) => ProofKind::Money,
        }
    }
}
