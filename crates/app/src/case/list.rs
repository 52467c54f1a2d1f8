//! 「办件清单」 The open cases of a place, searched and filtered. A number is looked up by its last four digits among those whose
//! cases are in the list already: nobody else can be found this way.

use crate::worklist::WorkLine;
use crate::{App, AppError, Context, Result};
use engine_case::DeadlineStanding;
use kernel::{PersonId, RegionCode};
use std::collections::BTreeSet;
use store::{RegisterSlice, Tx};

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A name, a case number, the last four of an identity number.
    pub text: String,
    /// A service by id; empty: all.
    pub service: String,
    /// A stage in words; empty: all.
    pub stage: String,
    /// `late`, `soon`, `calm`; empty: all.
    pub deadline: String,
    /// A town or village by its code; empty: the whole place.
    pub node: String,
}

/// The deadlines a list is filtered by, with their words.
pub const DEADLINES: [(&str, &str); 3] = [
    ("late", "已超期"),
    ("soon", "三天内到期"),
    ("calm", "期限充足"),
];

impl Wanted {
    fn fits(&self, line: &WorkLine, by_number: &BTreeSet<PersonId>) -> bool {
        let text = self.text.trim();
        let found = text.is_empty()
            || line.applicant_name.contains(text)
            || line.place.contains(text)
            || line.case.to_string() == text
            || by_number.contains(&line.applicant);
        let standing = line.deadline.map(|one| one.standing);
        let due = match self.deadline.as_str() {
            "late" => standing == Some(DeadlineStanding::Overdue),
            "soon" => standing == Some(DeadlineStanding::DueSoon),
            "calm" => standing == Some(DeadlineStanding::OnTime),
            _ => true,
        };
        let node = self.node.is_empty()
            || self
                .node
                .parse::<RegionCode>()
                .is_ok_and(|node| node.contains(line.region));
        found
            && due
            && node
            && (self.service.is_empty() || line.service.as_str() == self.service)
            && (self.stage.is_empty() || line.stage == self.stage)
    }

    /// The last four of an identity number, when that is what was typed.
    fn last_four(&self) -> Option<&str> {
        let text = self.text.trim();
        let tail = |c: char| c.is_ascii_digit() || c == 'X' || c == 'x';
        (text.len() == 4 && text.chars().all(tail)).then_some(text)
    }
}

impl App {
    /// 办件清单 Open cases of a place that fit; and all of them, for the filters.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn find_cases(
        &self,
        ctx: &Context,
        region: RegionCode,
        wanted: &Wanted,
    ) -> Result<(Vec<WorkLine>, Vec<WorkLine>)> {
        let all = self.whole_worklist(ctx, region).await?;
        let by_number = match wanted.last_four() {
            Some(digits) => self.with_last_four(ctx, region, &all, digits).await?,
            None => BTreeSet::new(),
        };
        let found = all.iter().filter(|line| wanted.fits(line, &by_number));
        Ok((found.cloned().collect(), all))
    }

    /// Which of the applicants have a number that ends so. What was typed goes into
    /// no record; that somebody looked does.
    async fn with_last_four(
        &self,
        ctx: &Context,
        region: RegionCode,
        lines: &[WorkLine],
        digits: &str,
    ) -> Result<BTreeSet<PersonId>> {
        let people: BTreeSet<PersonId> = lines.iter().map(|line| line.applicant).collect();
        let (ctx, now, digits) = (ctx.clone(), self.now(), digits.to_uppercase());
        self.db
            .look(async move |tx: &mut Tx| {
                let slice = RegisterSlice {
                    people: people.clone(),
                    ..RegisterSlice::default()
                };
                let register = tx.register(&slice).await?.state;
                let config = engine_registry::Config::default();
                let ends = |person: &&engine_registry::Person| {
                    let number = person.number(&config);
                    number.is_some_and(|number| number.reveal().ends_with(&digits))
                };
                let found = register.people.values().filter(ends);
                let found: BTreeSet<PersonId> = found.map(|person| person.id).collect();
                let subject = format!("region:{region}");
                ctx.record(tx, "worklist.by_number", &subject, &found.len(), now)
                    .await?;
                Ok::<_, AppError>(found)
            })
            .await
    }
}
