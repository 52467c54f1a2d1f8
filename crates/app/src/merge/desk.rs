//! 「判」 The page of suspicions, proposals and merges, and what people say of them.

use super::{LeftHome, Said, Suspicion};
use crate::import::Touched;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Permit, Record, View, last_four, show};
use engine_registry::suspect::Ground;
use engine_registry::{
    Command, Config, Event, Merge, MergeState, NewMember, Origin, PersonFact, PersonField, State,
    decide,
};
use kernel::{Date, FieldLevel, MergeId, Now, PersonId, RegionCode};
use std::collections::BTreeSet;
use store::{MergeSuspect, Register, RegisterSlice, Reply, Tx};

/// The longest list, and how many are read at a time.
const SHOWN: u32 = 300;

/// Everything on the page.
#[derive(Clone, Debug, Default)]
pub struct MergeDesk {
    /// Suspicions nobody has judged, the oldest where there are more.
    pub suspects: Vec<SuspectCard>,
    /// How many more there are than are listed.
    pub more: usize,
    /// Proposals that wait for another person.
    pub open: Vec<MergeCard>,
    /// What was merged, rejected, undone; the newest first.
    pub past: Vec<MergeCard>,
}

impl MergeDesk {
    /// Whose entries are shown.
    fn people(&self) -> BTreeSet<PersonId> {
        let pairs = self.suspects.iter().map(|one| one.pair);
        let cards = self.open.iter().chain(&self.past);
        let cards = cards.map(|one| (one.merge.keep, one.merge.merge));
        pairs.chain(cards).flat_map(|(a, b)| [a, b]).collect()
    }
}

/// Two entries side by side.
#[derive(Clone, Debug)]
pub struct SuspectCard {
    /// The entries.
    pub pair: (PersonId, PersonId),
    /// Why.
    pub ground: Ground,
    /// What each says: label and value, no number whole.
    pub sides: [Vec<(String, String)>; 2],
    /// The name.
    pub name: String,
}

/// A proposal.
#[derive(Clone, Debug)]
pub struct MergeCard {
    /// It.
    pub merge: Merge,
    /// The entry that stays, and the one that points to it.
    pub sides: [Vec<(String, String)>; 2],
    /// The name.
    pub name: String,
    /// Whether the reader proposed it, and so cannot confirm it.
    pub own: bool,
}

/// What a person says of a suspicion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum SuspectWord {
    /// 是一个人: which entry stays.
    Same(PersonId),
    /// 是两个人
    Two,
}

/// What a person says of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum MergeWord {
    /// 确认
    Confirm,
    /// 不合并
    Reject,
    /// 撤销
    Undo,
}

impl App {
    /// 一个人两条 What waits and what was done, in a place.
    ///
    /// # Errors
    /// A refusal; the store's.
    pub async fn merge_desk(&self, ctx: &Context, place: RegionCode) -> Result<MergeDesk> {
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .look(async move |tx| {
                let permit = app.may_merge(tx, &ctx, place).await?;
                let (waiting, more) = app.waiting_in(tx, place, now.today()).await?;
                let merges = tx.merges(SHOWN).await?;
                let pairs = waiting.iter().map(|one| (one.one, one.other));
                let pairs = pairs.chain(merges.iter().map(|one| (one.keep, one.merge)));
                let people: BTreeSet<PersonId> = pairs.flat_map(|(a, b)| [a, b]).collect();
                let register = tx.register(&slice(people)).await?.state;
                let is_here = |a, b| app.lives_in(&register, place, (a, b), now.today());
                let side = |who| app.entry_side(&register, who, now.today(), &permit);
                let sides = |a, b| [a, b].map(side);
                let mut desk = MergeDesk {
                    more,
                    suspects: waiting
                        .iter()
                        .map(|one| SuspectCard {
                            pair: (one.one, one.other),
                            ground: one.state.ground,
                            sides: sides(one.one, one.other),
                            name: name(&register, one.one),
                        })
                        .collect(),
                    ..MergeDesk::default()
                };
                for merge in merges
                    .into_iter()
                    .filter(|one| is_here(one.keep, one.merge))
                {
                    let card = MergeCard {
                        sides: sides(merge.keep, merge.merge),
                        name: name(&register, merge.keep),
                        own: merge.proposed_by.person == ctx.actor.person,
                        merge,
                    };
                    match card.merge.state {
                        MergeState::Proposed => desk.open.push(card),
                        _ => desk.past.push(card),
                    }
                }
                let seen = desk.people();
                ctx.record(tx, "register.doubles", "register", &seen, now)
                    .await?;
                Ok::<_, AppError>(desk)
            })
            .await
    }

    /// Suspicions about people of a place that nobody has judged, as many as a list holds,
    /// and how many more there are: what was judged, or is others', takes nobody's place.
    async fn waiting_in(
        &self,
        tx: &mut Tx,
        place: RegionCode,
        today: Date,
    ) -> Result<(Vec<MergeSuspect<Suspicion>>, usize)> {
        let (mut here, mut more, mut after) = (Vec::new(), 0, None);
        loop {
            let mut page = tx.merge_suspects::<Suspicion>(after, SHOWN).await?;
            let Some(last) = page.last() else {
                return Ok((here, more));
            };
            after = Some((last.at, last.one, last.other));
            page.retain(|one| is_open(&one.state));
            let people = page.iter().flat_map(|one| [one.one, one.other]);
            let register = tx.register(&slice(people.collect())).await?.state;
            page.retain(|one| self.lives_in(&register, place, (one.one, one.other), today));
            let left = (SHOWN as usize).saturating_sub(here.len());
            more += page.len().saturating_sub(left);
            page.truncate(left);
            here.append(&mut page);
        }
    }

    /// 判存疑 A person's word on a suspicion: a proposal to merge, or two people.
    ///
    /// # Errors
    /// No reason; judged before; a refusal; the store's.
    pub async fn judge_suspect(
        &self,
        ctx: &Context,
        place: RegionCode,
        pair: (PersonId, PersonId),
        (word, reason): (SuspectWord, &str),
    ) -> Result<Reply<()>> {
        let reason = written(reason)?;
        let key = ctx.key("register.suspect", &(pair, word, &reason))?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    app.may_merge(tx, &ctx, place).await?;
                    let gone = || AppError::BadInput("这一条已经有人判过了。请看最新的".into());
                    let found = tx.merge_suspect::<Suspicion>(pair).await?;
                    let found = found.filter(|one| is_open(&one.state)).ok_or_else(gone)?;
                    let mut register = tx.register(&slice([pair.0, pair.1].into())).await?;
                    if !app.lives_in(&register.state, place, pair, now.today()) {
                        return Err(gone());
                    }
                    let mut state = found.state.clone();
                    match word {
                        SuspectWord::Two => {
                            state.two = Some(Said {
                                reason: reason.clone(),
                                by: ctx.actor.clone(),
                                at: now.at,
                            });
                        }
                        SuspectWord::Same(keep) => {
                            let merge = if keep == pair.0 { pair.1 } else { pair.0 };
                            let id = MergeId(tx.next_id("merge_proposal").await?);
                            let command = Command::ProposeMerge {
                                id,
                                keep,
                                merge,
                                reason: reason.clone(),
                                by: ctx.actor.clone(),
                            };
                            does_all(tx, &ctx, &mut register, vec![command], now).await?;
                            state.merge = Some(id);
                        }
                    }
                    tx.save_merge_suspect(&MergeSuspect { state, ..found })
                        .await?;
                    let subject = format!("person:{}", pair.0);
                    let told = (pair, word, &reason);
                    ctx.record(tx, "register.suspect", &subject, &told, now)
                        .await
                };
                tx.idempotent(&key, now, does).await
            })
            .await
    }

    /// 合并 A person's word on a proposal, or on what was merged.
    ///
    /// # Errors
    /// No reason; the proposer confirming; a refusal; the store's.
    pub async fn judge_merge(
        &self,
        ctx: &Context,
        place: RegionCode,
        merge: MergeId,
        (word, reason): (MergeWord, &str),
    ) -> Result<Reply<()>> {
        let reason = written(reason)?;
        let key = ctx.key("register.merge", &(merge, word, &reason))?;
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let done = self
            .db
            .write(async move |tx| {
                let does = async |tx: &mut Tx| {
                    app.may_merge(tx, &ctx, place).await?;
                    app.merge_step(tx, &ctx, place, merge, (word, &reason), now)
                        .await
                };
                tx.idempotent(&key, now, does).await
            })
            .await?;
        if word != MergeWord::Reject {
            let people = self.pair_of(merge).await?;
            let others = false;
            self.look_after(&Touched::Some { people, others }).await?;
        }
        Ok(done)
    }

    /// The two entries a proposal is about.
    async fn pair_of(&self, merge: MergeId) -> Result<BTreeSet<PersonId>> {
        let with = RegisterSlice {
            merges: [merge].into(),
            ..RegisterSlice::default()
        };
        let read = async move |tx: &mut Tx| tx.register(&with).await;
        let register = self.db.read(read).await?.state;
        let found = register.merges.get(&merge);
        let pair = found.map(|one| [one.keep, one.merge]);
        Ok(pair.into_iter().flatten().collect())
    }

    async fn merge_step(
        &self,
        tx: &mut Tx,
        ctx: &Context,
        place: RegionCode,
        id: MergeId,
        (word, reason): (MergeWord, &str),
        now: Now,
    ) -> Result<()> {
        let (today, by, words) = (now.today(), ctx.actor.clone(), reason.to_owned());
        let with = RegisterSlice {
            merges: [id].into(),
            ..RegisterSlice::default()
        };
        let known = tx.register(&with).await?.state;
        let gone = || AppError::BadInput("没有这条合并提议。请看最新的".into());
        let merge = known.merges.get(&id).cloned().ok_or_else(gone)?;
        let people = [merge.keep, merge.merge].into();
        let with = RegisterSlice {
            merges: [id].into(),
            ..slice(people)
        };
        let mut register = tx.register(&with).await?;
        let pair = (merge.keep, merge.merge);
        if !self.lives_in(&register.state, place, pair, today) {
            return Err(gone());
        }
        let pair = (pair.0.min(pair.1), pair.0.max(pair.1));
        let mut suspect = tx.merge_suspect::<Suspicion>(pair).await?;
        let commands = match word {
            MergeWord::Reject => vec![Command::RejectMerge {
                id,
                reason: words,
                by,
            }],
            MergeWord::Confirm => {
                let home = register.state.household_of(merge.merge, today);
                let left = home.map(|(home, membership)| LeftHome {
                    household: home.id,
                    relation: membership.relation,
                    until: today,
                });
                if let Some(suspect) = &mut suspect {
                    suspect.state.left.clone_from(&left);
                }
                let leave = left.map(|left| Command::Leave {
                    household: left.household,
                    person: merge.merge,
                    until: today,
                });
                let confirm = Command::ConfirmMerge { id, by };
                leave.into_iter().chain([confirm]).collect()
            }
            MergeWord::Undo => {
                let undo = Command::UndoMerge {
                    id,
                    reason: words,
                    by: by.clone(),
                };
                let left = suspect.as_mut().and_then(|one| one.state.left.take());
                let back = left.map(|left| Command::Join {
                    household: left.household,
                    member: NewMember {
                        person: merge.merge,
                        relation: left.relation,
                    },
                    from: left.until,
                    origin: Origin::Declared {
                        case: None,
                        by,
                        as_of: today,
                    },
                });
                [undo].into_iter().chain(back).collect()
            }
        };
        does_all(tx, ctx, &mut register, commands, now).await?;
        if let Some(suspect) = suspect {
            tx.save_merge_suspect(&suspect).await?;
        }
        let subject = format!("person:{}", merge.keep);
        let told = (id, merge.keep, merge.merge, word, reason);
        ctx.record(tx, "register.merge", &subject, &told, now).await
    }

    async fn may_merge(&self, tx: &mut Tx, ctx: &Context, place: RegionCode) -> Result<Permit> {
        let record = Record::of_place(place, FieldLevel::L3);
        let now = self.now();
        ctx.authorise(tx, Action::SettleQuestion, record, &[], now)
            .await
    }

    /// Whether one of them lives in the place; who lives nowhere is the whole city's.
    fn lives_in(
        &self,
        register: &State,
        place: RegionCode,
        (one, other): (PersonId, PersonId),
        today: Date,
    ) -> bool {
        let head = self.law.pack.region();
        let home = |person| {
            let (home, _) = register.household_of(person, today)?;
            home.region_on(today)
        };
        let homes = [home(one), home(other)];
        match homes.iter().flatten().next() {
            Some(_) => homes.iter().flatten().any(|home| place.contains(*home)),
            None => head.is_none_or(|head| place.contains(head)),
        }
    }

    /// What an entry says, as in any list: what is sensitive is never whole.
    fn entry_side(
        &self,
        register: &State,
        who: PersonId,
        today: Date,
        permit: &Permit,
    ) -> Vec<(String, String)> {
        let Some(person) = register.people.get(&who) else {
            return Vec::new();
        };
        let config = Config::default();
        let mut lines = vec![("编号".to_owned(), who.to_string())];
        for field in [
            PersonField::Number,
            PersonField::Born,
            PersonField::HukouRegion,
            PersonField::Address,
        ] {
            let Some(version) = person.standing(field, &config) else {
                continue;
            };
            let words = match &version.fact {
                PersonFact::Number(number) => last_four(number.reveal()),
                PersonFact::Born(day) => day.to_string(),
                PersonFact::HukouRegion(region) => {
                    self.law.pack.regions().full_name(*region, today)
                }
                PersonFact::Address(text) => show(text, FieldLevel::L3, View::List, permit)
                    .unwrap_or_else(|| "****".to_owned()),
                _ => continue,
            };
            lines.push((field.label().to_owned(), words));
        }
        if let Some((home, membership)) = register.household_of(who, today) {
            let people = home.members_on(today).count();
            let words = format!("{} 口人的一户，{}", people, membership.relation.label());
            lines.push(("家庭".to_owned(), words));
        }
        lines
    }
}

/// Decides one after the other and keeps all of it.
async fn does_all(
    tx: &mut Tx,
    ctx: &Context,
    register: &mut Register,
    commands: Vec<Command>,
    now: Now,
) -> Result<()> {
    let mut log: Vec<Event> = Vec::new();
    for command in commands {
        let events = decide(&register.state, command, &Config::default(), now);
        let events = events.map_err(AppError::refused)?;
        events.iter().for_each(|event| register.state.apply(event));
        log.extend(events);
    }
    tx.save_register(register, &log, &ctx.actor, now).await?;
    Ok(())
}

fn is_open(state: &Suspicion) -> bool {
    state.two.is_none() && state.merge.is_none()
}

fn slice(people: BTreeSet<PersonId>) -> RegisterSlice {
    RegisterSlice {
        people,
        with_households: true,
        ..RegisterSlice::default()
    }
}

fn name(register: &State, who: PersonId) -> String {
    let person = register.people.get(&who);
    let name = person.and_then(|one| one.name(&Config::default()));
    name.map(ToString::to_string).unwrap_or_default()
}

fn written(reason: &str) -> Result<String> {
    let reason = reason.trim();
    match reason.chars().count() {
        ..2 => Err(AppError::BadInput("请写明是怎样查清楚的".to_owned())),
        _ => Ok(reason.to_owned()),
    }
}
