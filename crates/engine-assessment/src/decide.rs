//! 「评估的规矩」 An assessment's verbs. Every check is here; folding never fails.

use crate::command::{Command, Known};
use crate::config::{Evidence, Settle, Sheet};
use crate::mend::{Mending, MendingState};
use crate::model::{
    Answers, Appeal, Assessment, Certificate, Confirmed, Event, Fill, Opened, Overriding, Phase,
    Signed, Stamp, Subject,
};
use crate::refusal::Refusal;
use crate::score::{asked, missing};
use kernel::{Actor, Date, Now, PersonId, Slug, add_days, months_after};

/// Judges one command. `state` is `None` for one that is being opened.
///
/// # Errors
/// The [`Refusal`] that applies first.
pub fn decide(
    state: Option<&Assessment>,
    command: Command,
    by: &Actor,
    known: &Known,
    sheet: &Sheet,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = by.person.filter(|_| by.role.is_human());
    let person = person.ok_or(Refusal::NotAPerson)?;
    let stamp = Stamp {
        by: by.clone(),
        at: now.at,
    };
    let Some(state) = state else {
        return match command {
            Command::Open(opened) => open(*opened, sheet),
            _ => Err(Refusal::NotInForce),
        };
    };
    let pinned = &state.opened.sheet;
    if pinned.id != sheet.id || pinned.version != sheet.version {
        return Err(Refusal::OtherSheet(pinned.version.clone()));
    }
    let at = At {
        state,
        sheet,
        person,
        stamp,
        now,
    };
    match command {
        Command::Open(_) => Err(Refusal::InForce),
        Command::Fill { answers, reason } => at.fill(answers, reason, known),
        Command::Sign => at.sign(),
        Command::Override { to, reason } => at.overrides(&to, &reason),
        Command::Confirm => at.confirm(known),
        Command::Return { reason } => at.sends_back(&reason),
        Command::Appeal { reason } => at.appeal(&reason),
        Command::LookAgain { again } => match &state.appeal {
            Some(appeal) if appeal.again.is_none() => Ok(vec![Event::LookedAgain { again }]),
            _ => Err(Refusal::NoAppeal),
        },
        Command::Replace { by } => match state.confirmed {
            Some(_) => Ok(vec![Event::Replaced { by }]),
            None => Err(Refusal::NotInForce),
        },
        Command::Answer { question, proof } => at.answer(&question, &proof),
        Command::Close { question } => at.close(&question),
        Command::SendBack { question, reason } => at.send_back(&question, &reason),
    }
}

fn open(opened: Opened, sheet: &Sheet) -> Result<Vec<Event>, Refusal> {
    if opened.sheet.version.trim().is_empty() || opened.sheet.pack.is_empty() {
        return Err(Refusal::NoVersion);
    }
    if opened.sheet.id != sheet.id || opened.sheet.version != sheet.version {
        return Err(Refusal::OtherSheet(opened.sheet.version));
    }
    let words = opened.reason.trim().is_empty();
    match words {
        true => Err(Refusal::NoReason),
        false => Ok(vec![Event::Opened(Box::new(opened))]),
    }
}

/// One command at one assessment.
struct At<'a> {
    state: &'a Assessment,
    sheet: &'a Sheet,
    person: PersonId,
    stamp: Stamp,
    now: Now,
}

impl At<'_> {
    fn after(&self, days: u32) -> Date {
        add_days(self.now.today(), days).unwrap_or(Date::MAX)
    }

    fn own(&self) -> Option<&Fill> {
        let mut fills = self.state.fills.iter();
        fills.find(|one| one.by.person == Some(self.person))
    }

    /// Nobody assesses himself or his own, nor what he assessed before.
    fn unconflicted(&self, known: &Known) -> Result<(), Refusal> {
        let opened = &self.state.opened;
        let oneself = opened.subject == Subject::Person(self.person);
        if oneself || known.relatives.contains(&self.person) {
            return Err(Refusal::Conflict);
        }
        if opened.barred.contains(&self.person) {
            return Err(Refusal::AssessedBefore);
        }
        Ok(())
    }

    fn fill(
        &self,
        answers: Answers,
        reason: Option<String>,
        known: &Known,
    ) -> Result<Vec<Event>, Refusal> {
        self.unconflicted(known)?;
        let drawn = &self.state.opened.drawn;
        if !drawn.is_empty() && !drawn.contains(&self.person) {
            return Err(Refusal::NotDrawn);
        }
        if self.state.confirmed.is_some() {
            return Err(Refusal::InForce);
        }
        let reason = reason
            .map(|words| words.trim().to_owned())
            .filter(|words| !words.is_empty());
        let own = self.own();
        if own.is_some_and(|one| one.signed.is_some()) && reason.is_none() {
            return Err(Refusal::NoReason);
        }
        let needed = usize::from(self.sheet.assessors);
        let third = match own {
            Some(own) => self.state.third(self.sheet) == Some(own),
            None => self.state.fills.len() >= needed,
        };
        if third {
            self.third(&answers, own.is_some())?;
        }
        self.known_answers(&answers)?;
        Ok(vec![Event::Filled {
            by: self.stamp.by.clone(),
            answers,
            reason,
        }])
    }

    /// A third assessor answers what the first differ in.
    fn third(&self, answers: &Answers, begun: bool) -> Result<(), Refusal> {
        if self.sheet.settle != Settle::Third {
            return Err(Refusal::Enough);
        }
        if !begun && self.state.fills.len() > usize::from(self.sheet.assessors) {
            return Err(Refusal::Enough);
        }
        let unsigned = Assessment {
            fills: self.state.first(self.sheet).to_vec(),
            ..self.state.clone()
        };
        let disputed = unsigned.disputed(self.sheet);
        if disputed.is_empty() {
            return Err(Refusal::NothingDisputed);
        }
        match answers.keys().find(|id| !disputed.contains(id)) {
            None => Ok(()),
            Some(_) => Err(Refusal::OnlyDisputed(self.asks(&disputed))),
        }
    }

    fn asks(&self, ids: &[Slug]) -> String {
        let asks = ids.iter().filter_map(|id| self.sheet.question(id.as_str()));
        let asks: Vec<&str> = asks.map(|one| one.asks.as_str()).collect();
        asks.join("、")
    }

    fn known_answers(&self, answers: &Answers) -> Result<(), Refusal> {
        for (id, answer) in answers {
            let question = self.sheet.question(id.as_str());
            let question = question.ok_or_else(|| Refusal::NoSuchQuestion(id.to_string()))?;
            if !question.value.takes(answer.value) {
                let asks = question.asks.clone();
                return Err(Refusal::NoSuchAnswer { asks });
            }
        }
        Ok(())
    }

    fn sign(&self) -> Result<Vec<Event>, Refusal> {
        if self.state.confirmed.is_some() {
            return Err(Refusal::InForce);
        }
        let own = self.own().ok_or(Refusal::NothingWritten)?;
        if own.signed.is_some() {
            return Err(Refusal::SignedAlready);
        }
        let open = match self.state.third(self.sheet) == Some(own) {
            false => missing(self.sheet, &own.answers),
            true => {
                let disputed = self.state.disputed(self.sheet).into_iter();
                let open = disputed.filter(|id| !own.answers.contains_key(id));
                let open: Vec<Slug> = open.collect();
                let all = self.sheet.questions.iter();
                all.filter(|one| open.contains(&one.id)).collect()
            }
        };
        if let Some(first) = open.first() {
            return Err(Refusal::Missing {
                count: open.len(),
                first: first.asks.clone(),
            });
        }
        self.evidenced(&own.answers)?;
        Ok(vec![Event::Signed {
            by: self.stamp.by.clone(),
            at: self.stamp.at,
        }])
    }

    fn evidenced(&self, answers: &Answers) -> Result<(), Refusal> {
        for question in &self.sheet.questions {
            let Some(answer) = answers.get(&question.id) else {
                continue;
            };
            let needed = match question.evidence {
                Evidence::None => false,
                Evidence::Always => true,
                Evidence::Below => answer.value < question.value.range().most,
            };
            let counts = asked(self.sheet, question, answers) != Some(false);
            if needed && counts && answer.evidence.trim().chars().count() < 2 {
                return Err(Refusal::NoEvidence(question.asks.clone()));
            }
        }
        Ok(())
    }

    fn overrides(&self, to: &Slug, reason: &str) -> Result<Vec<Event>, Refusal> {
        self.graded()?;
        let to = self.sheet.band_at(to.as_str()).ok_or(Refusal::NoSuchBand)?;
        Ok(vec![Event::Overridden(Overriding {
            to,
            reason: said(reason)?,
            stamp: self.stamp.clone(),
        })])
    }

    fn graded(&self) -> Result<(), Refusal> {
        match self.state.phase(self.sheet) {
            Phase::Graded => Ok(()),
            Phase::Filling => Err(Refusal::NotGraded("还有人没有签字")),
            Phase::Disputed => Err(Refusal::NotGraded("评估人意见不一")),
            _ => Err(Refusal::InForce),
        }
    }

    fn confirm(&self, known: &Known) -> Result<Vec<Event>, Refusal> {
        self.graded()?;
        let oneself = self.state.opened.subject == Subject::Person(self.person);
        if oneself || known.relatives.contains(&self.person) {
            return Err(Refusal::Conflict);
        }
        let proposed = self.state.overriding.as_ref();
        let proposer = proposed.and_then(|one| one.stamp.by.person);
        if self.state.assessors().contains(&self.person) || proposer == Some(self.person) {
            return Err(Refusal::SamePerson);
        }
        let certificate = self.certificate()?;
        let today = self.now.today();
        let until = self.sheet.valid_months.map(|months| {
            let months = i32::try_from(months).unwrap_or(i32::MAX);
            let next = months_after(today, months).unwrap_or(Date::MAX);
            next.pred_opt().unwrap_or(next)
        });
        let mendings = self.found(&certificate);
        let mut events = vec![Event::Confirmed(Box::new(Confirmed {
            stamp: self.stamp.clone(),
            certificate,
            until,
            appeal_until: self.after(self.sheet.appeal_days),
        }))];
        if !mendings.is_empty() {
            events.push(Event::Found { mendings });
        }
        Ok(events)
    }

    fn certificate(&self) -> Result<Certificate, Refusal> {
        let unfinished = Refusal::NotGraded("还有题没有答");
        let outcome = self.state.outcome(self.sheet).ok_or(unfinished)?;
        let answers = match self.sheet.settle {
            Settle::Mean => {
                let each = self.state.first(self.sheet).iter();
                each.map(|one| (one.by.person, one.answers.clone()))
                    .collect()
            }
            Settle::Joint | Settle::Third => {
                let settled = self.state.settled(self.sheet);
                vec![(None, settled.unwrap_or_default())]
            }
        };
        let overriding = self.state.overriding.clone();
        let grade = overriding.as_ref().map_or(outcome.grade, |one| one.to);
        let band = self.sheet.band(grade).ok_or(Refusal::NoSuchBand)?;
        let signed = self.state.fills.iter().filter_map(|fill| {
            Some(Signed {
                by: fill.by.clone(),
                at: fill.signed?,
            })
        });
        Ok(Certificate {
            sheet: self.state.opened.sheet.clone(),
            answers,
            given: self.state.opened.given.clone(),
            assessors: signed.collect(),
            outcome,
            overriding,
            grade,
            band: (band.id.clone(), band.name.clone()),
        })
    }

    /// What must be mended: each question that says so and lost points.
    fn found(&self, certificate: &Certificate) -> Vec<Mending> {
        let mut all = Vec::new();
        for question in &self.sheet.questions {
            let Some(days) = question.mend_days else {
                continue;
            };
            let most = question.value.range().most;
            let mut each = certificate.answers.iter();
            let lost = each.find_map(|(_, answers)| {
                let answer = answers.get(&question.id)?;
                (answer.value < most).then_some(answer)
            });
            all.extend(lost.map(|answer| Mending {
                question: question.id.clone(),
                found: match answer.evidence.is_empty() {
                    true => question.value.says(answer.value),
                    false => answer.evidence.clone(),
                },
                due: self.after(days),
                state: MendingState::Open,
            }));
        }
        all
    }

    fn sends_back(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        self.graded()?;
        Ok(vec![Event::Returned {
            stamp: self.stamp.clone(),
            reason: said(reason)?,
        }])
    }

    fn appeal(&self, reason: &str) -> Result<Vec<Event>, Refusal> {
        let confirmed = self.state.confirmed.as_ref();
        let confirmed = confirmed.ok_or(Refusal::NotInForce)?;
        if self.state.appeal.is_some() || self.state.replaced.is_some() {
            return Err(Refusal::AppealedAlready);
        }
        if self.now.today() > confirmed.appeal_until {
            return Err(Refusal::TooLate(confirmed.appeal_until));
        }
        Ok(vec![Event::Appealed(Appeal {
            stamp: self.stamp.clone(),
            reason: said(reason)?,
            again: None,
        })])
    }

    fn mending(&self, question: &Slug) -> Result<&Mending, Refusal> {
        let mut all = self.state.mendings.iter();
        let one = all.find(|one| one.question == *question);
        match one.ok_or(Refusal::NoSuchMending)? {
            one if one.closed() => Err(Refusal::MendedAlready),
            one => Ok(one),
        }
    }

    fn mended(&self, question: &Slug, state: MendingState) -> Vec<Event> {
        vec![Event::Mended {
            question: question.clone(),
            state,
        }]
    }

    fn answer(&self, question: &Slug, proof: &str) -> Result<Vec<Event>, Refusal> {
        self.mending(question)?;
        let proof = proof.trim().to_owned();
        if proof.chars().count() < 2 {
            return Err(Refusal::NoProof);
        }
        let stamp = self.stamp.clone();
        Ok(self.mended(question, MendingState::Answered { proof, stamp }))
    }

    fn close(&self, question: &Slug) -> Result<Vec<Event>, Refusal> {
        let MendingState::Answered { proof, stamp } = &self.mending(question)?.state else {
            return Err(Refusal::NoProof);
        };
        // Who says that it is done and who has looked are two people.
        if stamp.by.person == Some(self.person) {
            return Err(Refusal::SamePerson);
        }
        let (proof, stamp) = (proof.clone(), self.stamp.clone());
        Ok(self.mended(question, MendingState::Closed { proof, stamp }))
    }

    fn send_back(&self, question: &Slug, reason: &str) -> Result<Vec<Event>, Refusal> {
        self.mending(question)?;
        let (reason, stamp) = (said(reason)?, self.stamp.clone());
        Ok(self.mended(question, MendingState::SentBack { reason, stamp }))
    }
}

fn said(reason: &str) -> Result<String, Refusal> {
    let words = reason.trim();
    match words.chars().count() < 2 {
        true => Err(Refusal::NoReason),
        false => Ok(words.to_owned()),
    }
}
