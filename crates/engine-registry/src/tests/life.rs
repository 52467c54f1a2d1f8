//! A life event's steps: done once, confirmed by people, taken back as a whole.

use crate::*;
use kernel::{Actor, Date, HouseholdId, LifeEventId, Now, PersonId, Relation, Role};

fn now() -> Now {
    Now {
        at: "2026-03-02T02:00:00Z".parse().unwrap(),
    }
}

fn town() -> Actor {
    Actor {
        account: "town".to_owned(),
        person: Some(PersonId(9)),
        role: Role::TownOfficer,
    }
}

fn machine() -> Actor {
    Actor {
        account: "system".to_owned(),
        person: None,
        role: Role::System,
    }
}

fn begun(day: &str) -> LifeBegun {
    LifeBegun {
        id: LifeEventId(1),
        kind: "death".parse().unwrap(),
        pack: "hash".to_owned(),
        person: PersonId(1),
        other: None,
        household: None,
        region: "990101001001".parse().unwrap(),
        day: day.parse().unwrap(),
        source: "死亡证明".to_owned(),
        by: town(),
        at: now().at,
    }
}

fn step(id: &str, confirm: bool) -> NewStep {
    NewStep {
        consequence: id.parse().unwrap(),
        name: id.to_owned(),
        does: Does::ByHand,
        about: None,
        says: String::new(),
        confirm,
        who: "公安".to_owned(),
        due: None,
    }
}

fn does(event: &mut LifeEvent, command: LifeCommand, by: &Actor) -> Result<(), LifeRefusal> {
    let changes = decide_life(event, command, by, now())?;
    changes.iter().for_each(|change| event.apply(change));
    Ok(())
}

fn done(no: u32) -> LifeCommand {
    LifeCommand::Do {
        no,
        says: "办了".to_owned(),
        mark: None,
    }
}

#[test]
fn begins_once_for_a_day_that_was_with_a_source() {
    let says = |begun, two, known| begin(begun, Vec::new(), two, known, now()).map(drop);
    assert_eq!(says(begun("2026-03-01"), false, false), Ok(()));
    assert_eq!(
        says(begun("2026-03-01"), false, true),
        Err(LifeRefusal::Known)
    );
    let future = begun("2026-03-03");
    assert_eq!(
        says(future.clone(), false, false),
        Err(LifeRefusal::Future(future.day))
    );
    let mut bare = begun("2026-03-01");
    bare.source = " ".to_owned();
    assert_eq!(says(bare, false, false), Err(LifeRefusal::NoSource));
    assert_eq!(
        says(begun("2026-03-01"), true, false),
        Err(LifeRefusal::TwoNeeded)
    );
    let mut self_twice = begun("2026-03-01");
    self_twice.other = Some(PersonId(1));
    assert_eq!(says(self_twice, true, false), Err(LifeRefusal::TwoNeeded));
}

#[test]
fn a_person_confirms_each_is_done_once_and_a_mistake_takes_all_back() {
    let steps = vec![
        step("stop", true),
        step("card", false),
        step("hukou", true),
        step("tell", true),
    ];
    let changes = begin(begun("2026-03-01"), steps, false, false, now()).unwrap();
    let mut event = LifeEvent::of(&changes).unwrap();
    assert_eq!(
        does(&mut event, done(1), &machine()),
        Err(LifeRefusal::NotAPerson)
    );
    does(&mut event, done(2), &machine()).unwrap();
    does(&mut event, done(1), &town()).unwrap();
    assert_eq!(
        does(&mut event, done(1), &town()),
        Err(LifeRefusal::NotWaiting)
    );
    assert_eq!(
        does(&mut event, done(9), &town()),
        Err(LifeRefusal::NoSuchStep)
    );
    let decline = LifeCommand::Decline {
        no: 3,
        reason: "外地户口".to_owned(),
    };
    does(&mut event, decline, &town()).unwrap();
    let back = |no, came| LifeCommand::Back { no, came };
    let early = does(&mut event, back(1, Ok("恢复".to_owned())), &town());
    assert_eq!(
        early,
        Err(LifeRefusal::NotWaiting),
        "nothing was taken back yet"
    );
    let undo = |reason: &str| LifeCommand::Undo {
        reason: reason.to_owned(),
    };
    assert_eq!(
        does(&mut event, undo("人在"), &machine()),
        Err(LifeRefusal::NotAPerson)
    );
    assert_eq!(
        does(&mut event, undo(" "), &town()),
        Err(LifeRefusal::NoWords)
    );
    does(&mut event, undo("人在"), &town()).unwrap();
    assert_eq!(
        does(&mut event, undo("人在"), &town()),
        Err(LifeRefusal::Undone)
    );
    assert_eq!(event.steps[3].state, StepState::Dropped);
    assert_eq!(
        does(&mut event, done(4), &town()),
        Err(LifeRefusal::NotWaiting)
    );
    does(&mut event, back(1, Ok("已恢复发放".to_owned())), &town()).unwrap();
    does(
        &mut event,
        back(2, Err("请银行重新开卡".to_owned())),
        &town(),
    )
    .unwrap();
    assert_eq!(event.open().map(|one| one.no).collect::<Vec<_>>(), [2]);
    let act = |no| LifeCommand::ActBack {
        no,
        says: "开好了".to_owned(),
    };
    assert_eq!(
        does(&mut event, act(1), &town()),
        Err(LifeRefusal::NothingToActBack)
    );
    does(&mut event, act(2), &town()).unwrap();
    assert_eq!(event.open().count(), 0);
    let labels: Vec<_> = event.steps.iter().map(|one| one.state.label()).collect();
    assert_eq!(labels, ["已撤回", "已办回", "不办", "不用办了"]);
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn does_to(state: &mut State, command: Command) -> Result<(), Refusal> {
    let events = crate::decide(state, command, &Config::default(), now())?;
    events.iter().for_each(|event| state.apply(event));
    Ok(())
}

#[test]
fn who_left_by_mistake_is_back_and_head_again_and_who_came_since_stays() {
    let mut state = State::default();
    let origin = || Origin::Declared {
        case: None,
        by: town(),
        as_of: day("2026-01-01"),
    };
    let (head, son, baby) = (PersonId(1), PersonId(2), PersonId(3));
    for (id, number) in [
        (head, "990482194803150023"),
        (son, "990482200001010035"),
        (baby, "990782201506011042"),
    ] {
        let register = Command::RegisterPerson {
            id,
            facts: vec![
                PersonFact::Name("试某".parse().unwrap()),
                PersonFact::Number(number.parse().unwrap()),
            ],
            origin: origin(),
        };
        does_to(&mut state, register).unwrap();
    }
    let member = |person, relation| NewMember { person, relation };
    let form = Command::FormHousehold {
        id: HouseholdId(1),
        region: "990101001001".parse().unwrap(),
        members: vec![member(head, Relation::HEAD), member(son, Relation::SON)],
        from: day("2026-01-01"),
        within: None,
        origin: origin(),
    };
    does_to(&mut state, form).unwrap();
    let before = state.households[&HouseholdId(1)].memberships.clone();
    let undo = |reason: &str, by: Actor| Command::UndoLeave {
        household: HouseholdId(1),
        person: head,
        reason: reason.to_owned(),
        by,
    };
    let early = does_to(&mut state, undo("没有离开", town()));
    assert_eq!(early, Err(Refusal::NotAMember(head)));
    let other = Relation::from_code(97).unwrap();
    let hand_over = Command::ChangeHead {
        household: HouseholdId(1),
        members: vec![member(head, other), member(son, Relation::HEAD)],
        from: day("2026-02-10"),
        origin: origin(),
    };
    does_to(&mut state, hand_over).unwrap();
    let leave = Command::Leave {
        household: HouseholdId(1),
        person: head,
        until: day("2026-02-11"),
    };
    does_to(&mut state, leave).unwrap();
    let join = Command::Join {
        household: HouseholdId(1),
        member: member(baby, other),
        from: day("2026-02-20"),
        origin: origin(),
    };
    does_to(&mut state, join).unwrap();
    assert_eq!(
        does_to(&mut state, undo(" ", town())),
        Err(Refusal::ReasonMissing)
    );
    assert!(does_to(&mut state, undo("人在", machine())).is_err());
    does_to(&mut state, undo("人在", town())).unwrap();
    let home = &state.households[&HouseholdId(1)];
    assert_eq!(home.memberships[..2], before[..]);
    assert_eq!(home.members_on(day("2026-02-25")).count(), 3);
    assert_eq!(home.head_on(day("2026-02-25")), Some(head));
}

#[test]
fn i04_whoever_told_of_it_withdraws_it_until_a_person_has_acted() {
    let revoke = || LifeCommand::Revoke {
        reason: "证明作废".to_owned(),
    };
    let event_by = |by: Actor| {
        let begun = LifeBegun {
            by,
            ..begun("2026-03-01")
        };
        let steps = vec![step("hukou", true), step("tell", true)];
        let changes = begin(begun, steps, false, false, now()).unwrap();
        LifeEvent::of(&changes).unwrap()
    };
    let mut told = event_by(machine());
    let changes = decide_life(&told, revoke(), &machine(), now()).unwrap();
    assert_eq!(
        changes.len(),
        1 + told.steps.len(),
        "taken back, and nothing waits"
    );
    does(&mut told, done(1), &town()).unwrap();
    assert_eq!(
        does(&mut told, revoke(), &machine()),
        Err(LifeRefusal::APersonActed)
    );
    let mut asked = event_by(town());
    assert_eq!(
        does(&mut asked, revoke(), &machine()),
        Err(LifeRefusal::APersonActed),
        "registered by a person"
    );
}
