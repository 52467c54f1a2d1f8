//! 「打给谁」 Whom the ladder wants rung up at home: each name and number, whole, for the
//! operator who works on the open incident and for nobody else; every look is on record.
//! Without a number nobody can be called, so it is shown, not masked; a number nobody
//! has is said to be missing.

use super::about::registered;
use super::tell;
use crate::{App, AppError, Context, Result};
use engine_access::Action;
use engine_order::{Order, What, Whom};
use kernel::{OrderId, PersonId};
use store::Tx;

/// Somebody to ring up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who.
    pub person: PersonId,
    /// Their name; empty where the register has none.
    pub name: String,
    /// Their whole number; `None`: nobody has one.
    pub phone: Option<String>,
}

/// The contacts of an incident, as far as who looks may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts {
    /// The ladder calls nobody at home now.
    NotCalled,
    /// Somebody else works on it, or nobody yet: answer, or take it over, first.
    NotYours,
    /// Whom to ring up; empty: the register knows nobody.
    Shown(Vec<Contact>),
}

impl App {
    /// 家里的联系人 Whom to ring up at home, for whoever answered the incident, made
    /// a call of it, or takes it over now (`take`).
    ///
    /// # Errors
    /// A refusal; no such order; the store's.
    pub async fn order_contacts(
        &self,
        context: &Context,
        order: OrderId,
        take: bool,
    ) -> Result<Contacts> {
        let desk = self.order_desk(context);
        self.db
            .look(async move |tx| {
                let state = tx.order(order).await?.state;
                let Some(asked) = state.requested.clone() else {
                    return Ok(Contacts::NotCalled);
                };
                let ty = desk.app.order_type(&asked.ty)?;
                if !ty.alarm || !called(&state) {
                    return Ok(Contacts::NotCalled);
                }
                let permit = desk
                    .permit(tx, Action::Dispatch, &state, &asked, &ty)
                    .await?;
                let works = take || works_on(&desk.context, tx, order, &state).await?;
                if permit.level < ty.level || !works {
                    return Ok(Contacts::NotYours);
                }
                let mut shown = Vec::new();
                for person in tell::contacts(&desk, tx, &state).await? {
                    let about = registered(tx, person, desk.now).await?.about;
                    shown.push(Contact {
                        person,
                        name: about.name,
                        phone: about.phone,
                    });
                }
                let people: Vec<PersonId> = shown.iter().map(|one| one.person).collect();
                let subject = format!("order:{order}");
                let told = (take, &people);
                desk.context
                    .record(tx, "order.contacts", &subject, &told, desk.now)
                    .await?;
                // Each whose number was read finds it in their own list of readings.
                for person in people {
                    let subject = format!("person:{person}");
                    let told = ("mobile", format!("工单 {order} 要打电话"));
                    desk.context
                        .record(tx, "person.unmask", &subject, &told, desk.now)
                        .await?;
                }
                Ok::<_, AppError>(Contacts::Shown(shown))
            })
            .await
    }
}

fn called(order: &Order) -> bool {
    let mut calls = order.calls_to_make();
    calls.any(|(_, one)| one.who == Whom::FamilyContacts)
}

/// Whoever answered the incident, or did a call of it, works on it.
async fn works_on(context: &Context, tx: &mut Tx, id: OrderId, order: &Order) -> Result<bool> {
    let Some(me) = context.actor.person else {
        return Ok(false);
    };
    let answered = order.answered.as_ref();
    if answered.is_some_and(|one| one.by.person == Some(me)) {
        return Ok(true);
    }
    let history = tx.order_history(id).await?;
    Ok(history.iter().any(|one| {
        let works = matches!(one.event.what, What::Answered | What::CallMade { .. });
        works && one.actor.person == Some(me)
    }))
}
