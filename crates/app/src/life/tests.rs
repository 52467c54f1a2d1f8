//! A death registered in one place stops what is paid (a person confirms), frees the
//! bed, closes the card, tells the village, lists 身后一件事; the mistaken death undone.
//! Kinds by packs alone. On both databases.

use super::*;
use crate::booking::{BookingAct, KeepAct, NewBooking, NewStock};
use crate::case::tests::town::*;
use engine_booking::Span;
use engine_payment::{Beneficiary, Entitlement, Every};
use engine_registry::{Config, StepState};
use kernel::{BookingId, DecisionId, EntitlementId, LifeEventId, Money, PersonNumber};
use store::testing::both;
use store::{BookingStage, RegisterSlice};

const NUMBER: &str = "990482194803150023";

/// Kinds nobody in Rust has heard of.
const END: &str = r#"
[life_event]
id = "leaving"
name = "走了"
says = "接着要做的都在这里"
writes = "died"
basis = "试验"
provenance = "assumed"

[[then]]
id = "stop"
name = "停发"
does = "stop_payments"
who = "民政办"
days = 15

[[then]]
id = "bed"
name = "腾床位"
does = "free_stays"
confirm = true
who = "养老院"

[[then]]
id = "card"
name = "停码"
does = "close_card"
who = "民政办"

[[then]]
id = "pair"
name = "告诉结对干部"
does = "tell_village"
who = "村里"
says = "请上门看看"
undone = "登记错了"

[[then]]
id = "hukou"
name = "户口注销"
does = "by_hand"
who = "公安"
days = 30
"#;

/// What follows for a family: its rights looked at again, and all departments at once.
const FAREWELL: &str = r#"
[life_event]
id = "farewell"
name = "送别"
says = "一处登记，各部门同时办"
writes = "died"
basis = "试验"
provenance = "assumed"

[[then]]
id = "again"
name = "家里的待遇按现在的人重算"
does = "review_household"
who = "民政办"

[[then]]
id = "joint"
name = "一件事"
does = "open_case"
case = "farewell_joint"
who = "民政办"
"#;

const JOINT: &str = r#"
[joint]
id = "farewell_joint"
name = "一件事"
says = "各部门同时办"
basis = ["试验"]
services = []
provenance = "assumed"

[[step]]
id = "accept"
name = "登记"
kind = "accept"
by = "town_officer"
basis = "试验"

[[step]]
id = "at_once"
name = "同时办"
kind = "joint"
by = "town_officer"
within = "30 d"
basis = "试验"
provenance = "assumed"
parts = [
  { id = "hukou", name = "户口注销", department = "police", within = "30 d", basis = "试验", provenance = "assumed" },
  { id = "pension", name = "养老金停发", department = "police", within = "30 d", basis = "试验", provenance = "assumed" },
]

[notice.received]
says = "{applicant}，登记好了。"
"#;

const WEDDING: &str = r#"
[life_event]
id = "wedding"
name = "成家"
says = "两个人的事"
writes = "nothing"
two = true
basis = "试验"
provenance = "assumed"

[[then]]
id = "tell"
name = "告诉村里"
does = "tell_village"
who = "村里"
says = "有人成家"
undone = "登记错了"
"#;

const BED: &str = r#"
[booking]
id = "little_bed"
name = "床位"
says = "住下"
unit = "床"
each_at_most = 1
basis = "试验"

[stay]
days_ahead = 60

[care]
name = "清洁消毒"

[care.note]
how = "怎么做的"
"#;

const JOINING: &str = r#"
[life_event]
id = "joining"
name = "成一户"
says = "两个人住到一起"
writes = "joined"
two = true
basis = "试验"
provenance = "assumed"

[[then]]
id = "tell"
name = "告诉村里"
does = "tell_village"
who = "村里"
says = "有人成一户"
undone = "登记错了"
"#;

/// A child: written by a person, looked at again, all departments at once.
const ARRIVAL: &str = r#"
[life_event]
id = "arrival"
name = "添丁"
says = "写在妈妈名下"
writes = "born"
basis = "试验"
provenance = "assumed"

[[then]]
id = "tell"
name = "告诉村里"
does = "tell_village"
who = "村里"
says = "一户添了孩子"
undone = "登记错了"

[[then]]
id = "again"
name = "家里的待遇按现在的人重算"
does = "review_household"
who = "民政办"

[[then]]
id = "joint"
name = "一件事"
does = "open_case"
case = "farewell_joint"
who = "民政办"
"#;

mod born;

struct Home {
    town: Town,
    bed: BookingId,
    stock: kernel::StockId,
    right: EntitlementId,
}

async fn home(db: store::Db) -> Home {
    let plain = Town::new(db).await;
    let files = [
        ("end.toml", END),
        ("farewell.toml", FAREWELL),
        ("joint.toml", JOINT),
        ("wedding.toml", WEDDING),
        ("joining.toml", JOINING),
        ("arrival.toml", ARRIVAL),
        ("bed.toml", BED),
    ];
    let town = plain.moved_to(&plain.under_law(law_with(&files)));
    let stock = NewStock {
        ty: slug("little_bed"),
        name: "养老院".to_owned(),
        region: VILLAGE.parse().unwrap(),
        units: vec![("301".to_owned(), None)],
    };
    let ctx = duty(&town, officer());
    let stock = town.app.open_stock(&ctx, stock).await.unwrap().value;
    let bed = sleeps(&town, stock, MUM).await;
    town.app.show_code(&town.by(mum(), None)).await.unwrap();
    let right = EntitlementId(77);
    let grant = Entitlement {
        id: right,
        programme: slug("living"),
        component: slug("base"),
        beneficiary: Beneficiary::Person(MUM),
        payee: MUM,
        amount: Money::from_fen(80_000),
        every: Every::Month,
        from: "2026-01".parse().unwrap(),
        to: None,
        decision: DecisionId(990),
        stop: None,
    };
    let now = town.app.now();
    let save = async move |tx: &mut Tx| tx.save_entitlement(0, &grant, &officer(), now).await;
    town.app.db().write(save).await.unwrap();
    Home {
        town,
        bed,
        stock,
        right,
    }
}

async fn sleeps(town: &Town, stock: kernel::StockId, person: PersonId) -> BookingId {
    let book = NewBooking {
        stock,
        person: Some(person),
        unit: Some(1),
        sort: None,
        span: Some(Span {
            from: town.app.now().at,
            to: None,
        }),
        note: None,
        wait: None,
    };
    let ctx = duty(town, officer());
    let id = town.app.book(&ctx, book).await.unwrap().value;
    let ctx = duty(town, officer());
    town.app
        .on_booking(&ctx, id, BookingAct::Arrive)
        .await
        .unwrap();
    id
}

fn officer() -> Actor {
    crate::case::tests::town::town()
}

fn duty(town: &Town, who: Actor) -> Context {
    Context {
        purpose: Purpose::Duty,
        ..town.by(who, None)
    }
}

fn number(text: &str) -> PersonNumber {
    PersonNumber::parse_on(text, "2026-03-02".parse().unwrap()).unwrap()
}

impl Home {
    async fn begins(&self, who: Actor, kind: &str, name: &str) -> Result<LifeEventId> {
        let new = NewLife {
            kind: slug(kind),
            number: number(NUMBER),
            name: name.to_owned(),
            other: (kind == "wedding").then(|| (number("990482200001010035"), "试乙".to_owned())),
            day: self.yesterday(),
            source: "死亡医学证明".to_owned(),
            birth: Birth::default(),
        };
        let ctx = duty(&self.town, who);
        Ok(self.town.app.begin_life(&ctx, new).await?.value)
    }

    /// The bed is cleaned.
    async fn cares(&self) {
        let cared = engine_booking::Cared {
            notes: [(slug("how"), "擦过".to_owned())].into(),
        };
        let ctx = duty(&self.town, officer());
        let act = KeepAct::Care(1, cared);
        self.town
            .app
            .keep_stock(&ctx, self.stock, act)
            .await
            .unwrap();
    }

    fn yesterday(&self) -> Date {
        self.town.app.now().today().pred_opt().unwrap()
    }

    async fn does(&self, who: Actor, id: LifeEventId, act: LifeAct) -> Result<usize> {
        let ctx = duty(&self.town, who);
        Ok(self.town.app.on_life(&ctx, id, act).await?.value)
    }

    async fn confirms(&self, id: LifeEventId, no: u32, says: &str) -> usize {
        let says = says.to_owned();
        let act = LifeAct::Do { no, says };
        self.does(officer(), id, act).await.unwrap()
    }

    async fn page(&self, id: LifeEventId) -> LifePage {
        let ctx = duty(&self.town, officer());
        self.town.app.life_page(&ctx, id).await.unwrap()
    }

    async fn labels(&self, id: LifeEventId) -> Vec<&'static str> {
        let steps = self.page(id).await.event.steps;
        steps.iter().map(|one| one.state.label()).collect()
    }

    /// The last month paid; where the newest stay stands; whether the card is closed; the
    /// day of death; the head of the household.
    async fn stands(
        &self,
    ) -> (
        Option<kernel::Period>,
        BookingStage,
        bool,
        Option<Date>,
        Option<PersonId>,
    ) {
        let (right, today) = (self.right, self.town.app.now().today());
        let read = async move |tx: &mut Tx| {
            let slice = RegisterSlice {
                people: [MUM].into(),
                with_households: true,
                ..RegisterSlice::default()
            };
            let register = tx.register(&slice).await?.state;
            let later = kernel::add_days(today, 10).unwrap();
            Ok::<_, store::StoreError>((
                tx.entitlement(right).await?.state.last_month(),
                tx.bookings_of(MUM, 5).await?[0].stage,
                tx.card_closed(MUM).await?,
                register.people[&MUM].died(&Config::default()),
                register.households[&HOME].head_on(later),
            ))
        };
        self.town.app.db().read(read).await.unwrap()
    }
}

fn code<T: std::fmt::Debug>(done: Result<T>) -> &'static str {
    done.unwrap_err().refusal_code().unwrap()
}

#[tokio::test]
async fn the_mistaken_death_undone() {
    both(async |db| {
        let home = home(db).await;
        let alive = (None, BookingStage::Present, false, None, Some(MUM));
        assert_eq!(home.stands().await, alive);
        assert!(
            home.begins(officer(), "leaving", "别人").await.is_err(),
            "number and name"
        );
        assert_eq!(
            code(home.begins(village(), "leaving", "试甲").await),
            "access.role"
        );
        assert_eq!(
            code(home.begins(elsewhere(), "leaving", "试甲").await),
            "access.region"
        );
        let id = home.begins(officer(), "leaving", "试甲").await.unwrap();
        assert_eq!(
            code(home.begins(county(), "leaving", "试甲").await),
            "life.known"
        );
        // What needs nobody's word is done; what touches a right waits for a person.
        let labels = ["已办", "待办", "待办", "已办", "已办", "待办"];
        assert_eq!(home.labels(id).await, labels);
        let month = Some(kernel::Period::of(home.yesterday()));
        let dead = Some(home.yesterday());
        let begun = (None, BookingStage::Present, true, dead, Some(SON));
        assert_eq!(home.stands().await, begun);
        let step = LifeAct::Do {
            no: 2,
            says: String::new(),
        };
        assert_eq!(code(home.does(village(), id, step).await), "access.role");
        assert_eq!(home.confirms(id, 2, "").await, 2);
        assert_eq!(home.confirms(id, 3, "").await, 1);
        assert_eq!(home.confirms(id, 6, "派出所注销了").await, 0);
        let all = (month, BookingStage::Left, true, dead, Some(SON));
        assert_eq!(home.stands().await, all);
        let again = LifeAct::Do {
            no: 2,
            says: String::new(),
        };
        assert_eq!(
            code(home.does(officer(), id, again).await),
            "life.not_waiting"
        );
        assert!(
            home.town
                .app
                .show_code(&home.town.by(mum(), None))
                .await
                .is_err()
        );
        // It was somebody else: all of it is taken back, the hukou by the police.
        let undo = |reason: &str| LifeAct::Undo {
            reason: reason.to_owned(),
        };
        assert_eq!(
            code(home.does(officer(), id, undo(" ")).await),
            "life.no_words"
        );
        assert_eq!(
            home.does(officer(), id, undo("同名，人在")).await.unwrap(),
            1
        );
        assert_eq!(home.stands().await, alive);
        let back = ["已撤回", "已撤回", "已撤回", "已撤回", "已撤回", "要人办回"];
        assert_eq!(home.labels(id).await, back);
        let page = home.page(id).await;
        let StepState::MustAct { says } = &page.event.steps[5].state else {
            panic!("{:?}", page.event.steps[5]);
        };
        assert!(says.starts_with("请公安办"), "{says}");
        let acted = LifeAct::ActBack {
            no: 6,
            says: "户口恢复了".to_owned(),
        };
        assert_eq!(home.does(officer(), id, acted).await.unwrap(), 0);
        // One timeline has every step, with who and when: 1 begun, 3 of the house,
        // 3 confirmed, 1 taken back, 6 reversals, 1 acted back.
        let page = home.page(id).await;
        assert_eq!(page.timeline.len(), 15);
        assert!(
            page.timeline
                .iter()
                .any(|one| one.by.account == "clockwork")
        );
        assert!(page.timeline.last().unwrap().what.ends_with("已办回"));
        assert_eq!(
            code(home.does(officer(), id, undo("再来")).await),
            "life.undone"
        );
        // The true death can be registered later.
        home.begins(officer(), "leaving", "试甲").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn where_the_bed_is_taken_meanwhile_the_undoing_says_who_must_act() {
    both(async |db| {
        let home = home(db).await;
        let id = home.begins(officer(), "leaving", "试甲").await.unwrap();
        home.confirms(id, 3, "").await;
        home.cares().await;
        sleeps(&home.town, home.stock, SON).await;
        let decline = LifeAct::Decline {
            no: 6,
            reason: "外地户口".to_owned(),
        };
        home.does(officer(), id, decline).await.unwrap();
        let undo = LifeAct::Undo {
            reason: "登记错了".to_owned(),
        };
        assert_eq!(home.does(county(), id, undo).await.unwrap(), 1);
        let labels = ["已撤回", "不用办了", "要人办回", "已撤回", "已撤回", "不办"];
        assert_eq!(home.labels(id).await, labels);
        let (month, stage, closed, died, head) = home.stands().await;
        assert_eq!((month, closed, died, head), (None, false, None, Some(MUM)));
        assert_eq!(stage, BookingStage::Left);
        assert_ne!(home.bed, BookingId(0));
    })
    .await;
}

#[tokio::test]
async fn a_restore_that_is_refused_leaves_nothing_behind() {
    both(async |db| {
        let home = home(db).await;
        let id = home.begins(officer(), "leaving", "试甲").await.unwrap();
        home.confirms(id, 3, "").await;
        home.cares().await;
        // Another was in the bed meanwhile: its care is due by their leaving.
        let other = sleeps(&home.town, home.stock, SON).await;
        let ctx = duty(&home.town, officer());
        let leave = home.town.app.on_booking(&ctx, other, BookingAct::Leave);
        leave.await.unwrap();
        let undo = LifeAct::Undo {
            reason: "登记错了".to_owned(),
        };
        home.does(officer(), id, undo).await.unwrap();
        let page = home.page(id).await;
        let StepState::MustAct { says } = &page.event.steps[2].state else {
            panic!("{:?}", page.event.steps[2]);
        };
        assert!(says.contains("清洁消毒"), "{says}");
        let (stock, stage) = (home.stock, home.stands().await.1);
        assert_eq!(stage, BookingStage::Left);
        let read = async move |tx: &mut Tx| {
            let hers = tx.bookings_of(MUM, 9).await?.len();
            Ok::<_, store::StoreError>((hers, tx.stock(stock).await?.state.bookings.len()))
        };
        assert_eq!(home.town.app.db().read(read).await.unwrap(), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn a_kind_of_life_event_by_pack_alone_about_two_people() {
    both(async |db| {
        let home = home(db).await;
        let id = home.begins(officer(), "wedding", "试甲").await.unwrap();
        let page = home.page(id).await;
        assert_eq!(
            (page.kind.as_str(), page.other.as_deref()),
            ("成家", Some("试乙"))
        );
        assert_eq!(home.labels(id).await, ["已办"]);
        assert_eq!(
            code(home.begins(officer(), "wedding", "试甲").await),
            "life.known"
        );
        let ctx = duty(&home.town, officer());
        let town: RegionCode = "990101001000".parse().unwrap();
        let all = home.town.app.lives(&ctx, town).await.unwrap();
        assert_eq!((all.len(), all[0].name.as_str()), (1, "试甲"));
        // Both towns' officers: only their own.
        let out = duty(&home.town, elsewhere());
        assert_eq!(
            code(home.town.app.life_page(&out, id).await),
            "access.region"
        );
    })
    .await;
}

impl Home {
    /// A right of the whole household that runs.
    async fn grants_the_family(&self, fen: i64) {
        let grant = Entitlement {
            id: EntitlementId(78),
            programme: slug("living"),
            component: slug("base"),
            beneficiary: Beneficiary::Household(HOME),
            payee: MUM,
            amount: Money::from_fen(fen),
            every: Every::Month,
            from: "2026-01".parse().unwrap(),
            to: None,
            decision: DecisionId(991),
            stop: None,
        };
        let now = self.town.app.now();
        let save = async move |tx: &mut Tx| tx.save_entitlement(0, &grant, &officer(), now).await;
        self.town.app.db().write(save).await.unwrap();
    }

    async fn case_of(&self, id: LifeEventId, no: u32) -> kernel::CaseId {
        let page = self.page(id).await;
        match page.event.step(no).unwrap().state {
            StepState::Done { mark, .. } => kernel::CaseId(mark.unwrap()),
            ref other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn j01_a_death_begins_every_department_at_once_and_proposes_what_the_family_gets() {
    both(async |db| {
        let home = home(db).await;
        home.grants_the_family(160_000).await;
        let id = home.begins(officer(), "farewell", "试甲").await.unwrap();
        // The register is written; the family's right and the departments wait for a person.
        assert_eq!(home.labels(id).await, ["已办", "待办", "待办"]);
        let page = home.page(id).await;
        let proposal = &page.event.step(2).unwrap().step.says;
        assert!(
            proposal.contains('：'),
            "seen before it is confirmed: {proposal}"
        );
        let told = |one: &TimelineLine| one.what.starts_with("提议") && one.says == *proposal;
        assert!(page.timeline.iter().any(told), "on the timeline");
        let read = async |tx: &mut Tx| tx.entitlement(EntitlementId(78)).await;
        let right = async || home.town.app.db().read(read).await.unwrap().state;
        let before = right().await;
        assert_eq!(home.confirms(id, 2, "").await, 1);
        assert_eq!(right().await, before, "a proposal changes no right");
        let step = LifeAct::Do {
            no: 3,
            says: String::new(),
        };
        assert_eq!(code(home.does(village(), id, step).await), "access.role");
        assert_eq!(home.confirms(id, 3, "").await, 0);
        let case = home.case_of(id, 3).await;
        let state = home.town.case(case).await;
        assert_eq!(state.phase, engine_case::Phase::Handling);
        let parts: Vec<&str> = state.parts.keys().map(kernel::Slug::as_str).collect();
        assert_eq!(parts, ["hukou", "pension"]);
        assert_eq!(
            state.opened.as_ref().unwrap().applicant,
            SON,
            "who is left asks"
        );
        // It was somebody else, before any department did its part.
        let undo = |reason: &str| LifeAct::Undo {
            reason: reason.to_owned(),
        };
        assert_eq!(
            home.does(officer(), id, undo("同名，人在")).await.unwrap(),
            0
        );
        assert_eq!(home.labels(id).await, ["已撤回", "已撤回", "已撤回"]);
        let state = home.town.case(case).await;
        assert_eq!(state.phase, engine_case::Phase::Withdrawn);
        assert_eq!(
            home.stands().await.4,
            Some(MUM),
            "head of her household again"
        );
    })
    .await;
}

#[tokio::test]
async fn j01_the_county_opens_and_takes_back_a_joint_case_where_the_pack_names_it() {
    both(async |db| {
        // The same kind, its joint case naming the county beside the town.
        let home = home(db).await;
        let step = || LifeAct::Do {
            no: 2,
            says: String::new(),
        };
        let county = crate::case::tests::town::county;
        let id = home.begins(county(), "farewell", "试甲").await.unwrap();
        assert_eq!(
            code(home.does(county(), id, step()).await),
            "access.role",
            "a role the pack does not name"
        );
        let undo = || LifeAct::Undo {
            reason: "同名，人在".to_owned(),
        };
        home.does(county(), id, undo()).await.unwrap();
        let named = JOINT.replacen(
            "by = \"town_officer\"",
            "by = \"town_officer\"\nalso = [\"county_approver\"]",
            1,
        );
        let files = [("farewell.toml", FAREWELL), ("joint.toml", named.as_str())];
        let law = law_with(&files);
        let home = Home {
            town: home.town.moved_to(&home.town.under_law(law)),
            ..home
        };
        let id = home.begins(county(), "farewell", "试甲").await.unwrap();
        home.does(county(), id, step()).await.unwrap();
        let case = home.case_of(id, 2).await;
        let state = home.town.case(case).await;
        assert_eq!(state.phase, engine_case::Phase::Handling);
        assert_eq!(state.parts.len(), 2, "both departments begin");
        // Nothing else of the case becomes the county's by it.
        let context = home.town.by(county(), Some(case));
        let fill = engine_case::Act::Fill {
            answers: Vec::new(),
            papers: Vec::new(),
        };
        let filled = home.town.app.on_case(&context, case, fill).await;
        assert_eq!(code(filled.map(drop)), "access.role");
        // Who is neither named nor the town's is refused.
        let context = home.town.by(village(), Some(case));
        let taken = engine_case::Act::Withdraw;
        let taken = home.town.app.on_case(&context, case, taken).await;
        assert_eq!(code(taken.map(drop)), "access.role");
        home.does(county(), id, undo()).await.unwrap();
        let state = home.town.case(case).await;
        assert_eq!(state.phase, engine_case::Phase::Withdrawn);
        let label = home.page(id).await.event.step(2).unwrap().state.label();
        assert_eq!(label, "已撤回");
    })
    .await;
}

#[tokio::test]
async fn j01_what_a_department_has_done_only_that_department_undoes() {
    both(async |db| {
        let home = home(db).await;
        let id = home.begins(officer(), "farewell", "试甲").await.unwrap();
        assert_eq!(home.confirms(id, 2, "").await, 0);
        let case = home.case_of(id, 2).await;
        let answer = engine_case::Act::AnswerPart {
            part: slug("hukou"),
            answer: engine_case::PartAnswer {
                result: engine_case::PartResult::Granted,
                decided_by: "派出所 试丁".to_owned(),
                document_no: "注销 1 号".to_owned(),
                reasons: "注销了".to_owned(),
                basis: String::new(),
                remedy: Vec::new(),
                at: home.town.app.now().at,
            },
        };
        home.town.act(officer(), case, answer).await;
        let undo = LifeAct::Undo {
            reason: "同名，人在".to_owned(),
        };
        assert_eq!(home.does(officer(), id, undo).await.unwrap(), 1);
        let page = home.page(id).await;
        let StepState::MustAct { says } = &page.event.step(2).unwrap().state else {
            panic!("{:?}", page.event.step(2));
        };
        assert!(says.contains("办过的"), "{says}");
    })
    .await;
}

/// Somebody who lives alone next door.
const NEIGHBOUR: PersonId = PersonId(3);
const NEXT_DOOR: kernel::HouseholdId = kernel::HouseholdId(2);
const NEIGHBOURS: &str = "990482199001010048";

impl Home {
    async fn neighbour(&self) {
        use crate::import::attempt::Attempt;
        use engine_registry::{Command, NewMember, Origin, PersonFact};
        let (ctx, now) = (duty(&self.town, officer()), self.town.app.now());
        let move_in = async move |tx: &mut Tx| {
            let origin = Origin::Declared {
                case: None,
                by: officer(),
                as_of: now.today(),
            };
            let mut attempt = Attempt::of(tx, [MUM].into(), now).await?;
            let facts = vec![
                PersonFact::Name("试戊".parse().unwrap()),
                PersonFact::Number(NEIGHBOURS.parse().unwrap()),
            ];
            let register = Command::RegisterPerson {
                id: NEIGHBOUR,
                facts,
                origin: origin.clone(),
            };
            attempt.act(register).unwrap();
            let form = Command::FormHousehold {
                id: NEXT_DOOR,
                region: VILLAGE.parse().unwrap(),
                members: vec![NewMember {
                    person: NEIGHBOUR,
                    relation: kernel::Relation::HEAD,
                }],
                from: "2026-01-01".parse().unwrap(),
                within: None,
                origin,
            };
            attempt.act(form).unwrap();
            attempt.save(tx, &ctx).await
        };
        self.town.app.db().write(move_in).await.unwrap();
    }

    /// Where the neighbour lives, and who they are there.
    async fn lives(&self) -> Option<(kernel::HouseholdId, kernel::Relation)> {
        let later = kernel::add_days(self.town.app.now().today(), 3).unwrap();
        let read = async move |tx: &mut Tx| {
            let slice = RegisterSlice {
                people: [NEIGHBOUR].into(),
                with_households: true,
                ..RegisterSlice::default()
            };
            let register = tx.register(&slice).await?.state;
            let home = register.household_of(NEIGHBOUR, later);
            Ok::<_, store::StoreError>(home.map(|(home, own)| (home.id, own.relation)))
        };
        self.town.app.db().read(read).await.unwrap()
    }
}

#[tokio::test]
async fn a_marriage_makes_one_household_once_when_a_person_says_so_and_is_taken_back() {
    both(async |db| {
        let home = home(db).await;
        home.neighbour().await;
        let alone = Some((NEXT_DOOR, kernel::Relation::HEAD));
        let new = NewLife {
            kind: slug("joining"),
            number: number(NUMBER),
            name: "试甲".to_owned(),
            other: Some((number(NEIGHBOURS), "试戊".to_owned())),
            day: home.yesterday(),
            source: "结婚证".to_owned(),
            birth: Birth::default(),
        };
        let ctx = duty(&home.town, officer());
        let id = home.town.app.begin_life(&ctx, new).await.unwrap().value;
        assert_eq!(home.labels(id).await, ["待办", "已办"]);
        assert_eq!(home.lives().await, alone, "a marriage alone moves nobody");
        assert_eq!(home.confirms(id, 1, "").await, 0);
        let joined = Some((HOME, kernel::Relation::SPOUSE));
        assert_eq!(home.lives().await, joined);
        let again = LifeAct::Do {
            no: 1,
            says: String::new(),
        };
        assert_eq!(
            code(home.does(officer(), id, again).await),
            "life.not_waiting"
        );
        let undo = LifeAct::Undo {
            reason: "同名".to_owned(),
        };
        assert_eq!(home.does(officer(), id, undo).await.unwrap(), 0);
        assert_eq!(home.lives().await, alone, "each where they were");
        assert_eq!(home.labels(id).await, ["已撤回", "已撤回"]);
    })
    .await;
}
