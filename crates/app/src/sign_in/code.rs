//! 「验证码」 Time-based codes (RFC 6238, 30 seconds, six digits). A code works once.

use crate::{AppError, Result};
use kernel::{Instant, Now};
use store::Login;
use totp_rs::{Builder, Secret, Totp};

/// How long a code is shown, seconds.
const STEP_SECONDS: i64 = 30;

/// The step a code belongs to: `Some` when it may be used now. An account
/// without a code generator needs no code.
pub(super) fn step(account: &Login, code: Option<&str>, now: Now) -> Result<Option<i64>> {
    let Some(secret) = &account.totp else {
        return Ok(Some(account.totp_step));
    };
    let typed: String = code
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let found = generator(secret)?.check(&typed, seconds(now.at));
    let found = found.and_then(|step| i64::try_from(step).ok());
    Ok(found.filter(|step| *step > account.totp_step))
}

/// The code of a secret at a moment: what the generator in a pocket shows.
///
/// # Errors
/// A secret too short.
pub fn code_at(secret: &[u8], at: Instant) -> Result<String> {
    Ok(generator(secret)?.generate(seconds(at)).to_string())
}

/// The first code after `used` that is or will be taken, and in how many seconds.
pub(super) fn next(secret: &[u8], used: i64, now: Now) -> Result<(String, i64)> {
    let present = now.at.timestamp().div_euclid(STEP_SECONDS);
    let step = present.max(used + 1);
    let at = Instant::from_timestamp(step * STEP_SECONDS, 0).unwrap_or(now.at);
    // The generator takes the code of one step ahead.
    let wait = (step - 1) * STEP_SECONDS - now.at.timestamp();
    Ok((code_at(secret, at)?, wait.max(0)))
}

/// What is typed into a generator app: base32.
pub fn setup_key(secret: &[u8]) -> String {
    Secret::from(secret).to_base32()
}

fn generator(secret: &[u8]) -> Result<Totp> {
    let built = Builder::new().with_secret(Secret::from(secret)).build();
    built.map_err(|why| AppError::Fault(format!("验证码钥匙不能用：{why}")))
}

fn seconds(at: Instant) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or(0)
}
