//! People: facts, versions, numbers; organisations and places.

use super::*;

#[test]
fn a_person_needs_a_name_and_a_free_number() {
    let mut state = people();
    let bare = |facts| Command::RegisterPerson {
        id: PersonId(4),
        facts,
        origin: told("2026-01-01"),
    };
    let taken = "11010519491231002X";
    for (command, refusal) in [
        (register(1, taken), Refusal::IdTaken(1)),
        (
            register(4, MOTHER),
            Refusal::NumberTaken { owner: PersonId(1) },
        ),
        (
            bare(vec![name("甲")]),
            Refusal::FieldMissing(PersonField::Number),
        ),
        (
            bare(vec![number(taken)]),
            Refusal::FieldMissing(PersonField::Name),
        ),
        (
            bare(vec![name("甲"), name("乙"), number(taken)]),
            Refusal::FieldTwice(PersonField::Name),
        ),
        (
            bare(vec![PersonFact::Sex(Sex::Male), name("甲"), number(taken)]),
            Refusal::ContradictsNumber(PersonField::Sex),
        ),
    ] {
        let before = state.clone();
        assert_eq!(run(&mut state, command), Err(refusal));
        assert_eq!(state, before);
    }
    assert_eq!(state.by_number(MOTHER.parse().unwrap()), Some(PersonId(1)));
}

#[test]
fn facts_that_cannot_be_true_are_refused() {
    let mut state = people();
    for (fact, origin, refusal) in [
        (
            PersonFact::Born(day("1948-03-16")),
            told("2026-01-01"),
            Refusal::ContradictsNumber(PersonField::Born),
        ),
        (
            PersonFact::Born(day("2026-11-24")),
            told("2026-01-01"),
            Refusal::FromTheFuture(day("2026-11-24")),
        ),
        (
            PersonFact::Sex(Sex::Male),
            told("2026-01-01"),
            Refusal::ContradictsNumber(PersonField::Sex),
        ),
        (
            PersonFact::Died(day("1948-03-14")),
            told("2026-01-01"),
            Refusal::DeathImpossible,
        ),
        (
            PersonFact::Died(day("2026-11-24")),
            told("2026-01-01"),
            Refusal::DeathImpossible,
        ),
        (
            PersonFact::Address(" ".into()),
            told("2026-01-01"),
            Refusal::Empty,
        ),
        (
            number(SON),
            told("2026-01-01"),
            Refusal::NumberTaken { owner: PersonId(2) },
        ),
        (
            name("甲"),
            told("2026-11-24"),
            Refusal::FromTheFuture(day("2026-11-24")),
        ),
    ] {
        assert_eq!(run(&mut state, record(1, fact, origin)), Err(refusal));
    }
    let nobody = run(&mut state, record(9, name("甲"), told("2026-01-01")));
    assert_eq!(nobody, Err(Refusal::UnknownPerson(PersonId(9))));
}

#[test]
fn every_version_is_kept_with_its_origin() {
    let mut state = people();
    let config = Config::default();
    let moved = |text| PersonFact::HomeRegion(region(text));
    run(
        &mut state,
        record(1, moved("330482001"), sent("permit", 2, "2025-01-01")),
    )
    .unwrap();
    run(
        &mut state,
        record(1, moved("330482002"), sent("permit", 3, "2026-01-01")),
    )
    .unwrap();
    // The same word of the same delivery again changes nothing.
    let again = run(
        &mut state,
        record(1, moved("330482002"), sent("permit", 3, "2026-01-01")),
    );
    assert_eq!(again, Ok(vec![]));
    // A late delivery about an earlier day does not win.
    run(
        &mut state,
        record(1, moved("330482003"), sent("permit", 4, "2025-06-01")),
    )
    .unwrap();
    let mother = &state.people[&PersonId(1)];
    assert_eq!(mother.region(&config), Some(region("330482002")));
    let kept = mother
        .versions
        .iter()
        .filter(|v| v.fact.field() == PersonField::HomeRegion);
    let batches: Vec<&Origin> = kept.map(|v| &v.origin).collect();
    assert_eq!(batches.len(), 3);
    assert_eq!(batches[0], &sent("permit", 2, "2025-01-01"));
}

#[test]
fn a_trusted_department_counts_more_than_a_later_day() {
    let mut state = people();
    let trusted = BTreeMap::from([(PersonField::Name, vec![slug("hukou")])]);
    let config = Config { trusted };
    run_with(
        &mut state,
        record(1, name("测试乙"), sent("hospital", 9, "2026-10-01")),
        &config,
    )
    .unwrap();
    let mother = &state.people[&PersonId(1)];
    assert_eq!(mother.name(&config).unwrap().as_str(), "测试甲");
    assert_eq!(mother.name(&Config::default()).unwrap().as_str(), "测试乙");
}

#[test]
fn a_wrong_version_is_struck_out_never_erased() {
    let mut state = people();
    run(&mut state, record(1, name("错名"), told("2026-10-01"))).unwrap();
    let retract = |field, version, reason: &str| Command::Retract {
        person: PersonId(1),
        field,
        version,
        reason: reason.into(),
        by: clerk(900),
    };
    let wrong = PersonField::Number;
    for (command, refusal) in [
        (
            retract(wrong, 2, "x"),
            Refusal::UnknownVersion {
                field: wrong,
                version: 2,
            },
        ),
        (
            retract(wrong, 9, "x"),
            Refusal::UnknownVersion {
                field: wrong,
                version: 9,
            },
        ),
        (retract(PersonField::Name, 2, " "), Refusal::ReasonMissing),
    ] {
        assert_eq!(run(&mut state, command), Err(refusal));
    }
    run(&mut state, retract(PersonField::Name, 2, "听错了")).unwrap();
    let mother = &state.people[&PersonId(1)];
    assert_eq!(mother.name(&Config::default()).unwrap().as_str(), "测试甲");
    assert_eq!(
        mother.versions[2].retracted.as_ref().unwrap().reason,
        "听错了"
    );
    let again = run(&mut state, retract(PersonField::Name, 2, "x"));
    assert_eq!(again, Err(Refusal::AlreadyRetracted));
}

#[test]
fn a_number_struck_out_is_free_for_its_owner() {
    let mut state = people();
    let owner = "11010519491231002X";
    run(&mut state, record(1, number(owner), told("2026-10-01"))).unwrap();
    assert!(run(&mut state, register(4, owner)).is_err());
    let field = PersonField::Number;
    let (reason, by) = ("输错".to_owned(), clerk(900));
    let retract = Command::Retract {
        person: PersonId(1),
        field,
        version: 2,
        reason,
        by,
    };
    run(&mut state, retract).unwrap();
    run(&mut state, register(4, owner)).unwrap();
    assert_eq!(state.by_number(owner.parse().unwrap()), Some(PersonId(4)));
}

#[test]
fn organisations_and_places_keep_their_versions() {
    let mut state = State::default();
    let code = "5133048275000001XA".parse().unwrap();
    let facts = |text: &str| vec![OrganisationFact::Name(text.into())];
    let write = |text, as_of| Command::RecordOrganisation {
        code,
        facts: facts(text),
        origin: told(as_of),
    };
    run(&mut state, write("助老协会", "2025-01-01")).unwrap();
    run(&mut state, write("敬老协会", "2026-01-01")).unwrap();
    assert_eq!(run(&mut state, write("敬老协会", "2026-01-01")), Ok(vec![]));
    assert_eq!(
        run(&mut state, write(" ", "2026-01-01")),
        Err(Refusal::Empty)
    );
    let organisation = &state.organisations[&code];
    assert_eq!(
        (organisation.name(), organisation.versions.len()),
        (Some("敬老协会"), 2)
    );
    let id = kernel::PlaceId(1);
    let facts = vec![PlaceFact::Name("敬老院".into()), PlaceFact::RunBy(code)];
    run(
        &mut state,
        Command::RecordPlace {
            id,
            facts,
            origin: told("2026-01-01"),
        },
    )
    .unwrap();
    assert_eq!(state.places[&id].name(), Some("敬老院"));
}

#[test]
fn the_events_alone_rebuild_the_register() {
    let mut state = State::default();
    let mut log = Vec::new();
    let household = form(
        1,
        vec![member(1, Relation::HEAD), member(2, Relation::SON)],
        "2020-01-01",
        None,
    );
    for command in [
        register(1, MOTHER),
        register(2, SON),
        register(3, CHILD),
        household,
        propose(1, 3),
    ] {
        log.extend(run(&mut state, command).unwrap());
    }
    let json = serde_json::to_string(&log).unwrap();
    let read: Vec<Event> = serde_json::from_str(&json).unwrap();
    let mut again = State::default();
    read.iter().for_each(|event| again.apply(event));
    assert_eq!(again, state);
}

#[test]
fn refusals_have_codes() {
    assert_eq!(Refusal::HeadMissing.code(), "registry.head_missing");
    assert_eq!(Refusal::HeadMissing.article(), None);
}
