//! 「打印」 Gives a paper: found by its content if it was given before, printed and
//! kept otherwise. Who may read what it tells may have it.

use super::about::{PaperOffer, all};
use super::content::{of_case, of_statement, wanted};
use crate::case::FILE;
use crate::{App, AppError, Context, Result};
use chrono::Datelike as _;
use engine_case::Case;
use kernel::{CaseId, Date, DecisionId, DocumentId, HouseholdId, Period};
use papers::{Body, Head, Paper};
use store::{KeptPaper, Tx, digest_hex};

/// Letters and digits of codes: none that looks like another (Crockford).
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code: 60 bits.
pub(super) const CODE_LENGTH: usize = 12;

/// Where people check papers, as the house is reached from outside. Set by who runs
/// it: an address taken from a request would let its sender print it on a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperAddress {
    /// `https://host`, without a slash at the end.
    pub base: String,
    /// `平湖市民政局`
    pub office: String,
}

/// A printed paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// Its title.
    pub title: String,
    /// Its code, as printed.
    pub code: String,
    /// The PDF.
    pub pdf: Vec<u8>,
}

/// A paper before it has a code.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) subject: String,
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) name: String,
    pub(super) number: String,
    pub(super) day: Date,
    pub(super) body: Body,
    pub(super) case: Option<CaseId>,
    pub(super) decision: Option<DecisionId>,
}

impl App {
    /// 打印办件的文书 A paper of a case: `what` as its pages offer it.
    ///
    /// # Errors
    /// A refusal; the case has no such paper; a character nobody has letters for.
    pub async fn print_of_case(
        &self,
        ctx: &Context,
        case: CaseId,
        what: &str,
        address: &PaperAddress,
    ) -> Result<Printed> {
        let (desk, what) = (self.desk(ctx), what.to_owned());
        let draft = self.db.look(async move |tx| {
            let state = tx.case(case).await?.state;
            let permit = desk.reads(tx, &state, FILE).await?;
            let desk = desk.under(&state)?;
            let (offer, of) = wanted(all(tx, case, &state).await?, &what)?;
            let told = crate::resident::tell(tx, &desk, case, &state, &permit).await?;
            let body = of_case(tx, &desk, &state, &told, &of).await?;
            Ok::<_, AppError>(draft_of(case, &state, offer, told.applicant, body))
        });
        self.give(ctx, draft.await?, address).await
    }

    /// 打印清单 The statement of a household for some months.
    ///
    /// # Errors
    /// As [`App::statement`]; a character nobody has letters for.
    pub async fn print_statement(
        &self,
        ctx: &Context,
        household: Option<HouseholdId>,
        (from, through): (Period, Period),
        address: &PaperAddress,
    ) -> Result<Printed> {
        let check = self.check_household(ctx, household).await?;
        let statement = self.statement(ctx, check.household, from, through).await?;
        let head = check.people.first().map(|one| one.name.clone());
        let name = head.unwrap_or_default();
        let whose = format!("{name}一家，{} 口人", check.people.len());
        let title = self.law.pack.brand("statement").unwrap_or("到账清单");
        let draft = Draft {
            subject: format!("household:{}", check.household),
            kind: "statement".to_owned(),
            title: title.to_owned(),
            name,
            number: String::new(),
            day: self.now().today(),
            body: Body::Statement(of_statement(&statement, &whose, check.solemn)),
            case: None,
            decision: None,
        };
        self.give(ctx, draft, address).await
    }

    pub(super) async fn give(
        &self,
        ctx: &Context,
        draft: Draft,
        address: &PaperAddress,
    ) -> Result<Printed> {
        let body =
            serde_json::to_vec(&draft.body).map_err(|why| AppError::Fault(why.to_string()))?;
        // What it is, whose and of which day belongs to what must not be changed.
        let about = (
            &draft.subject,
            &draft.kind,
            &draft.title,
            draft.day,
            &address.office,
        );
        let about = serde_json::to_vec(&about).map_err(|why| AppError::Fault(why.to_string()))?;
        let content = digest_hex(&[about, body].concat());
        if let Some(before) = self.given_before(ctx, &content).await? {
            return Ok(before);
        }
        let code = new_code()?;
        let paper = Paper {
            head: Head {
                title: draft.title.clone(),
                office: address.office.clone(),
                number: draft.number.clone(),
                day: (draft.day.year(), draft.day.month(), draft.day.day()),
                code: spaced(&code),
                check: format!("{}/papers", bare(&address.base)),
                square: format!("{}/papers/{}", address.base, spaced(&code)),
                digest: grouped(&content),
            },
            body: draft.body.clone(),
        };
        let letters = self.letters.clone();
        let printed = tokio::task::spawn_blocking(move || papers::print(&paper, &letters)).await;
        let printed = printed.map_err(|why| AppError::Fault(why.to_string()))?;
        let pdf = printed.map_err(|why| match why {
            papers::Fault::Letters(_) => AppError::BadInput(why.to_string()),
            papers::Fault::Broken(_) => AppError::Fault(why.to_string()),
        })?;
        self.keep_printed(ctx, draft, (code, content, address.office.clone()), pdf)
            .await
    }

    async fn given_before(&self, ctx: &Context, content: &str) -> Result<Option<Printed>> {
        let (ctx, now, content) = (ctx.clone(), self.now(), content.to_owned());
        self.db
            .write(async move |tx| match tx.paper_by_content(&content).await? {
                Some(paper) => {
                    let subject = paper.subject.clone();
                    ctx.record(tx, "paper.print", &subject, &paper.id, now)
                        .await?;
                    printed(tx, paper).await.map(Some)
                }
                None => Ok(None),
            })
            .await
    }

    async fn keep_printed(
        &self,
        ctx: &Context,
        draft: Draft,
        (code, content, office): (String, String, String),
        pdf: Vec<u8>,
    ) -> Result<Printed> {
        let (ctx, now) = (ctx.clone(), self.now());
        self.db
            .write(async move |tx| {
                let paper = KeptPaper {
                    id: DocumentId(tx.next_id("document").await?),
                    code: code.clone(),
                    subject: draft.subject.clone(),
                    kind: draft.kind.clone(),
                    title: draft.title.clone(),
                    office: office.clone(),
                    name: draft.name.clone(),
                    day: draft.day,
                    content: content.clone(),
                    file: digest_hex(&pdf),
                    case: draft.case,
                    decision: draft.decision,
                };
                let subject = &paper.subject;
                ctx.record(tx, "paper.print", subject, &paper.id, now)
                    .await?;
                let paper = match tx.keep_paper(&paper, &pdf, now).await? {
                    true => paper,
                    // Somebody printed it in the same moment: theirs is the paper.
                    false => {
                        let theirs = tx.paper_by_content(&content).await?;
                        theirs.ok_or_else(|| AppError::Fault("a paper went away".to_owned()))?
                    }
                };
                printed(tx, paper).await
            })
            .await
    }
}

fn draft_of(id: CaseId, case: &Case, offer: PaperOffer, name: String, body: Body) -> Draft {
    let is_decision = offer.what == "decision";
    Draft {
        subject: format!("case:{id}"),
        kind: offer.what,
        title: offer.title,
        name,
        number: format!("办件号 {id}"),
        day: offer.day,
        body,
        case: Some(id),
        decision: case.decision().filter(|_| is_decision).map(|one| one.id),
    }
}

async fn printed(tx: &mut Tx, paper: KeptPaper) -> Result<Printed> {
    let document = tx.document(paper.id).await?;
    Ok(Printed {
        title: paper.title,
        code: spaced(&paper.code),
        pdf: document.body,
    })
}

/// A random code.
pub(crate) fn new_code() -> Result<String> {
    let mut bytes = [0_u8; CODE_LENGTH];
    getrandom::fill(&mut bytes).map_err(|why| AppError::Fault(why.to_string()))?;
    let letters = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    Ok(letters.collect())
}

/// `7KQM-2X9D-HTRW`.
pub(super) fn spaced(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups = letters
        .chunks(4)
        .map(|four| four.iter().collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

/// The first half of a digest, in fours: short enough to compare by eye.
fn grouped(digest: &str) -> String {
    let letters: Vec<char> = digest.chars().take(32).collect();
    let groups = letters
        .chunks(4)
        .map(|four| four.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

/// An address as people write it.
fn bare(base: &str) -> &str {
    base.split_once("://").map_or(base, |(_, rest)| rest)
}
