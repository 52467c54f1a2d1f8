//! 「查真假」 Anybody with the code learns what kind of paper it is, of which day, whose
//! office's, whether it still holds and the digests to compare with; nothing of the
//! person but the first character of the name. Wrong codes make the next one wait.

use super::give::{ALPHABET, CODE_LENGTH, spaced};
use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use kernel::{Actor, Date, Role};
use store::{KeptPaper, Tx};

/// How long wrong codes are remembered, hours.
const REMEMBERED_HOURS: i64 = 24;

/// What a stranger learns of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Its code, as printed.
    pub code: String,
    /// What it is.
    pub title: String,
    /// Whose paper.
    pub office: String,
    /// `沈**`
    pub name: String,
    /// The day printed on it.
    pub day: Date,
    /// Whether it still holds.
    pub standing: Standing,
    /// The digest printed on it, whole.
    pub content: String,
    /// The digest of the file.
    pub file: String,
}

/// Whether a paper still holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// 有效
    Holds,
    /// 后来有了新的 A newer one of the kind bears this day.
    Newer(Date),
    /// 决定变了 The decision it tells is no longer in force.
    Replaced,
    /// 先不执行 An appeal holds its effect up.
    Paused,
}

impl Checked {
    /// Whether a digest, as typed or of a file, is this paper's.
    pub fn fits(&self, digest: &str) -> bool {
        let typed: String = digest.chars().filter(char::is_ascii_hexdigit).collect();
        let typed = typed.to_ascii_lowercase();
        // The paper bears the first half.
        typed.len() >= 32 && (self.content.starts_with(&typed) || self.file == typed)
    }
}

/// A code as typed by people: any case, any spaces, O for 0, I and L for 1.
pub fn code_of(typed: &str) -> Option<String> {
    let letters = typed
        .chars()
        .filter(|one| !one.is_whitespace() && !matches!(one, '-' | '－' | '—'));
    let code: String = letters
        .map(|one| match one.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let known = code.bytes().all(|byte| ALPHABET.contains(&byte));
    (known && code.len() == CODE_LENGTH).then_some(code)
}

impl App {
    /// 查文书 What a code's paper is. `source`: where the question comes from, counted
    /// under a keyed hash and forgotten after a day.
    ///
    /// # Errors
    /// [`AppError::BadInput`]: no paper has the code; refused: too many wrong ones.
    pub async fn check_paper(&self, typed: &str, source: &str) -> Result<Checked> {
        let (now, source, typed) = (self.now(), source.to_owned(), typed.to_owned());
        let found = self.db.write(async move |tx| {
            let since = now.at - chrono::TimeDelta::hours(REMEMBERED_HOURS);
            let attempts = tx.paper_guesses(&source, since).await?;
            if let Err(locked) = attempts.may_try(now) {
                return Ok(Err(AppError::refused(locked)));
            }
            let paper = match code_of(&typed) {
                Some(code) => tx.paper_by_code(&code).await?,
                None => None,
            };
            let Some(paper) = paper else {
                let attempts = attempts.after_failure(now);
                tx.paper_guessed(&source, attempts, since, now).await?;
                stranger()
                    .record(tx, "paper.unknown", "paper", &(), now)
                    .await?;
                let says = "没有这个核对码的文书。请对着纸上的码再输一遍，码里没有字母 O、I、L";
                return Ok(Err(AppError::BadInput(says.to_owned())));
            };
            let subject = format!("paper:{}", paper.id);
            stranger()
                .record(tx, "paper.check", &subject, &(), now)
                .await?;
            let standing = standing(tx, &paper).await?;
            Ok::<_, AppError>(Ok(checked(paper, standing)))
        });
        found.await?
    }
}

/// Somebody nobody knows.
fn stranger() -> Context {
    Context {
        actor: Actor {
            account: "visitor".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Own,
        request: String::new(),
    }
}

async fn standing(tx: &mut Tx, paper: &KeptPaper) -> Result<Standing> {
    if let (Some(decision), Some(case)) = (paper.decision, paper.case) {
        let state = tx.case(case).await?.state;
        return Ok(match state.decision() {
            Some(now) if now.id == decision && now.paused => Standing::Paused,
            Some(now) if now.id == decision => Standing::Holds,
            _ => Standing::Replaced,
        });
    }
    let newest = tx.newest_paper(&paper.subject, &paper.kind).await?;
    Ok(match newest.filter(|one| one.id != paper.id) {
        Some(newer) => Standing::Newer(newer.day),
        None => Standing::Holds,
    })
}

fn checked(paper: KeptPaper, standing: Standing) -> Checked {
    let mut letters = paper.name.chars();
    let first = letters.next().map(String::from).unwrap_or_default();
    Checked {
        code: spaced(&paper.code),
        title: paper.title,
        office: paper.office,
        name: first + &"*".repeat(letters.count().max(1)),
        day: paper.day,
        standing,
        content: paper.content,
        file: paper.file,
    }
}
