//! 「停不停派」 Red proposes, a person decides: what waits stands on the centre's board
//! and comes again by a clock; whoever keeps the partners of the place stops, clears or
//! lets in, with reasons; the partner is told why and how to object.

use super::desk::OrderDesk;
use super::provider::at;
use super::tell::send;
use super::tick::itself;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Record};
use engine_order::{Colour, ColourRule, Provider, Refusal, Verdict};
use kernel::{FieldLevel, OrderId, ProviderId, RegionCode};
use serde::{Deserialize, Serialize};
use store::{ProviderKept, Reply, Tx};

/// The most partners looked at in one go.
const AT_ONCE: u32 = 200;
/// A short message: what happened is read after signing in.
const SMS: &str = "{name}：{what}。请登录查看。";
/// How a partner objects.
const OBJECT: &str = "不同意的，可以在“派给我的”页面写您的说法，也可以打 96345，由人再看";

/// A decision as a person gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOnProvider {
    /// The partner.
    pub provider: ProviderId,
    /// What.
    pub verdict: Verdict,
    /// Why; the partner reads it.
    pub why: String,
}

/// A partner and where they stand.
#[derive(Clone, Debug)]
pub struct PartnerStanding {
    /// The partner.
    pub provider: Provider,
    /// What waits, what was decided.
    pub kept: ProviderKept,
    /// Their colour.
    pub colour: Colour,
    /// Whether no new order is sent until somebody looked.
    pub held: bool,
    /// Whether who looks may decide.
    pub may_rule: bool,
}

impl App {
    /// The rule of colours for a partner: of the first kind of order they can do.
    pub(super) fn colours_of(&self, provider: &Provider) -> ColourRule {
        let does = |ty: &&std::sync::Arc<engine_order::OrderType>| {
            let mut items = ty.items.iter();
            items.any(|item| provider.skills.contains(&item.skill))
        };
        let found = self.order_types().iter().find(does);
        found.map(|ty| ty.colours).unwrap_or_default()
    }

    fn standing(&self, (provider, kept): (Provider, ProviderKept), may: bool) -> PartnerStanding {
        // Held is held for whichever kind of order says so.
        let kinds = self.order_types().iter();
        let mut own = kinds.filter(|ty| {
            let mut items = ty.items.iter();
            items.any(|item| provider.skills.contains(&item.skill))
        });
        PartnerStanding {
            colour: provider.record.colour(&self.colours_of(&provider)),
            held: !provider.stopped && own.any(|ty| provider.held(&ty.colours)),
            may_rule: may,
            provider,
            kept,
        }
    }

    /// 等人看的服务方 Partners of a place about whom a person has something to decide,
    /// and those who are stopped.
    ///
    /// # Errors
    /// A refusal outside the actor's place; the store's.
    pub async fn providers_to_look(
        &self,
        context: &Context,
        region: RegionCode,
    ) -> Result<Vec<PartnerStanding>> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let record = Record::of_place(region, FieldLevel::L2);
                let (context, now) = (&desk.context, desk.now);
                context
                    .authorise(tx, Action::ReadOrder, record, &[], now)
                    .await?;
                let mut found = Vec::new();
                for one in tx.providers_to_look(region.span(), AT_ONCE).await? {
                    let keeps = Action::KeepProvider;
                    let may = context.authorise(tx, keeps, at(one.0.home), &[], now).await;
                    found.push(desk.app.standing(one, may.is_ok()));
                }
                let subject = format!("region:{region}");
                context
                    .record(tx, "provider.look", &subject, &found.len(), now)
                    .await?;
                Ok::<_, AppError>(found)
            })
            .await
    }

    /// 我家站在哪 Where the partners the actor answers for stand.
    ///
    /// # Errors
    /// The store's.
    pub async fn own_standing(&self, context: &Context) -> Result<Vec<PartnerStanding>> {
        let Some(me) = context.actor.person else {
            return Ok(Vec::new());
        };
        let app = self.clone();
        self.db
            .read(async move |tx| {
                let mut own = Vec::new();
                for one in tx.providers_of(me).await? {
                    if let Some(found) = tx.provider(one.id).await? {
                        own.push(app.standing(found, false));
                    }
                }
                Ok::<_, AppError>(own)
            })
            .await
    }

    /// 定停不停 Stops a partner, clears what waits, or lets one in again: a person, with
    /// reasons. The partner is told.
    ///
    /// # Errors
    /// A refusal of access or of the engine; no such partner; the store's.
    pub async fn rule_on_provider(
        &self,
        context: &Context,
        ruling: RuleOnProvider,
    ) -> Result<Reply<()>> {
        let key = context.key("provider.rule", &ruling)?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (ruling, desk) = (ruling.clone(), &desk);
                let does = async move |tx: &mut Tx| desk.rule(tx, ruling).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// 有异议 A partner speaks against being stopped, or against what is proposed: it
    /// comes before a person again.
    ///
    /// # Errors
    /// Another's partner; nothing to speak against; nothing said; the store's.
    pub async fn object_to_stop(
        &self,
        context: &Context,
        provider: ProviderId,
        words: String,
    ) -> Result<Reply<()>> {
        let key = context.key("provider.object", &(provider, &words))?;
        let desk = self.order_desk(context);
        self.db
            .write(async move |tx| {
                let (words, desk) = (words.clone(), &desk);
                let does = async move |tx: &mut Tx| desk.object(tx, provider, &words).await;
                tx.idempotent(&key, desk.now, does).await
            })
            .await
    }

    /// What the daily count finds red without a proposal, such as marks of before.
    pub(super) async fn propose_marked(&self) -> Result<()> {
        let desk = self.order_desk(&itself());
        let mut after = ProviderId(0);
        loop {
            let read = async move |tx: &mut Tx| tx.providers_marked(after, AT_ONCE).await;
            let found = self.db.read(read).await?;
            let Some(last) = found.last().copied() else {
                return Ok(());
            };
            for id in found {
                let desk = desk.clone();
                let propose = async move |tx: &mut Tx| {
                    let Some((one, _)) = tx.provider(id).await? else {
                        return Ok(());
                    };
                    let rule = desk.app.colours_of(&one);
                    desk.propose(tx, id, None, &rule).await
                };
                self.db.write(propose).await?;
            }
            after = last;
        }
    }

    /// 提醒 What has waited too long for a person comes before the centre again.
    pub(super) async fn remind_of_partners(&self) -> Result<u32> {
        let desk = self.order_desk(&itself());
        let now = desk.now;
        let due = async move |tx: &mut Tx| tx.providers_to_remind(now, AT_ONCE).await;
        let mut reminded = 0;
        for id in self.db.read(due).await? {
            let desk = desk.clone();
            let remind = async move |tx: &mut Tx| desk.remind(tx, id).await;
            reminded += u32::from(self.db.write(remind).await?);
        }
        Ok(reminded)
    }
}

impl OrderDesk {
    /// After a mark: proposes to a person, once, if the partner is red now.
    pub(super) async fn propose(
        &self,
        tx: &mut Tx,
        provider: ProviderId,
        order: Option<OrderId>,
        rule: &ColourRule,
    ) -> Result<()> {
        let Some((one, mut kept)) = tx.provider_to_change(provider).await? else {
            return Ok(());
        };
        let before = kept.standing.clone();
        let new = kept.standing.marked(&one, order, rule, self.now);
        if kept.standing == before {
            return Ok(());
        }
        tx.keep_standing(provider, one.stopped, &kept).await?;
        if !new {
            return Ok(());
        }
        let subject = format!("provider:{provider}");
        self.context
            .record(tx, "provider.propose", &subject, &one.record, self.now)
            .await?;
        let what = match one.held(rule) {
            true => "有不安全的投诉，等人看，看过以前先不派新单",
            false => "这些天迟到、差评多，请人看停不停派，现在照常派单",
        };
        let text = format!("{}{what}。{OBJECT}。", one.name);
        let values = [("what", "您的服务等人看停不停派")];
        send(
            self,
            tx,
            one.person,
            "provider_proposed",
            text,
            (SMS, &values),
        )
        .await
    }

    async fn rule(&self, tx: &mut Tx, ruling: RuleOnProvider) -> Result<()> {
        let RuleOnProvider {
            provider,
            verdict,
            why,
        } = ruling;
        let (one, mut kept) = known(tx, provider).await?;
        let (context, now) = (&self.context, self.now);
        context
            .authorise(tx, Action::KeepProvider, at(one.home), &[], now)
            .await?;
        let by = &context.actor;
        let stopped = kept.standing.rule(&one, verdict, &why, by, now);
        let stopped = stopped.map_err(AppError::refused)?;
        kept.stopped_why = stopped.then(|| why.trim().to_owned());
        tx.keep_standing(provider, stopped, &kept).await?;
        tx.see_provider(provider).await?;
        let subject = format!("provider:{provider}");
        context
            .record(tx, "provider.rule", &subject, &kept.standing.last(), now)
            .await?;
        let (says, short) = match verdict {
            Verdict::Stop => ("停派了", "您的服务停派了"),
            Verdict::Clear => ("看过了，不停派", "看过了，您的服务不停派"),
            Verdict::LetIn => ("恢复派单了", "您的服务恢复派单了"),
        };
        let object = match verdict {
            Verdict::Stop => format!("{OBJECT}。"),
            _ => String::new(),
        };
        let text = format!("{}{says}，原因：{}。{object}", one.name, why.trim());
        let values = [("what", short)];
        send(self, tx, one.person, "provider_ruled", text, (SMS, &values)).await
    }

    async fn object(&self, tx: &mut Tx, provider: ProviderId, words: &str) -> Result<()> {
        let (one, mut kept) = known(tx, provider).await?;
        if self.context.actor.person != Some(one.person) {
            return Err(AppError::refused(Refusal::NotYours));
        }
        let rule = self.app.colours_of(&one);
        let said = kept.standing.object(&one, words, &rule, self.now);
        said.map_err(AppError::refused)?;
        tx.keep_standing(provider, one.stopped, &kept).await?;
        let subject = format!("provider:{provider}");
        self.context
            .record(tx, "provider.object", &subject, &(), self.now)
            .await
    }

    async fn remind(&self, tx: &mut Tx, provider: ProviderId) -> Result<bool> {
        let (one, mut kept) = known(tx, provider).await?;
        let Some(waits) = &mut kept.standing.proposal else {
            return Ok(false);
        };
        if !waits.remind(self.now) {
            return Ok(false);
        }
        let times = waits.reminded;
        tx.keep_standing(provider, one.stopped, &kept).await?;
        let subject = format!("provider:{provider}");
        self.context
            .record(tx, "provider.remind", &subject, &times, self.now)
            .await?;
        Ok(true)
    }
}

async fn known(tx: &mut Tx, provider: ProviderId) -> Result<(Provider, ProviderKept)> {
    let known = tx.provider_to_change(provider).await?;
    known.ok_or_else(|| AppError::refused(Refusal::NoSuchProvider))
}
