//! 「账本」 People's time and points, and funds open to everybody: who may, whose account,
//! how it is booked. Every movement is a transfer of engine-ledger that sums to zero; what
//! may be earned in a month is an account with a ceiling, so that no two writers at once
//! can go beyond it. Absent on purpose: rules (the engine's), amounts and limits (packs').

mod accounts;
mod fund;
mod gifts;
mod keep;
mod open;
mod orgs;
mod own;
pub(crate) mod posting;
mod public;
mod read;
mod tick;
mod yearly;

#[cfg(test)]
mod tests;

pub use fund::{NewDonation, NewFund, NewSpending};
pub use gifts::OwnGift;
pub use keep::Credit;
pub use orgs::{NewLook, NewOrg};
pub use own::{ByOrder, NewClaim, NewGift};
pub use public::{FundLine, FundView, PurposeLine};
pub use read::{BookDesk, BookSums, ClaimLine, Entry, LimitLine, LotLine, OwnBook, PartEntries};
pub use store::fund::{Fund, FundShown, Spending, SpendingStage};
pub use store::fund_org::{FundLook, FundOrg};
pub use store::ledger::ClaimStage;
pub use tick::BooksTicked;
pub use yearly::{OrgYear, OrgYearView, YearEntry, YearPart};

use crate::{App, AppError, Context, Result};
use engine_access::{Action, Purpose, Record, RecordState};
use engine_ledger::{BookType, Kind};
use kernel::{Actor, FieldLevel, Now, PersonId, PersonNumber, RegionCode, Role, Slug};
use std::sync::Arc;
use store::Tx;

/// One use case: the house, who asks, when.
#[derive(Clone)]
pub(crate) struct Room {
    pub(crate) app: App,
    pub(crate) ctx: Context,
    pub(crate) now: Now,
}

impl App {
    /// The books of the law in force.
    pub fn books(&self) -> &[Arc<BookType>] {
        self.law.pack.books()
    }

    /// A book of the law in force, or of an earlier one.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn book_type(&self, id: &Slug) -> Result<Arc<BookType>> {
        let now = self.law.pack.book(id.as_str());
        let earlier = || {
            self.earlier_laws()
                .find_map(|law| law.pack.book(id.as_str()))
        };
        let found = now.or_else(earlier).cloned();
        found.ok_or_else(|| wrong(&format!("没有“{id}”这本账")))
    }

    pub(crate) fn book_room(&self, ctx: &Context) -> Room {
        Room {
            app: self.clone(),
            ctx: ctx.clone(),
            now: self.now(),
        }
    }
}

impl Room {
    /// Whose account it is when somebody looks after themselves.
    fn me(&self) -> Result<PersonId> {
        let me = self.ctx.actor.person;
        me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))
    }

    /// May this be done about one's own account.
    async fn may_own(&self, tx: &mut Tx, action: Action, me: PersonId) -> Result<()> {
        let record = Record {
            region: None,
            subjects: vec![me],
            state: RecordState::Open,
            level: FieldLevel::L3,
        };
        let may = self.ctx.authorise(tx, action, record, &[], self.now);
        may.await.map(drop)
    }

    /// May the county's books be kept or read.
    async fn may_keep(&self, tx: &mut Tx, action: Action) -> Result<()> {
        let record = Record::of_place(self.county()?, FieldLevel::L3);
        let may = self.ctx.authorise(tx, action, record, &[], self.now);
        may.await.map(drop)
    }

    fn county(&self) -> Result<RegionCode> {
        let none = || AppError::Fault("政策包没有写地区".to_owned());
        self.app.law.pack.region().ok_or_else(none)
    }

    /// A way in or out of a book that does this.
    fn kind(&self, ty: &BookType, id: &Slug, does: engine_ledger::Does) -> Result<Kind> {
        let kind = ty.kind(id).filter(|kind| kind.does == does);
        kind.cloned().ok_or_else(|| wrong("请从列出的种类里选一样"))
    }

    /// Number and name must both be theirs.
    async fn named(&self, tx: &mut Tx, number: PersonNumber, name: &str) -> Result<PersonId> {
        for person in tx.people_with(number).await? {
            if crate::worklist::name_in(tx, person).await? == name.trim() {
                return Ok(person);
            }
        }
        Err(wrong("没有找到这个人：姓名和身份证号要对得上，请核对一下"))
    }
}

/// The house itself: what the calendar does, and what everybody may see.
fn itself() -> Context {
    Context {
        actor: Actor {
            account: "rounds".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Duty,
        request: "rounds".to_owned(),
    }
}

fn wrong(says: &str) -> AppError {
    AppError::BadInput(says.to_owned())
}
