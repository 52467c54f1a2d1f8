//! 「一键核对」 The verbs of a verification. Refuses to begin without a purpose and
//! an authorisation that covers every member and every category asked.

use crate::answer::{Answer, NoAnswer};
use crate::authorisation::{Authorisation, Scope, may_read};
use crate::compare::compare;
use crate::config::Config;
use crate::purpose::{Purpose, PurposeKind};
use crate::record::Subject;
use crate::refusal::Refusal;
use crate::verification::{
    Answered, Ask, AskState, Command, Difference, Event, Request, Verification,
};
use kernel::{Actor, CaseId, Now, PersonId, Slug};
use std::collections::{BTreeMap, BTreeSet};

/// Decides one command on a verification.
pub fn verify(
    state: &Verification,
    command: Command,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let at = now.at;
    match command {
        Command::Request {
            request,
            authorisation,
        } => begin(state, *request, authorisation.as_deref(), config, now),
        Command::Answer {
            department,
            answers,
        } => {
            let answers = complete(state, &department, answers)?;
            Ok(vec![Event::Answered {
                department,
                answers,
                at,
            }])
        }
        Command::Fail { department, why } => {
            waiting(state, &department)?;
            Ok(vec![Event::Failed {
                department,
                why,
                at,
            }])
        }
        Command::Compare => {
            let request = state.request.as_deref().ok_or(Refusal::NotRequested)?;
            let slow = state.waiting_for();
            if !slow.is_empty() {
                return Err(Refusal::StillWaiting(slow));
            }
            let (differences, contradictions) = compare(state, request, config);
            Ok(vec![Event::Compared {
                differences,
                contradictions,
                at,
            }])
        }
        Command::Explain {
            difference,
            words,
            by,
        } => {
            open(state, difference)?;
            let words = words_of(words)?;
            Ok(vec![Event::Explained {
                difference,
                words,
                by,
                at,
            }])
        }
        Command::Settle {
            difference,
            accepted,
            reason,
            by,
        } => {
            open(state, difference)?;
            person(&by)?;
            let reason = words_of(reason)?;
            Ok(vec![Event::Settled {
                difference,
                accepted,
                reason,
                by,
                at,
            }])
        }
        Command::Rule { ruled } => {
            let fresh = state.comparison.as_ref().filter(|last| !last.stale);
            fresh.ok_or(Refusal::NotCompared)?;
            let ruled = state.rulings_among(ruled);
            match ruled == state.ruled {
                true => Ok(Vec::new()),
                false => Ok(vec![Event::Ruled { ruled, at }]),
            }
        }
        Command::Recheck { by } => recheck(state, &by, now),
    }
}

fn begin(
    state: &Verification,
    mut request: Request,
    authorisation: Option<&Authorisation>,
    config: &Config,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    if state.request.is_some() {
        return Err(Refusal::AlreadyRequested);
    }
    person(&request.by)?;
    let case = case_of(&request.purpose)?;
    let authorisation = authorisation.ok_or(Refusal::NoAuthorisation)?;
    if authorisation.household != request.household {
        return Err(Refusal::AuthorisationOfAnotherCase);
    }
    let mut seen = BTreeSet::new();
    if let Some(twice) = request.members.iter().find(|m| !seen.insert(m.person)) {
        return Err(Refusal::MemberTwice(twice.person));
    }
    if seen.is_empty() {
        return Err(Refusal::NoMembers);
    }
    if request.categories.is_empty() {
        request.categories = everything(authorisation, config);
    }
    let mut by_department: BTreeMap<Slug, BTreeSet<Slug>> = BTreeMap::new();
    for id in &request.categories {
        let unknown = || Refusal::UnknownCategory(id.clone());
        let category = config.catalogue.category(id).ok_or_else(unknown)?;
        let owner = config.catalogue.owner(id).ok_or_else(unknown)?;
        if !category.keyed_by.is_people() {
            return Err(Refusal::NotAboutPeople(category.name.clone()));
        }
        for member in &seen {
            let day = now.today();
            may_read(
                category,
                &request.purpose,
                *member,
                Some(authorisation),
                day,
            )?;
        }
        by_department
            .entry(owner.id.clone())
            .or_default()
            .insert(id.clone());
    }
    if by_department.is_empty() {
        return Err(Refusal::NothingToAsk);
    }
    let at = now.at;
    let mut events = vec![Event::VerificationRequested {
        request: Box::new(request),
        case,
        authorisation: authorisation.id,
        at,
    }];
    events.extend(
        by_department
            .into_iter()
            .map(|(department, categories)| Event::Asked {
                department,
                categories,
                at,
            }),
    );
    Ok(events)
}

fn case_of(purpose: &Purpose) -> Result<CaseId, Refusal> {
    match purpose {
        Purpose::Verification { case } => Ok(*case),
        _ => Err(Refusal::NotForThisCase),
    }
}

/// Every category the authorisation covers and the catalogue lets be verified.
fn everything(authorisation: &Authorisation, config: &Config) -> BTreeSet<Slug> {
    config
        .catalogue
        .categories()
        .filter(|category| category.allows(PurposeKind::Verification))
        .filter(|category| category.keyed_by.is_people())
        .filter(|category| match &authorisation.scope {
            Scope::All => true,
            Scope::Only(only) => only.contains(&category.id),
        })
        .map(|category| category.id.clone())
        .collect()
}

fn person(by: &Actor) -> Result<(), Refusal> {
    if by.role.is_human() && by.person.is_some() {
        Ok(())
    } else {
        Err(Refusal::NeedsAPerson)
    }
}

fn words_of(words: String) -> Result<String, Refusal> {
    if words.trim().is_empty() {
        Err(Refusal::WordsMissing)
    } else {
        Ok(words)
    }
}

fn waiting<'a>(state: &'a Verification, department: &Slug) -> Result<&'a Ask, Refusal> {
    state
        .asks
        .get(department)
        .filter(|ask| matches!(ask.state, AskState::Waiting { .. }))
        .ok_or_else(|| Refusal::NotWaitingFor(department.clone()))
}

fn open(state: &Verification, difference: usize) -> Result<&Difference, Refusal> {
    let fresh = state.comparison.as_ref().filter(|last| !last.stale);
    let comparison = fresh.ok_or(Refusal::NotCompared)?;
    comparison
        .differences
        .get(difference)
        .ok_or(Refusal::UnknownDifference(difference))
}

/// Every member × category a department was asked about, once each. Refuses the
/// whole answer when it speaks of anyone or anything else.
fn complete(
    state: &Verification,
    department: &Slug,
    answers: Vec<Answered>,
) -> Result<Vec<Answered>, Refusal> {
    let ask = waiting(state, department)?;
    let request = state.request.as_deref().ok_or(Refusal::NotRequested)?;
    let mut given: BTreeMap<(PersonId, Slug), Answer> = BTreeMap::new();
    for one in answers {
        let member = request.members.iter().find(|m| m.person == one.person);
        let asked = ask.categories.contains(&one.category);
        let about = |held: &crate::record::Held| {
            held.record.category == one.category
                && member.is_some_and(|m| held.record.subject == Subject::Person(m.number))
        };
        let fits = match &one.answer {
            Answer::Records(records) => !records.is_empty() && records.iter().all(about),
            _ => true,
        };
        let twice = || given.contains_key(&(one.person, one.category.clone()));
        if member.is_none() || !asked || !fits || twice() {
            let department = department.clone();
            return Err(Refusal::AnsweredUnasked { department });
        }
        given.insert((one.person, one.category), one.answer);
    }
    let mut all = Vec::new();
    for member in &request.members {
        for category in &ask.categories {
            let answer = given.remove(&(member.person, category.clone()));
            all.push(Answered {
                person: member.person,
                category: category.clone(),
                answer: answer.unwrap_or(Answer::NoAnswer {
                    why: NoAnswer::LeftOut,
                }),
            });
        }
    }
    Ok(all)
}

fn recheck(state: &Verification, by: &Actor, now: Now) -> Result<Vec<Event>, Refusal> {
    person(by)?;
    if state.comparison.as_ref().is_none_or(|last| last.stale) {
        return Err(Refusal::NotCompared);
    }
    let again: Vec<Event> = state
        .asks
        .iter()
        .filter(|(_, ask)| ask.is_lacking())
        .map(|(department, ask)| Event::Asked {
            department: department.clone(),
            categories: ask.categories.clone(),
            at: now.at,
        })
        .collect();
    if again.is_empty() {
        Err(Refusal::NothingToRecheck)
    } else {
        Ok(again)
    }
}
