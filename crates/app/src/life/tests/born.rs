//! A birth followed through: the child in the register with its mother, what the family gets
//! looked at again, every department at once, the village told; the mistaken one undone, and
//! one a department's delivery brought. On both databases.

use super::*;
use engine_registry::{PersonField, StepState};
use kernel::Relation;

const CHILD: &str = "990482202603010023";
const TWIN: &str = "99048220260301004X";

struct Born<'a> {
    home: &'a Home,
}

impl<'a> Born<'a> {
    /// Whoever the town was furnished with has a number already.
    async fn at(home: &'a Home) -> Born<'a> {
        let skip = async |tx: &mut Tx| {
            for _ in 0..50 {
                tx.next_id("person").await?;
            }
            Ok::<_, store::StoreError>(())
        };
        home.town.app.db().write(skip).await.unwrap();
        Born { home }
    }

    async fn begins(&self, child: Option<(&str, &str)>, nth: u32) -> Result<LifeEventId> {
        let child = child.map(|(no, name)| (number(no), name.to_owned()));
        let new = NewLife {
            kind: slug("arrival"),
            number: number(NUMBER),
            name: "试甲".to_owned(),
            other: None,
            day: self.home.yesterday(),
            source: "出生医学证明".to_owned(),
            birth: Birth { child, nth },
        };
        let ctx = duty(&self.home.town, officer());
        Ok(self.home.town.app.begin_life(&ctx, new).await?.value)
    }

    async fn writes(&self, who: Actor, id: LifeEventId, number_: &str) -> Result<usize> {
        let act = LifeAct::WriteChild {
            no: 1,
            number: number(number_),
            name: "试宝".to_owned(),
        };
        self.home.does(who, id, act).await
    }

    /// Who lives with the mother, and what they are to the head; how many facts stand of
    /// whoever has the child's number.
    async fn family(&self) -> (Vec<(PersonId, Relation)>, usize) {
        let today = self.home.town.app.now().today();
        let read = async move |tx: &mut Tx| {
            let slice = RegisterSlice {
                people: [MUM].into(),
                numbers: [number(CHILD)].into(),
                with_households: true,
                ..RegisterSlice::default()
            };
            let register = tx.register(&slice).await?.state;
            let members = register.households[&HOME].members_on(today);
            let members = members.map(|one| (one.person, one.relation)).collect();
            let child = tx.people_with(number(CHILD)).await?;
            let stands = child.iter().flat_map(|one| &register.people[one].versions);
            let stands = stands.filter(|one| one.retracted.is_none()).count();
            Ok::<_, store::StoreError>((members, stands))
        };
        self.home.town.app.db().read(read).await.unwrap()
    }
}

fn undo() -> LifeAct {
    LifeAct::Undo {
        reason: "证明作废".to_owned(),
    }
}

#[tokio::test]
async fn i04_a_birth_writes_the_child_asks_again_and_the_mistaken_one_is_undone() {
    both(async |db| {
        let home = home(db).await;
        home.grants_the_family(160_000).await;
        let born = Born::at(&home).await;
        let two = vec![(MUM, Relation::HEAD), (SON, Relation::SON)];
        // Nobody has given the child a number yet: it waits, and so does what depends on it.
        let id = born.begins(None, 1).await.unwrap();
        assert_eq!(home.labels(id).await, ["待办", "已办", "待办", "待办"]);
        assert_eq!(born.family().await, (two.clone(), 0));
        let page = home.page(id).await;
        assert_eq!(page.wants_child, Some(1));
        let proposed = |one: &TimelineLine| one.what.starts_with("提议");
        assert!(!page.timeline.iter().any(proposed), "not before the child");
        let step = |no| LifeAct::Do {
            no,
            says: String::new(),
        };
        for no in [1, 3] {
            let early = home.does(officer(), id, step(no)).await.unwrap_err();
            assert!(early.to_string().contains("孩子"), "{no}: {early}");
        }
        assert_eq!(code(born.begins(None, 1).await), "life.known");
        // Written by a person of the place, with the number of that very day.
        assert_eq!(code(born.writes(village(), id, CHILD).await), "access.role");
        assert_eq!(
            code(born.writes(elsewhere(), id, CHILD).await),
            "access.region"
        );
        let other_day = born.writes(officer(), id, "990482200001010035").await;
        let other_day = other_day.unwrap_err().to_string();
        assert!(
            other_day.contains("已经在底册上"),
            "the brother is no child of that day"
        );
        assert_eq!(born.writes(officer(), id, CHILD).await.unwrap(), 2);
        assert_eq!(
            code(born.writes(officer(), id, CHILD).await),
            "life.not_waiting"
        );
        let (members, stands) = born.family().await;
        assert_eq!(members[..2], two[..]);
        let (child, relation) = members[2];
        assert_eq!((members.len(), relation), (3, Relation::DAUGHTER));
        assert_eq!(stands, 4, "name, number, birthday, place");
        let page = home.page(id).await;
        assert_eq!(page.child.as_deref(), Some("试宝"));
        let proposal = page.event.step(3).unwrap().step.says.clone();
        assert!(page.timeline.iter().any(proposed), "after the child");
        let read = async |tx: &mut Tx| tx.entitlement(EntitlementId(78)).await;
        let right = async || home.town.app.db().read(read).await.unwrap().state;
        let before = right().await;
        assert_eq!(home.confirms(id, 3, "").await, 1);
        assert_eq!(right().await, before, "a proposal changes no right");
        assert_eq!(home.confirms(id, 4, "").await, 0);
        let case = home.town.case(home.case_of(id, 4).await).await;
        let opened = case.opened.as_ref().unwrap();
        assert_eq!(opened.applicant, MUM, "the mother asks");
        let in_case = opened.members.iter().find(|one| one.person == child);
        assert_eq!(in_case.map(|one| one.adult), Some(false));
        // Twins: a further child of the day is a further event.
        let twin = born.begins(Some((TWIN, "试二宝")), 2).await.unwrap();
        assert_eq!(home.labels(twin).await, ["已办", "已办", "待办", "待办"]);
        assert_eq!(born.family().await.0.len(), 4);
        assert_eq!(home.does(officer(), twin, undo()).await.unwrap(), 0);
        // The certificate was withdrawn.
        assert_eq!(home.does(officer(), id, undo()).await.unwrap(), 0);
        assert_eq!(home.labels(id).await, ["已撤回"; 4]);
        assert_eq!(born.family().await, (two, 0), "as if it had never been");
        assert_eq!(right().await, before);
        let case = home.town.case(opened.case).await;
        assert_eq!(case.phase, engine_case::Phase::Withdrawn);
        // One timeline: begun, told, written, proposed, two confirmed, taken back, 4 reversals.
        let page = home.page(id).await;
        assert_eq!((page.timeline.len(), proposal.is_empty()), (11, false));
        assert_eq!(page.child, None);
        // Nothing is deleted, and the number is free again: under its true mother, say.
        let struck = async move |tx: &mut Tx| {
            let slice = RegisterSlice {
                people: [child].into(),
                ..RegisterSlice::default()
            };
            Ok::<_, store::StoreError>(tx.register(&slice).await?.state.people[&child].clone())
        };
        let struck = home.town.app.db().read(struck).await.unwrap();
        let name = struck
            .versions
            .iter()
            .find(|one| one.fact.field() == PersonField::Name);
        let why = name.and_then(|one| one.retracted.as_ref());
        assert_eq!(why.map(|one| one.reason.as_str()), Some("证明作废"));
        let again = born.begins(Some((CHILD, "试宝")), 1).await.unwrap();
        assert_eq!(home.labels(again).await[0], "已办");
        assert_eq!(born.family().await.0.len(), 3);
    })
    .await;
}

const BABY: PersonId = PersonId(40);

impl Born<'_> {
    /// The delivery wrote the child, as the gate does, and the event began.
    async fn delivered(&self) -> LifeEventId {
        let home = self.home;
        let (ctx, now) = (duty(&home.town, officer()), home.town.app.now());
        let (baby, day) = (BABY, home.yesterday());
        let write = async move |tx: &mut Tx| {
            use crate::import::{
                attempt::Attempt,
                child::{Child, child_joins},
            };
            let mut attempt = Attempt::about(tx, MUM, now).await?;
            let child = Child {
                id: baby,
                number: number(CHILD),
                name: "试宝".parse().unwrap(),
                day,
            };
            let origin = engine_registry::Origin::Department {
                category: slug("birth_cert"),
                batch: kernel::DataBatchId(7),
                as_of: day,
            };
            let joined = child_joins(&mut attempt, &child, MUM, origin, now);
            assert!(joined.is_ok_and(|one| one == Some(Relation::DAUGHTER)));
            attempt.save(tx, &ctx).await
        };
        home.town.app.db().write(write).await.unwrap();
        let told = [(MUM, baby)].into();
        let app = &home.town.app;
        assert_eq!(app.begin_told_births(&told, "birth_cert").await.unwrap(), 1);
        let again = app.begin_told_births(&told, "birth_cert").await.unwrap();
        assert_eq!(again, 0, "the same word again is no twin");
        let ctx = duty(&home.town, officer());
        let town: RegionCode = "990101001000".parse().unwrap();
        let all = app.lives(&ctx, town).await.unwrap();
        all[0].line.id
    }

    /// The department says the certificate is void.
    async fn withdrawn(&self) -> usize {
        let asks = store::RegisterQuestion {
            kind: "birth_withdrawn".to_owned(),
            person: Some(BABY),
            category: slug("birth_cert"),
            record_no: "B1".to_owned(),
            as_of: self.home.yesterday(),
            batch: kernel::DataBatchId(7),
            says: "证明作废了".to_owned(),
        };
        let (mother, child) = (MUM, BABY);
        let all = [crate::import::Unborn {
            mother,
            child,
            asks,
        }];
        let done = self.home.town.app.revoke_told_births(&all, "birth_cert");
        done.await.unwrap()
    }

    async fn questions(&self) -> usize {
        let read = async |tx: &mut Tx| tx.unsettled_questions(10).await;
        self.home.town.app.db().read(read).await.unwrap().len()
    }
}

#[tokio::test]
async fn i04_a_certificate_withdrawn_takes_the_birth_back_unless_a_person_has_acted() {
    both(async |db| {
        let home = home(db).await;
        let born = Born::at(&home).await;
        let id = born.delivered().await;
        assert_eq!(born.family().await.0.len(), 3);
        // By itself: nobody has done anything but the house.
        assert_eq!(born.withdrawn().await, 1);
        assert_eq!(born.withdrawn().await, 0, "and nothing more is asked");
        let two = (vec![(MUM, Relation::HEAD), (SON, Relation::SON)], 0);
        assert_eq!(born.family().await, two);
        assert_eq!(home.labels(id).await, ["已撤回", "已撤回", "不用办了"]);
        let page = home.page(id).await;
        let why = page.event.undone.as_ref().unwrap();
        assert!(why.reason.contains("birth_cert"), "{}", why.reason);
        assert_eq!(
            (why.by.account.as_str(), born.questions().await),
            ("clockwork", 0)
        );
    })
    .await;
    both(async |db| {
        let home = home(db).await;
        let born = Born::at(&home).await;
        let id = born.delivered().await;
        // A person has let the departments begin: only a person calls them back.
        assert_eq!(home.confirms(id, 3, "").await, 0);
        assert_eq!(born.withdrawn().await, 0);
        assert_eq!(home.labels(id).await, ["已办", "已办", "已办"]);
        assert_eq!(born.family().await.0.len(), 3);
        assert_eq!(born.questions().await, 1, "it is asked of a person");
    })
    .await;
}

#[tokio::test]
async fn i04_a_birth_a_delivery_brought_begins_by_itself_once_and_is_taken_back() {
    both(async |db| {
        let home = home(db).await;
        let born = Born::at(&home).await;
        let id = born.delivered().await;
        assert_eq!(home.labels(id).await, ["已办", "已办", "待办"]);
        let page = home.page(id).await;
        assert_eq!(page.child.as_deref(), Some("试宝"));
        let StepState::Done { by, .. } = &page.event.steps[0].state else {
            panic!("{:?}", page.event.steps[0]);
        };
        assert_eq!(by.account, "clockwork");
        assert_eq!(home.does(officer(), id, undo()).await.unwrap(), 0);
        assert_eq!(
            born.family().await,
            (vec![(MUM, Relation::HEAD), (SON, Relation::SON)], 0)
        );
        assert_eq!(home.labels(id).await, ["已撤回", "已撤回", "不用办了"]);
    })
    .await;
}

#[tokio::test]
async fn i04_where_the_child_already_has_a_right_somebody_must_act() {
    both(async |db| {
        let home = home(db).await;
        let born = Born::at(&home).await;
        let id = born.begins(Some((CHILD, "试宝")), 1).await.unwrap();
        let (members, _) = born.family().await;
        let child = members[2].0;
        let now = home.town.app.now();
        let grant = Entitlement {
            id: EntitlementId(79),
            programme: slug("living"),
            component: slug("base"),
            beneficiary: Beneficiary::Person(child),
            payee: MUM,
            amount: Money::from_fen(1_000),
            every: Every::Month,
            from: "2026-03".parse().unwrap(),
            to: None,
            decision: DecisionId(992),
            stop: None,
        };
        let save = async move |tx: &mut Tx| tx.save_entitlement(0, &grant, &officer(), now).await;
        home.town.app.db().write(save).await.unwrap();
        assert_eq!(home.does(officer(), id, undo()).await.unwrap(), 1);
        let page = home.page(id).await;
        let StepState::MustAct { says } = &page.event.steps[0].state else {
            panic!("{:?}", page.event.steps[0]);
        };
        assert!(says.contains("孩子名下批过待遇"), "{says}");
    })
    .await;
}
