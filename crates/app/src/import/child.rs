//! 「添孩子」 A child joins its mother's household: told by a department or registered at the
//! desk, written the same way. What contradicts the register changes nothing.

use super::attempt::Attempt;
use super::register::Doubt;
use engine_registry::{Command, Config, NewMember, Origin, PersonFact, born_to};
use kernel::{Date, Now, PersonId, PersonName, PersonNumber, Relation};

/// A child as a certificate or the police have it.
pub(crate) struct Child {
    /// The number it gets in the register.
    pub(crate) id: PersonId,
    /// The number on its card.
    pub(crate) number: PersonNumber,
    /// Its name.
    pub(crate) name: PersonName,
    /// The day of birth.
    pub(crate) day: Date,
}

/// Registers the child in the household of `mother` as it is today. What it is to the head;
/// `None`: the mother is of no household here, nothing is written.
pub(crate) fn child_joins(
    attempt: &mut Attempt,
    child: &Child,
    mother: PersonId,
    origin: Origin,
    now: Now,
) -> Result<Option<Relation>, Doubt> {
    let (state, today) = (&attempt.register.state, now.today());
    let Some((household, own)) = state.household_of(mother, today) else {
        return Ok(None);
    };
    let config = Config::default();
    let twin = household.members_on(today).find(|member| {
        let person = state.people.get(&member.person);
        person.is_some_and(|person| {
            let named = person.name(&config) == Some(&child.name);
            named && person.born(&config) == Some(child.day)
        })
    });
    if let Some(twin) = twin {
        let says = format!(
            "这一户已有同名同日出生的人（编号 {}），证件号码不同。请核实是不是同一人",
            twin.person
        );
        let kind = "maybe_the_same";
        return Err(Doubt { kind, says });
    }
    let relation = born_to(own.relation, child.number.sex());
    let begun = household
        .members_on(today)
        .filter(|member| member.person == own.person || member.relation.is_head());
    let from: Date = begun.map(|member| member.from).fold(child.day, Date::max);
    let (household, region) = (household.id, household.region_on(today));
    let mut facts = vec![
        PersonFact::Name(child.name.clone()),
        PersonFact::Number(child.number),
        PersonFact::Born(child.day),
    ];
    facts.extend(region.map(PersonFact::HomeRegion));
    let id = child.id;
    attempt.act(Command::RegisterPerson {
        id,
        facts,
        origin: origin.clone(),
    })?;
    attempt.act(Command::Join {
        household,
        member: NewMember {
            person: id,
            relation,
        },
        from,
        origin,
    })?;
    Ok(Some(relation))
}
