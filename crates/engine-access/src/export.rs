//! 「导出」 A list taken out of the house: asked for with a reason, by two people when
//! it holds many or says much, fetched only by who asked, for a day.

use crate::four_eyes::four_eyes;
use crate::refusal::Refusal;
use chrono::TimeDelta;
use kernel::{Actor, FieldLevel, Instant, Now};
use serde::{Deserialize, Serialize};

/// More people in one list need a second person.
pub const EXPORT_PEOPLE_ALONE: usize = 100;
/// What says more than this needs a second person, however few.
const LEVEL_ALONE: FieldLevel = FieldLevel::L2;
/// How long it may be approved and fetched.
pub const EXPORT_HOURS: i64 = 24;
/// Characters of a reason.
pub const EXPORT_REASON_MIN: usize = 5;
const EXPORT_REASON_MAX: usize = 200;

/// One list asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Who asks.
    pub by: Actor,
    /// What for.
    pub reason: String,
    /// How many people are in it.
    pub people: usize,
    /// The highest level in it.
    pub level: FieldLevel,
    /// When it was asked for.
    pub at: Instant,
    /// Who said yes or no, when.
    pub answered: Option<(Actor, bool, Instant)>,
    /// When it was fetched.
    pub fetched: Vec<Instant>,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportStanding {
    /// 等批准
    Waiting,
    /// 可以取
    Ready,
    /// 没批准
    Declined,
    /// 过期了
    Over,
}

impl Export {
    /// Asks for a list.
    ///
    /// # Errors
    /// No reason or far too long a one; a machine.
    pub fn ask(
        by: Actor,
        reason: &str,
        (people, level): (usize, FieldLevel),
        now: Now,
    ) -> Result<Export, Refusal> {
        four_eyes(&by, &[])?;
        let reason: String = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        match reason.chars().count() {
            0..EXPORT_REASON_MIN => return Err(Refusal::Reason(EXPORT_REASON_MIN)),
            EXPORT_REASON_MIN..=EXPORT_REASON_MAX => {}
            _ => return Err(Refusal::ReasonLong(EXPORT_REASON_MAX)),
        }
        Ok(Export {
            by,
            reason,
            people,
            level,
            at: now.at,
            answered: None,
            fetched: Vec::new(),
        })
    }

    /// Whether a second person must say yes.
    pub fn needs_two(&self) -> bool {
        self.people > EXPORT_PEOPLE_ALONE || self.level > LEVEL_ALONE
    }

    /// The moment it ends.
    pub fn until(&self) -> Instant {
        self.at + TimeDelta::hours(EXPORT_HOURS)
    }

    /// Where it stands at a moment.
    pub fn standing(&self, now: Now) -> ExportStanding {
        match &self.answered {
            Some((_, false, _)) => ExportStanding::Declined,
            _ if now.at >= self.until() => ExportStanding::Over,
            Some((_, true, _)) => ExportStanding::Ready,
            None if self.needs_two() => ExportStanding::Waiting,
            None => ExportStanding::Ready,
        }
    }

    /// Another person says yes or no.
    ///
    /// # Errors
    /// The same human being; nothing waits for an answer any more.
    pub fn answer(mut self, by: Actor, yes: bool, now: Now) -> Result<Export, Refusal> {
        self.open(now)?;
        if self.standing(now) != ExportStanding::Waiting {
            return Err(Refusal::NothingThere);
        }
        four_eyes(&by, std::slice::from_ref(&self.by))?;
        self.answered = Some((by, yes, now.at));
        Ok(self)
    }

    /// Who asked fetches it.
    ///
    /// # Errors
    /// Anybody else; nobody has said yes yet; a no; too late.
    pub fn fetch(mut self, by: &Actor, now: Now) -> Result<Export, Refusal> {
        let person = four_eyes(by, &[])?;
        if self.by.person != Some(person) {
            return Err(Refusal::NothingThere);
        }
        self.open(now)?;
        match self.standing(now) {
            ExportStanding::Ready => {}
            ExportStanding::Waiting => return Err(Refusal::ExportWaits),
            ExportStanding::Declined | ExportStanding::Over => return Err(Refusal::NothingThere),
        }
        self.fetched.push(now.at);
        Ok(self)
    }

    fn open(&self, now: Now) -> Result<(), Refusal> {
        match self.standing(now) {
            ExportStanding::Over => Err(Refusal::ExportOver(EXPORT_HOURS)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{PersonId, Role};

    fn at(hour: i64) -> Now {
        let first: Instant = "2026-09-01T00:00:00Z".parse().unwrap();
        Now {
            at: first + TimeDelta::hours(hour),
        }
    }

    fn officer(person: i64, account: &str) -> Actor {
        Actor {
            account: account.into(),
            person: Some(PersonId(person)),
            role: Role::CountyApprover,
        }
    }

    fn asked(people: usize, level: FieldLevel) -> Export {
        Export::ask(officer(1, "a"), "年度统计用", (people, level), at(0)).unwrap()
    }

    #[test]
    fn many_people_or_a_high_level_need_a_second_person() {
        for (people, level, two) in [
            (1, FieldLevel::L2, false),
            (100, FieldLevel::L2, false),
            (101, FieldLevel::L1, true),
            (1, FieldLevel::L3, true),
            (0, FieldLevel::L4, true),
        ] {
            let export = asked(people, level);
            assert_eq!(export.needs_two(), two, "{people} {level:?}");
            let fetched = export.fetch(&officer(1, "a"), at(1));
            assert_eq!(fetched.err(), two.then_some(Refusal::ExportWaits));
        }
    }

    #[test]
    fn the_second_person_is_another_human_being_not_another_account() {
        let export = asked(500, FieldLevel::L2);
        let own = export
            .clone()
            .answer(officer(1, "other login"), true, at(1));
        assert_eq!(own, Err(Refusal::FourEyes));
        let yes = export.clone().answer(officer(2, "b"), true, at(1)).unwrap();
        assert_eq!(
            yes.clone().answer(officer(3, "c"), false, at(2)),
            Err(Refusal::NothingThere)
        );
        // The one who said yes does not fetch it either.
        let other = yes.clone().fetch(&officer(2, "b"), at(2));
        assert_eq!(other, Err(Refusal::NothingThere));
        let mine = yes.fetch(&officer(1, "a"), at(2)).unwrap();
        assert_eq!(mine.fetched, [at(2).at]);
        let no = export.answer(officer(2, "b"), false, at(1)).unwrap();
        assert_eq!(no.standing(at(1)), ExportStanding::Declined);
        assert_eq!(
            no.fetch(&officer(1, "a"), at(2)),
            Err(Refusal::NothingThere)
        );
    }

    #[test]
    fn after_a_day_nothing_is_approved_or_fetched() {
        let over = Refusal::ExportOver(EXPORT_HOURS);
        let many = asked(500, FieldLevel::L2);
        let late = many.answer(officer(2, "b"), true, at(24));
        assert_eq!(late, Err(over.clone()));
        let few = asked(5, FieldLevel::L2);
        assert!(few.clone().fetch(&officer(1, "a"), at(23)).is_ok());
        assert_eq!(few.fetch(&officer(1, "a"), at(24)), Err(over));
    }

    #[test]
    fn a_reason_is_asked_and_a_machine_gets_none() {
        let few = (1, FieldLevel::L1);
        let short = Export::ask(officer(1, "a"), "  统 计 ", few, at(0));
        assert_eq!(short, Err(Refusal::Reason(EXPORT_REASON_MIN)));
        let long = Export::ask(officer(1, "a"), &"长".repeat(201), few, at(0));
        assert_eq!(long, Err(Refusal::ReasonLong(200)));
        let machine = Actor {
            account: "m".into(),
            person: None,
            role: Role::DepartmentMachine,
        };
        let asked = Export::ask(machine, "年度统计用", few, at(0));
        assert_eq!(asked, Err(Refusal::NotAPerson));
    }
}
