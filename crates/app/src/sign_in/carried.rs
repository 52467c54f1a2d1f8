//! 「带着走」 A form whose sender must first prove who they are, or sign in again: kept
//! sealed while they do, given back filled, never sent by itself.

use super::{Token, digest, new_token};
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use store::Tx;

/// How long a form is kept.
const MINUTES: i64 = 30;
const KIND: &str = "form";

/// A form as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedForm {
    /// Where it was sent.
    pub action: String,
    /// The page it stood on.
    pub back: String,
    /// Its fields, in order.
    pub fields: Vec<(String, String)>,
}

impl App {
    /// Keeps a form of the actor's; gives what to ask for it with.
    ///
    /// # Errors
    /// The store's.
    pub async fn carry_form(&self, ctx: &Context, form: &CarriedForm) -> Result<Token> {
        self.keep_form(&ctx.actor.account, form).await
    }

    /// The same for somebody whose session ended meanwhile: kept for the account the
    /// session was of, and given to nobody else. `None`: nobody knows whose it was.
    ///
    /// # Errors
    /// The store's.
    pub async fn carry_form_over(
        &self,
        ended: &Token,
        form: &CarriedForm,
    ) -> Result<Option<Token>> {
        let digest = digest(ended);
        let read = async move |tx: &mut Tx| Ok::<_, AppError>(tx.session(&digest).await?);
        match self.db.read(read).await? {
            Some((account, _)) => self.keep_form(&account, form).await.map(Some),
            None => Ok(None),
        }
    }

    async fn keep_form(&self, account: &str, form: &CarriedForm) -> Result<Token> {
        let (token, now) = (new_token()?, self.now());
        let key = key(account, &token.0);
        let form = form.clone();
        self.db
            .write(async move |tx| {
                let until = now.at + TimeDelta::minutes(MINUTES);
                tx.set_aside(KIND, &key, &form, until, now).await?;
                Ok::<_, AppError>(())
            })
            .await?;
        Ok(token)
    }

    /// The form the actor left, as often as it is looked at; nobody else's.
    ///
    /// # Errors
    /// The store's.
    pub async fn carried_form(&self, ctx: &Context, token: &str) -> Result<Option<CarriedForm>> {
        let (key, now) = (key(&ctx.actor.account, token), self.now());
        self.db
            .read(async move |tx| Ok::<_, AppError>(tx.look_aside(KIND, &key, now).await?))
            .await
    }
}

fn key(account: &str, token: &str) -> String {
    format!("{account}/{token}")
}
