//! 「数据服务」 A party asks by its agreement. Believed by signature, time and a nonce that
//! counts once; allowed by agreement, purpose and fields; as often as agreed; every
//! question is a row in the audit, answered or not. Whatever was not agreed is refused in
//! one voice. Somebody nobody knows and somebody nobody can say anything of sound the
//! same. Absent: HTTP, which is web's.

mod answer;
mod told;

pub use answer::Answered;
pub use engine_pool::ask::AskKind;
pub use told::{AskLine, AskTold};

use crate::signing::{KeyRing, SignatureError, SignedHeaders, WINDOW_SECONDS};
use crate::{App, AppError, Context, Result};
use chrono::TimeDelta;
use engine_access::{Action, Grant, Holder, Purpose, Record};
use engine_pool::ask::Question;
use engine_pool::{Agreement, AgreementRefusal, PurposeKind};
use kernel::{Actor, FieldLevel, Instant, PersonNumber, Role, Slug};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use store::Tx;

/// The longest question, bytes.
pub const QUESTION_BYTES_MAX: usize = 16 << 10;
/// The longest reference.
const REFERENCE_MAX: usize = 80;

/// A question, as its body says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// About whom: the number of a document. Not for counts.
    #[serde(default)]
    pub id_no: Option<String>,
    /// Which benefit, for `receives`.
    #[serde(default)]
    pub benefit: Option<Slug>,
    /// Which fields, for `records`; none: all that were agreed.
    #[serde(default)]
    pub fields: BTreeSet<Slug>,
    /// What for.
    pub purpose: PurposeKind,
    /// The asker's own number of the matter.
    pub reference: String,
}

/// A question as it came.
pub struct AskHead<'a> {
    /// The signature's headers.
    pub signed: &'a SignedHeaders,
    /// Path and query, as signed.
    pub path: &'a str,
    /// What kind of question the address says it is.
    pub kind: AskKind,
    /// The category of the address, for records.
    pub category: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AskTurned {
    /// Who asks is not believed.
    #[error("{0}")]
    Signature(#[from] SignatureError),
    /// It cannot be read.
    #[error("问题读不懂：{0}")]
    Unreadable(String),
    /// It was not agreed: which part of it, the audit knows.
    #[error("协议里没有约定这样问，或者协议不在有效期")]
    NotAgreed,
    /// More than was agreed for a day.
    #[error("今天问的次数到了协议约定的上限，请明天再问")]
    TooMany,
    /// The house itself.
    #[error(transparent)]
    Broken(#[from] AppError),
}

impl From<store::StoreError> for AskTurned {
    fn from(why: store::StoreError) -> AskTurned {
        AskTurned::Broken(why.into())
    }
}

impl AskTurned {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            AskTurned::Signature(SignatureError::Replayed) => "ask.replayed",
            AskTurned::Signature(SignatureError::Stale) => "ask.stale",
            AskTurned::Signature(_) => "ask.signature",
            AskTurned::Unreadable(_) => "ask.unreadable",
            AskTurned::NotAgreed => "ask.not_agreed",
            AskTurned::TooMany => "ask.too_many",
            AskTurned::Broken(_) => "fault",
        }
    }
}

/// A question that was believed and read.
#[derive(Clone, Debug)]
struct Believed {
    party: Slug,
    question: Question,
    number: Option<PersonNumber>,
    purpose: PurposeKind,
    reference: String,
}

impl App {
    /// A signed request's nonce counts once, in this database, for as long as its time
    /// may be believed.
    pub(crate) async fn use_nonce(&self, signed: &SignedHeaders) -> Result<bool> {
        let now = self.now();
        let until: Instant = now.at + TimeDelta::seconds(2 * WINDOW_SECONDS);
        let (key, nonce) = (signed.key.clone(), signed.nonce.clone());
        let once = async move |tx: &mut Tx| tx.use_nonce(&key, &nonce, until, now).await;
        Ok(self.db.write(once).await?)
    }

    /// 答 Answers a party's question, or says why not. Either is on record.
    ///
    /// # Errors
    /// [`AskTurned`].
    pub async fn answer_party(
        &self,
        ring: &KeyRing,
        head: AskHead<'_>,
    ) -> Result<Answered, AskTurned> {
        let believed = match self.believe_question(ring, &head).await {
            Ok(believed) => believed,
            Err(why) => {
                let claimed = &head.signed.key;
                self.turned(claimed, "", head.kind, (why.code(), &why.to_string()))
                    .await?;
                return Err(why);
            }
        };
        let data = self.law.pack.data();
        let allowed = data.agreements.allowing(
            &believed.party,
            &believed.question,
            believed.purpose,
            &data.catalogue,
            self.now().today(),
        );
        match allowed {
            Ok(agreement) => self.answer_by(agreement, believed).await,
            Err(why) => self.not_agreed(&believed, &why).await,
        }
    }

    async fn not_agreed(
        &self,
        believed: &Believed,
        why: &AgreementRefusal,
    ) -> Result<Answered, AskTurned> {
        let (party, kind) = (believed.party.as_str(), believed.question.kind());
        self.turned(party, "", kind, (why.code(), &why.to_string()))
            .await?;
        Err(AskTurned::NotAgreed)
    }

    async fn believe_question(
        &self,
        ring: &KeyRing,
        head: &AskHead<'_>,
    ) -> Result<Believed, AskTurned> {
        ring.verify_head(head.signed, "POST", head.path, self.now())?;
        if format!("{:x}", Sha256::digest(head.body)) != head.signed.digest {
            return Err(SignatureError::WrongDigest.into());
        }
        let unknown = |_| SignatureError::UnknownKey(head.signed.key.clone());
        let party: Slug = head.signed.key.parse().map_err(unknown)?;
        if !self.use_nonce(head.signed).await? {
            return Err(SignatureError::Replayed.into());
        }
        let (asked, question, number) = read(head)?;
        Ok(Believed {
            party,
            question,
            number,
            purpose: asked.purpose,
            reference: asked.reference,
        })
    }

    /// Answers under an agreement: counted, answered and put on record together.
    async fn answer_by(
        &self,
        agreement: &Agreement,
        believed: Believed,
    ) -> Result<Answered, AskTurned> {
        let counts = match believed.question {
            Question::Statistics => Some(self.statistics().await?),
            _ => None,
        };
        let (app, agreement, now) = (self.clone(), agreement.clone(), self.now());
        let given = self
            .db
            .write(async move |tx: &mut Tx| {
                let (today, kind) = (now.today(), believed.question.kind().word());
                let place = (believed.party.as_str(), agreement.id.as_str(), kind);
                let before = tx.asks_on(agreement.id.as_str(), today).await?;
                let room = before < i64::from(agreement.asks_per_day);
                tx.count_ask(place, today, room).await?;
                let ctx = machine(believed.party.as_str(), &believed.reference);
                if !room {
                    ctx.record(tx, "ask.refused", "pool", &(kind, "ask.too_many"), now)
                        .await?;
                    return Ok::<_, AppError>(None);
                }
                let record = Record::of_place(app.law.pack.region(), FieldLevel::L3);
                let grants = app.by_agreement_of(&agreement);
                ctx.authorise_by(tx, Action::AskAsParty, record, &[], &grants, now)
                    .await?;
                let (given, subject) = match counts.clone() {
                    Some(table) => (Answered::Statistics(table), "pool".to_owned()),
                    None => app.found_for(tx, &agreement, &believed, today).await?,
                };
                let about = (&agreement.id, &believed.question, believed.purpose);
                let told = (about, &believed.reference, given.word());
                ctx.record(tx, "ask.answered", &subject, &told, now).await?;
                Ok(Some(given))
            })
            .await?;
        given.ok_or(AskTurned::TooMany)
    }

    /// A party's right to ask is its agreement, as long as it runs.
    fn by_agreement_of(&self, agreement: &Agreement) -> Vec<Grant> {
        let region = self.law.pack.region();
        let grant = region.map(|region| Grant {
            holder: Holder::Account(agreement.party.to_string()),
            role: Role::DepartmentMachine,
            region,
            from: agreement.from,
            to: Some(agreement.until),
        });
        grant.into_iter().collect()
    }

    /// Counts a refusal and puts it on record: who it claimed to be and why.
    async fn turned(
        &self,
        claimed: &str,
        agreement: &str,
        kind: AskKind,
        why: (&'static str, &str),
    ) -> Result<()> {
        let plain = claimed.chars().filter(|c| !c.is_control()).take(60);
        let (claimed, now): (String, _) = (plain.collect(), self.now());
        let (agreement, code, says) = (agreement.to_owned(), why.0, why.1.to_owned());
        // Whoever is not even believed is in the audit, not in the counts.
        let counted = !code.starts_with("ask.");
        self.db
            .write(async move |tx: &mut Tx| {
                if counted {
                    let place = (claimed.as_str(), agreement.as_str(), kind.word());
                    tx.count_ask(place, now.today(), false).await?;
                }
                let details = (kind.word(), code, &says);
                machine(&claimed, "")
                    .record(tx, "ask.refused", "pool", &details, now)
                    .await
            })
            .await
    }
}

/// 读懂 What a question asks, and about whom; nobody is believed and nothing answered.
///
/// # Errors
/// [`AskTurned::Unreadable`].
pub fn understood(head: &AskHead<'_>) -> Result<(Question, Option<PersonNumber>), AskTurned> {
    read(head).map(|(_, question, number)| (question, number))
}

fn read(head: &AskHead<'_>) -> Result<(Asked, Question, Option<PersonNumber>), AskTurned> {
    let mut asked: Asked =
        serde_json::from_slice(head.body).map_err(|why| AskTurned::Unreadable(why.to_string()))?;
    let unreadable = |why: &str| AskTurned::Unreadable(why.to_owned());
    asked.reference = asked.reference.trim().to_owned();
    if asked.reference.is_empty() || asked.reference.chars().count() > REFERENCE_MAX {
        return Err(unreadable("reference 要写您那边的办件号，最多 80 个字"));
    }
    let number = asked.id_no.take().map(|text| {
        let typed = text.trim().to_ascii_uppercase();
        typed.parse::<PersonNumber>()
    });
    let number = number
        .transpose()
        .map_err(|_| unreadable("id_no 不是一个证件号码"))?;
    let question = match (head.kind, asked.benefit.clone(), &number) {
        (AskKind::Records, None, Some(_)) => {
            let category = head.category.unwrap_or_default().parse();
            Question::Records {
                category: category.map_err(|_| unreadable("数据类的标识读不懂"))?,
                fields: asked.fields.clone(),
            }
        }
        (AskKind::Receives, Some(benefit), Some(_)) if asked.fields.is_empty() => {
            Question::Receives { benefit }
        }
        (AskKind::Statistics, None, None) if asked.fields.is_empty() => Question::Statistics,
        _ => {
            let says =
                "records 要 id_no，可以有 fields；receives 要 id_no 和 benefit；statistics 都不要";
            return Err(unreadable(says));
        }
    };
    Ok((asked, question, number))
}

/// The party's machine, asking.
fn machine(party: &str, reference: &str) -> Context {
    Context {
        actor: Actor {
            account: party.to_owned(),
            person: None,
            role: Role::DepartmentMachine,
        },
        purpose: Purpose::Collection,
        request: reference.to_owned(),
    }
}

#[cfg(test)]
mod tests;
