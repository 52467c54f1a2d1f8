//! 「密码」 Kept as argon2id texts. Hashing is slow on purpose and runs beside the
//! requests, never among them.

use crate::{AppError, Result};
use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use std::sync::LazyLock;
use tokio::task::spawn_blocking;

/// Checked when there is no account, so that its absence takes as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password"));

/// The text to keep of a password.
pub(super) async fn kept(password: String) -> Result<String> {
    let hashed = spawn_blocking(move || hash(&password)).await;
    let hashed = hashed.map_err(|why| AppError::Fault(why.to_string()))?;
    hashed.ok_or_else(|| AppError::Fault("密码没能保存".to_owned()))
}

/// Whether a password fits; without a kept text it never does.
pub(super) async fn is_right(password: String, kept: Option<String>) -> Result<bool> {
    let checked = spawn_blocking(move || {
        let exists = kept.is_some();
        let text = kept.or_else(|| NOBODY.clone());
        let hash = text.as_deref().map(PasswordHash::new);
        let fits = hash.is_some_and(|hash| {
            hash.is_ok_and(|hash| {
                let argon2 = Argon2::default();
                argon2.verify_password(password.as_bytes(), &hash).is_ok()
            })
        });
        fits && exists
    });
    checked
        .await
        .map_err(|why| AppError::Fault(why.to_string()))
}

fn hash(password: &str) -> Option<String> {
    let hashed = Argon2::default().hash_password(password.as_bytes()).ok()?;
    Some(hashed.to_string())
}
