//! 「准不准」 The one question of this engine.

use crate::glass::BreakGlass;
use crate::model::{Action, Knowledge, Permit, Request};
use crate::refusal::Refusal;
use crate::table::{Reach, Rule, table};
use kernel::{FieldLevel, Now, Role};

/// Whether a request is allowed by the house's table; see [`allow_with`].
pub fn allow(request: &Request, known: Knowledge<'_>, now: Now) -> Result<Permit, Refusal> {
    allow_with(request, known, None, now)
}

/// Whether the table, or an open break-glass, allows a request. The refusal is of
/// the line that came furthest, so that the sentence names what is really missing.
pub fn allow_with(
    request: &Request,
    known: Knowledge<'_>,
    glass: Option<&BreakGlass>,
    now: Now,
) -> Result<Permit, Refusal> {
    if let Some(level) = glass.and_then(|glass| glass.opens(request, now)) {
        return Ok(Permit {
            action: request.action,
            level,
        });
    }
    if request.actor.role.is_human() && request.actor.person.is_none() {
        return Err(Refusal::NotAPerson);
    }
    let mut nearest = (0, Refusal::Role);
    let lines = table()
        .filter(|rule| rule.role == request.actor.role && rule.actions.contains(&request.action));
    for rule in lines {
        match fits(rule, request, known, now) {
            Ok(()) => {
                return Ok(Permit {
                    action: request.action,
                    level: rule.level,
                });
            }
            Err((depth, refusal)) if depth > nearest.0 => nearest = (depth, refusal),
            Err(_) => {}
        }
    }
    Err(nearest.1)
}

/// Whether one line fits; otherwise how far the request came and what stopped it.
fn fits(
    rule: &Rule,
    request: &Request,
    known: Knowledge<'_>,
    now: Now,
) -> Result<(), (u8, Refusal)> {
    reaches(rule, request, known, now).map_err(|refusal| (1, refusal))?;
    if !rule.purposes.contains(&request.purpose.kind()) {
        return Err((2, Refusal::Purpose));
    }
    if conflicted(rule, request, known) {
        return Err((3, Refusal::Conflict));
    }
    if !rule.states.contains(&request.record.state) {
        return Err((4, Refusal::State));
    }
    if request.record.level > rule.level {
        return Err((5, Refusal::Level));
    }
    Ok(())
}

fn reaches(rule: &Rule, request: &Request, known: Knowledge<'_>, now: Now) -> Result<(), Refusal> {
    let today = now.today();
    let mut held = known.grants.iter().filter(|grant| {
        grant.role == rule.role && grant.belongs_to(&request.actor) && grant.holds_on(today)
    });
    let allowed = match rule.reach {
        Reach::Itself => request.actor.role == Role::System,
        Reach::Anywhere => held.next().is_some(),
        Reach::Region => {
            let region = request.record.region;
            region.is_some_and(|region| held.any(|grant| grant.region.contains(region)))
        }
        Reach::Own => return own(request, known, now),
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::Region)
    }
}

fn own(request: &Request, known: Knowledge<'_>, now: Now) -> Result<(), Refusal> {
    let today = now.today();
    let actor = request.actor.person.ok_or(Refusal::NotAPerson)?;
    let subjects = &request.record.subjects;
    let allowed = match request.actor.role {
        Role::Agent => known.agencies.iter().any(|agency| {
            agency.agent == actor
                && subjects.contains(&agency.of)
                && agency.from <= today
                && today <= agency.to
        }),
        _ => subjects.contains(&actor),
    };
    if allowed {
        Ok(())
    } else {
        Err(Refusal::NotOwn)
    }
}

/// Whoever works on other people's affairs keeps away from his own and his near
/// relatives'. Speaking of one's own affairs is no conflict.
fn conflicted(rule: &Rule, request: &Request, known: Knowledge<'_>) -> bool {
    let Some(actor) = request.actor.person else {
        return false;
    };
    rule.reach != Reach::Own
        && (request.record.subjects.contains(&actor) || known.relatives.contains(&actor))
}

/// The level a break-glass opens to.
pub(crate) const GLASS_LEVEL: FieldLevel = FieldLevel::L4;
/// What a break-glass opens: reading, nothing else.
pub(crate) const GLASS_ACTIONS: &[Action] = &[Action::ReadPerson, Action::ReadCase];
