//! 「同时享受」 What the same people have from other cases and cannot have beside this
//! one. A stronger benefit that stands refuses the weaker; a weaker one that stands
//! gives way in the month the stronger begins, in the same transaction, so that
//! nobody is paid twice and nobody falls between two (docs/decisions/0040).

use super::desk::Desk;
use crate::Result;
use engine_case::{Act, Case, Held, Opened, Outcome, Phase, RuleReference};
use engine_policy::{Beneficiary, Condition, Every, RuleBook};
use kernel::{CaseId, Period, PersonId, Slug};
use std::collections::BTreeSet;
use store::Tx;

/// Phases in which something is granted.
const STANDING: [Phase; 4] = [
    Phase::Granted,
    Phase::Paying,
    Phase::ReviewDue,
    Phase::PhaseOut,
];

/// A benefit of another case that stands for people of this household.
struct Other {
    opened: Opened,
    until: Option<Period>,
}

impl Desk {
    /// What stands beside this case and cannot.
    pub(super) async fn held(&self, tx: &mut Tx, case: &Case) -> Result<Vec<Held>> {
        let Some(mine) = &case.opened else {
            return Ok(Vec::new());
        };
        let book = self.law.judge.book().clone();
        let others = standing(tx, mine).await?;
        let held = others.iter().filter_map(|other| {
            let theirs = &other.opened;
            let same = theirs.service == mine.service && again(&book, mine, theirs);
            let rule = gives_way(&book, &mine.service, &theirs.service);
            let weaker = rule.filter(|_| concerns(&book, mine, theirs, &others));
            let name = name(&book, &theirs.service);
            let rule = weaker.map(|rule| RuleReference {
                rule: rule.id.clone(),
                says: format!("您家正在享受“{name}”，两项不能同时享受"),
                basis: rule.basis.clone(),
            });
            (same || rule.is_some()).then_some(Held {
                name,
                until: other.until,
                rule,
            })
        });
        Ok(held.collect())
    }

    /// Ends what gives way to a case that was just granted from `from` on.
    pub(super) async fn others_give_way(&self, tx: &mut Tx, case: &Case) -> Result<()> {
        let Some(mine) = &case.opened else {
            return Ok(());
        };
        let granted = case.decision().map(|decision| &decision.outcome);
        let Some(Outcome::Granted(grant)) = granted else {
            return Ok(());
        };
        // What is paid already is not asked back because the stronger came late.
        let next = Period::of(self.now.today()).plus_months(1);
        let from = grant.from.max(next);
        for (id, act) in self.giving_way(tx, mine, from).await? {
            // The same signer, about the other case of the same people.
            Box::pin(self.about(id).act(tx, id, act)).await?;
        }
        Ok(())
    }

    /// The names of what would give way if this case were granted.
    pub(super) async fn would_give_way(&self, tx: &mut Tx, mine: &Opened) -> Result<Vec<String>> {
        let next = Period::of(self.now.today()).plus_months(1);
        let book = self.law.judge.book().clone();
        let mut names = Vec::new();
        for (id, _) in self.giving_way(tx, mine, next).await? {
            let service = tx.case(id).await?.state.opened.map(|opened| opened.service);
            names.extend(service.map(|service| name(&book, &service)));
        }
        Ok(names)
    }

    async fn giving_way(
        &self,
        tx: &mut Tx,
        mine: &Opened,
        from: Period,
    ) -> Result<Vec<(CaseId, Act)>> {
        let book = self.law.judge.book().clone();
        let mut others = standing(tx, mine).await?;
        let to = name(&book, &mine.service);
        let me = Other {
            opened: mine.clone(),
            until: None,
        };
        others.push(me);
        let acts = others.iter().filter_map(|other| {
            let theirs = &other.opened;
            let rule = gives_way(&book, &theirs.service, &mine.service)?;
            let runs = other.until.is_none_or(|until| until > from);
            (runs && concerns(&book, theirs, mine, &others)).then(|| {
                let act = Act::GiveWay {
                    to: to.clone(),
                    from,
                    basis: rule.basis.clone(),
                };
                (theirs.case, act)
            })
        });
        Ok(acts.collect())
    }
}

/// Cases of the household, but this one, in which something stands.
async fn standing(tx: &mut Tx, mine: &Opened) -> Result<Vec<Other>> {
    let mut others = Vec::new();
    for id in tx.cases_of_household(mine.household).await? {
        let case = tx.case(id).await?.state;
        let Some(opened) = case.opened.clone().filter(|one| one.case != mine.case) else {
            continue;
        };
        if let Some(last) = case.latest().filter(|_| STANDING.contains(&case.phase)) {
            let until = last.until;
            others.push(Other { opened, until });
        }
    }
    Ok(others)
}

fn gives_way<'a>(book: &'a RuleBook, weaker: &Slug, stronger: &Slug) -> Option<&'a Condition> {
    book.gives_way(weaker.as_str(), stronger.as_str())
}

fn name(book: &RuleBook, service: &Slug) -> String {
    let benefit = book.benefit(service.as_str());
    benefit.map_or_else(|| service.to_string(), |benefit| benefit.name.clone())
}

fn whose(book: &RuleBook, service: &Slug) -> Option<Beneficiary> {
    book.benefit(service.as_str())
        .map(|benefit| benefit.beneficiary)
}

/// The same benefit for the same beneficiary once more. What is given once may be
/// needed again.
fn again(book: &RuleBook, mine: &Opened, theirs: &Opened) -> bool {
    let benefit = book.benefit(mine.service.as_str());
    let amount = benefit.and_then(|benefit| benefit.amount.as_ref());
    let once = amount.is_some_and(|amount| amount.every == Every::Once);
    let same = match whose(book, &mine.service) {
        Some(Beneficiary::Person) => mine.beneficiary == theirs.beneficiary,
        Some(Beneficiary::Household) => true,
        None => false,
    };
    same && !once
}

/// Whether two benefits are for the same people. A household's gives way to a
/// person's only when every member has a stronger one: else the others would lose
/// theirs.
fn concerns(book: &RuleBook, weaker: &Opened, stronger: &Opened, all: &[Other]) -> bool {
    use Beneficiary::{Household, Person};
    let kinds = whose(book, &weaker.service).zip(whose(book, &stronger.service));
    match kinds {
        Some((Person, Person)) => weaker.beneficiary == stronger.beneficiary,
        Some((Household, Household)) => true,
        Some((Person, Household)) => has(stronger, weaker.beneficiary),
        Some((Household, Person)) => {
            let strong = all.iter().map(|other| &other.opened).chain([stronger]);
            let strong: BTreeSet<PersonId> = strong
                .filter(|one| gives_way(book, &weaker.service, &one.service).is_some())
                .filter(|one| whose(book, &one.service) == Some(Person))
                .map(|one| one.beneficiary)
                .collect();
            weaker.members.iter().all(|m| strong.contains(&m.person))
        }
        None => false,
    }
}

fn has(opened: &Opened, person: PersonId) -> bool {
    opened.members.iter().any(|member| member.person == person)
}

/// The sentence of a grant's notice about what gives way.
pub(super) fn told(names: &[String]) -> Option<String> {
    match names.is_empty() {
        true => None,
        false => Some(format!("原来的{}到那时并过来，不重复给", names.join("、"))),
    }
}
