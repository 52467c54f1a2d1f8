//! 「签授权书」 The household's authorisation: signed, completed, withdrawn. Adults
//! sign themselves, a guardian signs for a child; nobody signs for the case of
//! another family.

use crate::App;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_access::{Action, Record};
use engine_case::{Case, Opened};
use engine_pool::authorisation::{Capacity, Scope, Signature};
use engine_pool::{Authorisation, AuthorisationCommand, Refusal, authorise};
use kernel::{AuthorisationId, CaseId, Date, FieldLevel, Now, PersonId};
use serde::Serialize;
use std::collections::BTreeMap;
use store::Tx;

/// A paper as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signing {
    /// The case it is for.
    pub case: CaseId,
    /// Member → who signed.
    pub signatures: BTreeMap<PersonId, Signature>,
    /// What may be checked.
    pub scope: Scope,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl App {
    /// 签署核对授权 Takes in a signed paper; the same request again is the same paper.
    ///
    /// # Errors
    /// [`AppError::Refused`]: no right, nobody signed, an adult signed for by another.
    pub async fn sign_authorisation(
        &self,
        ctx: &Context,
        signing: Signing,
    ) -> Result<AuthorisationId> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let key = ctx.key("authorise", &signing)?;
                let act = async |tx: &mut Tx| sign(tx, &ctx, &signing, now).await;
                Ok(tx.idempotent(&key, now, act).await?.value)
            })
            .await
    }

    /// 补签 Takes in one more member's signature.
    ///
    /// # Errors
    /// [`AppError::Refused`].
    pub async fn add_signature(
        &self,
        ctx: &Context,
        id: AuthorisationId,
        member: PersonId,
        signature: Signature,
    ) -> Result<()> {
        let by = ctx.actor.clone();
        let command = AuthorisationCommand::AddSignature {
            member,
            signature,
            by,
        };
        self.change_authorisation(ctx, id, command).await
    }

    /// 撤回核对授权 Holds at once: nobody is asked any more.
    ///
    /// # Errors
    /// [`AppError::Refused`], also for someone who never signed.
    pub async fn withdraw_authorisation(
        &self,
        ctx: &Context,
        id: AuthorisationId,
        person: PersonId,
    ) -> Result<()> {
        let by = ctx.actor.clone();
        let command = AuthorisationCommand::Withdraw { person, by };
        self.change_authorisation(ctx, id, command).await
    }

    async fn change_authorisation(
        &self,
        ctx: &Context,
        id: AuthorisationId,
        command: AuthorisationCommand,
    ) -> Result<()> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let loaded = tx.authorisation(id).await?;
                let opened = may(tx, &ctx, loaded.state.case, now).await?;
                if let AuthorisationCommand::AddSignature {
                    member, signature, ..
                } = &command
                {
                    proper(&opened, *member, signature).map_err(AppError::refused)?;
                }
                let events = authorise(Some(&loaded.state), command.clone(), now);
                let events = events.map_err(AppError::refused)?;
                let changed = events.iter().fold(Some(loaded.state), Authorisation::apply);
                if let Some(paper) = changed {
                    tx.save_authorisation(loaded.version, &paper, &ctx.actor, now)
                        .await?;
                }
                let subject = format!("authorisation:{id}");
                ctx.record(tx, "authorisation_changed", &subject, &events, now)
                    .await
            })
            .await
    }
}

pub(crate) async fn sign(
    tx: &mut Tx,
    ctx: &Context,
    signing: &Signing,
    now: Now,
) -> Result<AuthorisationId> {
    let opened = may(tx, ctx, signing.case, now).await?;
    for (member, signature) in &signing.signatures {
        proper(&opened, *member, signature).map_err(AppError::refused)?;
    }
    let id = AuthorisationId(tx.next_id("authorisation").await?);
    let paper = Authorisation {
        id,
        household: opened.household,
        case: signing.case,
        signatures: signing.signatures.clone(),
        scope: signing.scope.clone(),
        from: signing.from,
        to: signing.to,
        withdrawn: None,
    };
    let by = ctx.actor.clone();
    let paper = Box::new(paper);
    let events = authorise(None, AuthorisationCommand::Sign { paper, by }, now);
    let events = events.map_err(AppError::refused)?;
    let signed = events.iter().fold(None, Authorisation::apply);
    if let Some(paper) = signed {
        tx.keep_authorisation(&paper, &ctx.actor, now).await?;
    }
    let subject = format!("authorisation:{id}");
    ctx.record(tx, "authorisation_signed", &subject, &events, now)
        .await?;
    Ok(id)
}

/// Adults sign themselves; for a child an adult of the household or a guardian
/// outside it signs. Only members of the case's household are covered.
fn proper(opened: &Opened, member: PersonId, signature: &Signature) -> Result<(), Refusal> {
    let whose = opened.members.iter().find(|one| one.person == member);
    let adult = whose.ok_or(Refusal::NotOfTheHousehold { member })?.adult;
    let guardian = opened.members.iter().find(|one| one.person == signature.by);
    match (signature.capacity, adult) {
        (Capacity::Own, true) => Ok(()),
        (Capacity::Own, false) => Err(Refusal::MinorSigned { member }),
        (Capacity::Guardian, true) => Err(Refusal::SignedByAnother { member }),
        (Capacity::Guardian, false) => match guardian.is_none_or(|guardian| guardian.adult) {
            true => Ok(()),
            false => Err(Refusal::MinorSigned {
                member: signature.by,
            }),
        },
    }
}

async fn may(tx: &mut Tx, ctx: &Context, case: CaseId, now: Now) -> Result<Opened> {
    let case: Case = tx.case(case).await?.state;
    let Some(opened) = case.opened else {
        return Err(AppError::refused(Refusal::NotForThisCase));
    };
    let record = Record {
        region: Some(opened.region),
        subjects: opened.members.iter().map(|one| one.person).collect(),
        state: crate::case::record_state(case.phase),
        level: FieldLevel::L3,
    };
    ctx.authorise(tx, Action::Authorise, record, &[], now)
        .await?;
    Ok(opened)
}
