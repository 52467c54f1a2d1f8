//! 「账号」 Opened by a security administrator for a person and one role; the role
//! itself is granted apart (`App::grant`), so an account alone may do nothing.

use super::password;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Attempts, Record, Refusal};
use kernel::{FieldLevel, Now, PersonId, Role};
use store::{Login, Tx};

/// The shortest password.
const PASSWORD_CHARS_MIN: usize = 12;

/// An account to open.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// What is typed to sign in.
    pub login: String,
    /// For whom.
    pub person: PersonId,
    /// In which role.
    pub role: Role,
    /// The name shown to colleagues.
    pub name: String,
    /// At least twelve characters; `None`: signs in elsewhere.
    pub password: Option<String>,
    /// The shared secret of a code generator; staff need one.
    pub totp: Option<Vec<u8>>,
}

/// Accounts are the security administrators' business; they belong to no place.
pub(super) async fn may_open(ctx: &Context, tx: &mut Tx, now: Now) -> Result<()> {
    let nowhere = Record::of_place(None, FieldLevel::L1);
    ctx.authorise(tx, Action::GrantRole, nowhere, &[], now)
        .await?;
    Ok(())
}

impl App {
    /// 开账号 Opens an account; told again, nothing changes.
    ///
    /// # Errors
    /// Refused to anybody but a security administrator, and for staff without a
    /// code generator or with too short a password; the store's.
    pub async fn open_account(&self, ctx: &Context, new: NewAccount) -> Result<()> {
        let is_staff = !matches!(new.role, Role::Citizen | Role::Agent);
        if is_staff && new.password.is_some() && new.totp.is_none() {
            let says = "工作人员的账号要配验证码生成器".to_owned();
            return Err(AppError::BadInput(says));
        }
        let short = |text: &String| text.chars().count() < PASSWORD_CHARS_MIN;
        if new.password.as_ref().is_some_and(short) {
            return Err(AppError::refused(Refusal::Password));
        }
        let password = match new.password {
            Some(password) => Some(password::kept(password).await?),
            None => None,
        };
        let account = Login {
            login: new.login.trim().to_owned(),
            person: Some(new.person),
            role: new.role,
            name: new.name,
            password,
            totp: new.totp,
            totp_step: 0,
            attempts: Attempts::default(),
            closed: false,
        };
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                may_open(&ctx, tx, now).await?;
                if tx.open_login(&account).await? {
                    let what = (&account.login, account.person, account.role);
                    ctx.record(tx, "account.open", "account", &what, now)
                        .await?;
                }
                Ok(())
            })
            .await
    }

    /// 换密码 Sets a new password and ends every session of the account.
    ///
    /// # Errors
    /// As [`App::sign_in`] when the old one is wrong; the store's.
    pub async fn change_password(&self, login: &str, old: &str, new: String) -> Result<()> {
        if new.chars().count() < PASSWORD_CHARS_MIN {
            return Err(AppError::refused(Refusal::Password));
        }
        let (name, now) = (login.to_owned(), self.now());
        let account = self
            .db
            .read(async move |tx| Ok::<_, AppError>(tx.login(&name).await?))
            .await?;
        let kept = account.as_ref().and_then(|one| one.password.clone());
        if !password::is_right(old.to_owned(), kept).await? {
            return Err(AppError::refused(Refusal::SignIn));
        }
        let text = password::kept(new).await?;
        let login = login.to_owned();
        self.db
            .write(async move |tx| {
                let Some(mut account) = tx.login(&login).await? else {
                    return Err(AppError::refused(Refusal::SignIn));
                };
                account.password = Some(text.clone());
                tx.save_login(&account).await?;
                tx.end_sessions_of(&login).await?;
                let ctx = super::signing_in(&account);
                ctx.record(tx, "account.password", "account", &login, now)
                    .await
            })
            .await
    }
}
