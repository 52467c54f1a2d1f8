//! 「慈善组织」 Writing down who keeps funds, and what a person says who looked at a limit that
//! was crossed.

use super::{Room, wrong};
use crate::{App, Context, Result};
use engine_access::Action;
use engine_ledger::Standing;
use kernel::{Date, FundOrgId, Slug};
use serde::Serialize;
use store::fund_org::{FundLook, FundOrg};
use store::{Reply, Tx};

/// An organisation to be written down.
#[derive(Clone, Debug, Serialize)]
pub struct NewOrg {
    /// Which book its funds are in.
    pub book: Slug,
    /// One of the book's kinds.
    pub kind: Slug,
    /// Its name.
    pub name: String,
    /// From this day on every entry of its is written here.
    pub books_from: Date,
}

/// What a person says who looked at a limit that was crossed.
#[derive(Clone, Debug, Serialize)]
pub struct NewLook {
    /// Whose year.
    pub org: FundOrgId,
    /// The year.
    pub year: i32,
    /// Which limit.
    pub limit: Slug,
    /// What came of it; public, nobody's name.
    pub says: String,
}

impl App {
    /// 登记慈善组织
    ///
    /// # Errors
    /// A refusal; bad input in words.
    pub async fn open_fund_org(&self, ctx: &Context, new: NewOrg) -> Result<Reply<FundOrgId>> {
        let key = ctx.key("fund.org", &new)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.open_org(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }

    /// 看过了 Only of a limit that was crossed; what was said before stays.
    ///
    /// # Errors
    /// A refusal; bad input in words.
    pub async fn look_at_limit(&self, ctx: &Context, new: NewLook) -> Result<Reply<()>> {
        let key = ctx.key("fund.look", &new)?;
        let room = self.book_room(ctx);
        let write = async move |tx: &mut Tx| {
            let does = async |tx: &mut Tx| room.look_at_limit(tx, &new).await;
            tx.idempotent(&key, room.now, does).await
        };
        self.db.write(write).await
    }
}

impl Room {
    async fn open_org(&self, tx: &mut Tx, new: &NewOrg) -> Result<FundOrgId> {
        self.may_keep(tx, Action::KeepBook).await?;
        let ty = self.app.book_type(&new.book)?;
        let known = ty.fund().map(|rules| &rules.orgs);
        if !known.is_some_and(|all| all.contains_key(&new.kind)) {
            return Err(wrong("请选是哪一种组织"));
        }
        let name = new.name.trim();
        if name.is_empty() {
            return Err(wrong("请写组织叫什么"));
        }
        if new.books_from > self.now.today() {
            return Err(wrong("账从哪天记起，不能晚于今天"));
        }
        if tx
            .fund_orgs(&ty.id)
            .await?
            .iter()
            .any(|one| one.name == name)
        {
            return Err(wrong("这个组织已经登记过了"));
        }
        let org = FundOrg {
            id: FundOrgId(tx.next_id("fund_org").await?),
            book: ty.id.clone(),
            kind: new.kind.clone(),
            name: name.to_owned(),
            region: self.county()?,
            books_from: new.books_from,
        };
        tx.open_fund_org(&org).await?;
        self.put_org(tx, "fund.org_opened", org.id, new).await?;
        Ok(org.id)
    }

    async fn look_at_limit(&self, tx: &mut Tx, new: &NewLook) -> Result<()> {
        self.may_keep(tx, Action::KeepBook).await?;
        let by = self.me()?;
        let says = new.says.trim();
        if says.is_empty() {
            return Err(wrong("请写看了以后怎么样"));
        }
        let org = tx.fund_org(new.org).await?;
        let of = self.org_year(tx, org, new.year).await?;
        let check = of.checks.iter().find(|one| one.limit.id == new.limit);
        let crossed = check.filter(|one| one.standing == Standing::Crossed);
        let counted = crossed.and_then(|one| one.counted);
        let counted = counted.ok_or_else(|| wrong("这一条现在没有越线，不用写"))?;
        let look = FundLook {
            org: new.org,
            year: new.year,
            rule: new.limit.clone(),
            day: self.now.today(),
            counted,
            says: says.to_owned(),
            by,
        };
        tx.keep_fund_look(of.said_of(&new.limit).len(), &look)
            .await?;
        self.put_org(tx, "fund.limit_looked_at", new.org, new).await
    }

    async fn put_org<D: Serialize>(
        &self,
        tx: &mut Tx,
        action: &str,
        id: FundOrgId,
        details: &D,
    ) -> Result<()> {
        let subject = format!("fund_org:{id}");
        let done = self.ctx.record(tx, action, &subject, details, self.now);
        done.await
    }
}
