//! 「撤销离开」 Somebody was said to have left their household, or died, by mistake: the
//! memberships are again as if they had not, the head with them. What came since (a child,
//! somebody's own leaving) stays. The mistaken days are in the events. 「撤销加入」 the same of
//! who was said to have joined.

use crate::decide::may_strike;
use crate::event::Event;
use crate::household::{Household, Membership};
use crate::refusal::Refusal;
use kernel::{Actor, Date, Now, PersonId, add_days};

/// Puts back who left last.
pub(crate) fn undo_leave(
    household: &Household,
    person: PersonId,
    (reason, by): (String, Actor),
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let mut own: Vec<&Membership> = household.memberships.iter().collect();
    own.retain(|one| one.person == person);
    own.sort_by_key(|one| one.from);
    let last = own.last().copied();
    let (Some(last), Some(until)) = (last, last.and_then(|one| one.until)) else {
        return Err(Refusal::NotAMember(person));
    };
    // A head hands over the day before: everybody was stated anew on that day.
    let before = own.iter().rev().nth(1);
    let handed = before.is_some_and(|one| {
        let gave = one.relation.is_head() && one.until == Some(last.from);
        gave && add_days(last.from, 1) == Some(until)
    });
    let memberships = match handed {
        true => unhanded(household, person, last.from),
        false => {
            let mut all = household.memberships.clone();
            let mine = all.iter_mut().filter(|one| one.person == person);
            for one in mine.filter(|one| one.until == Some(until)) {
                one.until = None;
            }
            all
        }
    };
    let lasting = memberships.iter().filter(|one| one.until.is_none());
    match lasting.filter(|one| one.relation.is_head()).count() {
        0 => return Err(Refusal::HeadMissing),
        1 => {}
        _ => return Err(Refusal::HeadTwice),
    }
    Ok(vec![Event::LeaveUndone {
        household: household.id,
        memberships,
        reason,
        by,
        at: now.at,
    }])
}

/// Takes out who joined by mistake: as if they had never been of the household. Whoever
/// heads it stays.
pub(crate) fn undo_join(
    household: &Household,
    person: PersonId,
    (reason, by): (String, Actor),
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let own = household.memberships.iter().enumerate();
    let own = own.filter(|(_, one)| one.person == person);
    let last = own.max_by_key(|(_, one)| one.from);
    let Some((at, last)) = last.filter(|(_, one)| one.until.is_none()) else {
        return Err(Refusal::NotAMember(person));
    };
    may_strike(&by, &last.origin)?;
    if last.relation.is_head() {
        return Err(Refusal::HeadCannotLeave);
    }
    let mut memberships = household.memberships.clone();
    memberships.remove(at);
    Ok(vec![Event::JoinUndone {
        household: household.id,
        memberships,
        reason,
        by,
        at: now.at,
    }])
}

/// As before everybody was stated anew on a day.
fn unhanded(household: &Household, person: PersonId, day: Date) -> Vec<Membership> {
    let all = &household.memberships;
    let anew = |one: &Membership| {
        let mut same = all.iter().filter(|other| other.person == one.person);
        one.from == day && same.any(|other| other.until == Some(day))
    };
    let kept = all.iter().filter(|one| !anew(one)).map(|one| {
        let mut one = one.clone();
        if one.until == Some(day) {
            let mut later = all.iter().filter(|other| anew(other));
            let later = later.find(|other| other.person == one.person);
            // Whoever else left since has left.
            one.until = later
                .filter(|other| other.person != person)
                .and_then(|other| other.until);
        }
        one
    });
    kept.collect()
}
