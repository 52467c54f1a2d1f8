//! 「双随机抽查」 Bodies kept, a list made and frozen, a seed drawn and recorded, each
//! pick opened as an inspection for the people drawn. Anybody may draw again from what
//! the page shows.

use super::open::Beginning;
use super::read::Listed;
use super::{Room, near, pinned, wrong};
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Holder, Record};
use engine_assessment::{
    About, DrawCommand, DrawList, Inspector, Lot, Sheet, Sortition, Subject, decide_draw, redraw,
};
use kernel::{BodyId, DrawId, FieldLevel, PersonId, RegionCode, Role, Slug};
use std::collections::{BTreeMap, BTreeSet};
use store::{AssessedBody, Reply, Tx};

/// The longest list of draws.
const DRAWS_MAX: u32 = 100;

/// A body to be kept.
#[derive(Clone, Debug)]
pub struct NewBody {
    /// Of which kind.
    pub kind: Slug,
    /// Where.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// Its risk class.
    pub class: Slug,
    /// Who leads it.
    pub people: BTreeSet<PersonId>,
}

/// A draw to be made.
#[derive(Clone, Debug)]
pub struct NewDraw {
    /// By which sheet.
    pub sheet: Slug,
    /// Where.
    pub region: RegionCode,
    /// Its name.
    pub name: String,
    /// 申报回避 Who keeps away from which body, and why.
    pub avoid: Vec<(PersonId, BodyId, String)>,
}

/// A draw as its page shows it.
#[derive(Clone, Debug)]
pub struct DrawPage {
    /// All there is.
    pub list: DrawList,
    /// The sheet's name.
    pub sheet: String,
    /// How it is drawn.
    pub rules: Sortition,
    /// Of each class: its name, how many of how many.
    pub classes: Vec<(String, usize, usize)>,
    /// What came out.
    pub picks: Vec<PickLine>,
    /// Whether drawing again from list and seed gives the same.
    pub same: Option<bool>,
    /// The inspections it led to.
    pub inspections: Vec<Listed>,
}

/// One that was drawn.
#[derive(Clone, Debug)]
pub struct PickLine {
    /// Its name.
    pub name: String,
    /// Its number.
    pub body: BodyId,
    /// What it was drawn by.
    pub key: String,
    /// Who goes.
    pub inspectors: Vec<String>,
    /// Who was left out, and why.
    pub left_out: Vec<(String, String)>,
}

impl App {
    /// 登记受评单位
    ///
    /// # Errors
    /// No name, no such kind or class; one of that name is there; a refusal; the store's.
    pub async fn keep_body(&self, ctx: &Context, new: NewBody) -> Result<Reply<BodyId>> {
        let key = ctx.key("assessment.body", &(&new.kind, new.region, &new.name))?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.keep_body(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 受评单位 Those of a kind and place.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn bodies(
        &self,
        ctx: &Context,
        region: RegionCode,
        kind: &Slug,
    ) -> Result<Vec<AssessedBody>> {
        let (room, kind) = (self.room(ctx), kind.clone());
        self.db
            .look(async move |tx| {
                room.may_list(tx, region).await?;
                Ok::<_, AppError>(tx.bodies_in(&kind, region.span()).await?)
            })
            .await
    }

    /// 谁负责 Whoever has this number in the register, to be kept as leading a body.
    ///
    /// # Errors
    /// Nobody has it; the store's.
    pub async fn leaders_with(&self, number: kernel::PersonNumber) -> Result<BTreeSet<PersonId>> {
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.people_with(number).await?);
        let found: BTreeSet<PersonId> = self.db.read(read).await?.into_iter().collect();
        match found.is_empty() {
            true => Err(wrong("底册里没有这个号码")),
            false => Ok(found),
        }
    }

    /// 风险类别 Of a sheet that draws: id and name.
    pub fn draw_classes(&self, sheet: &Slug) -> Vec<(String, String)> {
        let rules = self.law.pack.sheet(sheet.as_str());
        let rules = rules.and_then(|sheet| sheet.draw.as_ref());
        let all = rules.into_iter().flat_map(|rules| &rules.classes);
        all.map(|(id, (name, _))| (id.to_string(), name.clone()))
            .collect()
    }

    /// 列名单 Everything of the sheet's kind in the place, and every officer there.
    ///
    /// # Errors
    /// The sheet draws nothing; a refusal; the store's.
    pub async fn make_draw(&self, ctx: &Context, new: NewDraw) -> Result<Reply<DrawId>> {
        let key = ctx.key("draw.make", &(&new.sheet, new.region, &new.name))?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.make_draw(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 封存名单
    ///
    /// # Errors
    /// A refusal of access or of the draw; the store's.
    pub async fn freeze_draw(&self, ctx: &Context, id: DrawId) -> Result<Reply<usize>> {
        self.on_draw(ctx, id, DrawCommand::Freeze).await
    }

    /// 抽取 The seed is made here, of random numbers; `words`: anything public known only
    /// after the list was frozen, added to it.
    ///
    /// # Errors
    /// A refusal of access or of the draw; no random numbers; the store's.
    pub async fn draw_lots(&self, ctx: &Context, id: DrawId, words: &str) -> Result<Reply<usize>> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).map_err(|why| AppError::Fault(why.to_string()))?;
        let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let words: String = words.split_whitespace().collect();
        let seed = match words.is_empty() {
            true => random,
            false => format!("{random}-{words}"),
        };
        self.on_draw(ctx, id, DrawCommand::Draw { seed }).await
    }

    async fn on_draw(
        &self,
        ctx: &Context,
        id: DrawId,
        command: DrawCommand,
    ) -> Result<Reply<usize>> {
        // The seed is not part of the key: a form sent twice draws once.
        let act = match &command {
            DrawCommand::Freeze => "draw.freeze",
            DrawCommand::Draw { .. } => "draw.draw",
        };
        let key = ctx.key(act, &id)?;
        let room = self.room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.on_draw(tx, id, act, command.clone()).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 抽查清单 Draws of a place, newest first.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn draws(&self, ctx: &Context, region: RegionCode) -> Result<Vec<DrawList>> {
        let room = self.room(ctx);
        self.db
            .look(async move |tx| {
                room.may_list(tx, region).await?;
                Ok::<_, AppError>(tx.draws_in(region.span(), DRAWS_MAX).await?)
            })
            .await
    }

    /// 一次抽查
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn draw_page(&self, ctx: &Context, id: DrawId) -> Result<DrawPage> {
        let room = self.room(ctx);
        self.db
            .look(async move |tx| room.draw_page(tx, id).await)
            .await
    }
}

impl Room {
    async fn may_draw(&self, tx: &mut Tx, region: RegionCode) -> Result<()> {
        let record = Record::of_place(region, FieldLevel::L1);
        let may = self
            .ctx
            .authorise(tx, Action::DrawLots, record, &[], self.now);
        may.await.map(drop)
    }

    async fn keep_body(&self, tx: &mut Tx, new: &NewBody) -> Result<BodyId> {
        self.may_draw(tx, new.region).await?;
        let name = new.name.trim();
        if name.chars().count() < 2 {
            return Err(wrong("请写单位的名称"));
        }
        let sheets = self.app.law.pack.sheets().iter().map(|one| &one.sheet);
        let mut of_kind = sheets
            .filter(|one| matches!(&one.about, About::Body { kind, .. } if *kind == new.kind));
        let known = of_kind.next().ok_or_else(|| wrong("没有评这种单位的表"))?;
        let draws = std::iter::once(known).chain(of_kind);
        let draws = draws.filter_map(|one| one.draw.as_ref());
        let mut rules = draws.peekable();
        if rules.peek().is_some() && !rules.any(|one| one.classes.contains_key(&new.class)) {
            return Err(wrong("请选风险类别"));
        }
        let id = BodyId(tx.next_id("assessed_body").await?);
        let body = AssessedBody {
            id,
            kind: new.kind.clone(),
            region: new.region,
            name: name.to_owned(),
            class: new.class.clone(),
            people: new.people.clone(),
        };
        tx.keep_body(&body).await?;
        let subject = format!("body:{id}");
        self.ctx
            .record(tx, "assessment.body", &subject, &body, self.now)
            .await?;
        Ok(id)
    }

    async fn make_draw(&self, tx: &mut Tx, new: &NewDraw) -> Result<DrawId> {
        self.may_draw(tx, new.region).await?;
        let sheet = self.app.law.pack.sheet(new.sheet.as_str());
        let sheet = sheet.ok_or_else(|| wrong("请选一张评估表"))?;
        let (Some(_), About::Body { kind, .. }) = (&sheet.draw, &sheet.about) else {
            return Err(AppError::refused(engine_assessment::Refusal::NoSortition));
        };
        let mut lots = Vec::new();
        for body in tx.bodies_in(kind, new.region.span()).await? {
            let mut people = near(tx, body.people.clone()).await?;
            people.extend(body.people);
            lots.push(Lot {
                body: body.id,
                name: body.name,
                class: body.class,
                people,
            });
        }
        let id = DrawId(tx.next_id("random_draw").await?);
        let list = DrawList {
            id,
            sheet: pinned(&self.app.law.pack, sheet),
            region: new.region,
            name: match new.name.trim() {
                "" => format!("{}{}", sheet.name, self.now.today()),
                name => name.to_owned(),
            },
            lots,
            inspectors: self.inspectors(tx, new).await?,
            frozen: None,
            drawn: None,
            picks: Vec::new(),
        };
        tx.create_draw(&list).await?;
        self.ctx
            .record(tx, "draw.make", &format!("draw:{id}"), &list, self.now)
            .await?;
        Ok(id)
    }

    /// Every officer of the place, with what they keep away from.
    async fn inspectors(&self, tx: &mut Tx, new: &NewDraw) -> Result<Vec<Inspector>> {
        let today = self.now.today();
        let mut people = BTreeSet::new();
        for (_, grants) in tx.all_grants().await? {
            let held = grants.grants.iter().filter(|one| {
                let office = matches!(one.role, Role::TownOfficer | Role::CountyApprover);
                office && one.holds_on(today) && new.region.contains(one.region)
            });
            people.extend(held.filter_map(|one| match one.holder {
                Holder::Person(person) => Some(person),
                Holder::Account(_) => None,
            }));
        }
        let mut all = Vec::new();
        for person in people {
            let declared = new.avoid.iter().filter(|(who, _, _)| *who == person);
            all.push(Inspector {
                person,
                name: crate::worklist::name_in(tx, person).await?,
                declared: declared
                    .map(|(_, body, reason)| (*body, reason.clone()))
                    .collect(),
            });
        }
        Ok(all)
    }

    async fn on_draw(
        &self,
        tx: &mut Tx,
        id: DrawId,
        act: &str,
        command: DrawCommand,
    ) -> Result<usize> {
        let loaded = tx.draw(id).await?;
        let mut list = loaded.state;
        self.may_draw(tx, list.region).await?;
        let sheet = self.sheet(&list.sheet)?;
        let (by, now) = (&self.ctx.actor, self.now);
        let events = decide_draw(&list, command, by, sheet.draw.as_ref(), now);
        let events = events.map_err(AppError::refused)?;
        events.iter().for_each(|event| list.apply(event));
        tx.save_draw(loaded.version, &list, &events, by, now)
            .await?;
        self.ctx
            .record(tx, act, &format!("draw:{id}"), &events, now)
            .await?;
        self.inspections(tx, &list, sheet).await?;
        Ok(list.picks.len())
    }

    /// Each pick is an inspection that only those drawn may do.
    async fn inspections(&self, tx: &mut Tx, list: &DrawList, sheet: &Sheet) -> Result<()> {
        for pick in &list.picks {
            let body = tx.body(pick.body).await?;
            let drawn: BTreeSet<PersonId> = pick.inspectors.iter().copied().collect();
            let begin = Beginning {
                subject: Subject::Body(body.id),
                region: body.region,
                reason: format!("双随机抽查：{}", list.name),
                reviews: None,
                barred: BTreeSet::new(),
                drawn: Some((list.id, drawn)),
            };
            self.begin(tx, sheet, begin).await?;
        }
        Ok(())
    }

    async fn draw_page(&self, tx: &mut Tx, id: DrawId) -> Result<DrawPage> {
        let list = tx.draw(id).await?.state;
        self.may_list(tx, list.region).await?;
        let sheet = self.sheet(&list.sheet)?;
        let none = || AppError::refused(engine_assessment::Refusal::NoSortition);
        let rules = sheet.draw.clone().ok_or_else(none)?;
        let names: BTreeMap<PersonId, &str> = list
            .inspectors
            .iter()
            .map(|one| (one.person, one.name.as_str()))
            .collect();
        // Staff need not live here: who is not in the register goes by their number.
        let name = |person: &PersonId| match names.get(person).copied() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => format!("工作人员 {person} 号"),
        };
        let picks = list.picks.iter().map(|pick| PickLine {
            name: lot_name(&list, pick.body),
            body: pick.body,
            key: pick.key.clone(),
            inspectors: pick.inspectors.iter().map(&name).collect(),
            left_out: pick
                .left_out
                .iter()
                .map(|(who, why)| (name(who), why.clone()))
                .collect(),
        });
        let picks: Vec<PickLine> = picks.collect();
        let classes = rules.classes.iter().map(|(id, (name, _))| {
            let inside = list.lots.iter().filter(|lot| lot.class == *id);
            let inside: Vec<BodyId> = inside.map(|lot| lot.body).collect();
            let drawn = list.picks.iter().filter(|pick| inside.contains(&pick.body));
            (name.clone(), drawn.count(), inside.len())
        });
        let classes = classes.collect();
        let drawn = list.drawn.as_ref();
        let same = drawn.map(|(_, seed)| redraw(&list, &rules, seed) == list.picks);
        let mut inspections = Vec::new();
        for line in tx.assessments_drawn(id).await? {
            inspections.push(self.listed(tx, line).await?);
        }
        Ok(DrawPage {
            sheet: sheet.name.clone(),
            rules,
            classes,
            picks,
            same,
            inspections,
            list,
        })
    }
}

fn lot_name(list: &DrawList, body: BodyId) -> String {
    let found = list.lots.iter().find(|lot| lot.body == body);
    found.map(|lot| lot.name.clone()).unwrap_or_default()
}
