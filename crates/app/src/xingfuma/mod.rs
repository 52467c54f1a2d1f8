//! 「幸福码」 A code its owner shows and a worker scans: new every minute, taken once.
//! Who scans is told one yes or no, no name; who scanned, where and why stays for
//! the owner to see.

#[cfg(test)]
mod tests;

use crate::papers::new_code;
use crate::resident::homes_of;
use crate::{App, AppError, Context, Result};
use engine_access::{Action, Holder, Record, RecordState};
use engine_policy::Beneficiary;
use kernel::{Date, FieldLevel, Now, Period, PersonId, RegionCode, Slug};
use store::{Card, CardScan, Tx};
use totp_rs::{Builder, Secret, Totp};

/// How long a code is shown, seconds.
pub const CODE_SECONDS: u64 = 60;
/// How many scans their owner is shown.
const SCANS_SHOWN: u32 = 50;
/// Characters of a card's number: 40 bits.
const NUMBER_LENGTH: usize = 8;
const DIGITS: u8 = 8;

/// A code as it is shown to its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeShown {
    /// What the square says, and what can be read out.
    pub code: String,
    /// Seconds until the next.
    pub seconds: u64,
    /// Who scanned, newest first.
    pub scans: Vec<CardScan>,
}

/// What who scans is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// Whether the owner receives what was asked about.
    pub holds: bool,
    /// The same in a sentence.
    pub says: String,
}

/// Said of a card a life event has closed.
const CLOSED: &str = "这张码已经停用。有疑问请找镇（街道）民政办";

impl App {
    /// 出示幸福码 The owner's code of this minute, and who scanned it before.
    ///
    /// # Errors
    /// Refused to anybody but a resident; the store's.
    pub async fn show_code(&self, ctx: &Context) -> Result<CodeShown> {
        let (ctx, now) = (ctx.clone(), self.now());
        let fresh = new_card()?;
        self.db
            .write(async move |tx| {
                let me = ctx.actor.person;
                let me = me.ok_or_else(|| AppError::refused(engine_access::Refusal::NotAPerson))?;
                ctx.authorise(tx, Action::ShowXingfuma, record(None, me), &[], now)
                    .await?;
                if tx.card_closed(me).await? {
                    return Err(AppError::BadInput(CLOSED.to_owned()));
                }
                let card = match tx.card_of(me).await? {
                    Some(card) => card,
                    None => {
                        let card = Card {
                            person: me,
                            ..fresh.clone()
                        };
                        tx.open_card(&card).await?;
                        tx.card_of(me).await?.unwrap_or(card)
                    }
                };
                let subject = format!("person:{me}");
                ctx.record(tx, "card.show", &subject, &(), now).await?;
                let at = seconds(now);
                // A code taken is shown no more: the next one, a step early.
                let step = i64::try_from(at / CODE_SECONDS).unwrap_or(i64::MAX);
                let ahead = if card.used_step >= step {
                    CODE_SECONDS
                } else {
                    0
                };
                let digits = generator(&card.secret)?.generate(at + ahead);
                Ok::<_, AppError>(CodeShown {
                    code: format!("{}-{digits}", card.number),
                    seconds: CODE_SECONDS - at % CODE_SECONDS,
                    scans: tx.card_scans(me, SCANS_SHOWN).await?,
                })
            })
            .await
    }

    /// 扫幸福码 Whether the owner of a code receives a service now. `why` is kept, and
    /// shown to the owner.
    ///
    /// # Errors
    /// A refusal; no reason given; a code that is old, used, or nobody's.
    pub async fn scan_code(
        &self,
        ctx: &Context,
        typed: &str,
        service: &Slug,
        why: &str,
    ) -> Result<Scanned> {
        let why = why.trim().to_owned();
        if why.is_empty() || why.chars().count() > 100 {
            let says = "请写明为什么要看，100 个字以内，本人看得到".to_owned();
            return Err(AppError::BadInput(says));
        }
        let wanted = self.law.pack.service(service.as_str());
        let wanted = wanted.ok_or_else(|| AppError::BadInput("请选要看哪一项".to_owned()))?;
        let name = wanted.name.clone();
        let (app, ctx, now) = (self.clone(), ctx.clone(), self.now());
        let (number, digits) = parts(typed).ok_or_else(stale)?;
        let service = service.clone();
        self.db
            .write(async move |tx| {
                let card = tx.card_by_number(&number).await?;
                let region = works_in(tx, &ctx, now).await?;
                // Who may not scan hears nothing of the code.
                let subject = card.as_ref().map_or(PersonId(0), |card| card.person);
                ctx.authorise(tx, Action::ScanXingfuma, record(region, subject), &[], now)
                    .await?;
                let card = card.ok_or_else(stale)?;
                if tx.card_closed(card.person).await? {
                    return Err(AppError::BadInput(CLOSED.to_owned()));
                }
                let step = generator(&card.secret)?.check(&digits, seconds(now));
                let step = step.and_then(|step| i64::try_from(step).ok());
                let step = step.ok_or_else(stale)?;
                if !tx.use_card(card.person, step).await? {
                    let says = "这个码已经用过了。请对方点“换一个”再扫".to_owned();
                    return Err(AppError::BadInput(says));
                }
                let until = app.receives(tx, card.person, &service, now).await?;
                let told = match until {
                    None => format!("享受{name}：否"),
                    Some(None) => format!("享受{name}：是"),
                    Some(Some(day)) => {
                        format!(
                            "享受{name}：是，有效至 {}",
                            day.format("%Y 年 %-m 月 %-d 日")
                        )
                    }
                };
                let scan = CardScan {
                    at: now.at,
                    role: ctx.actor.role,
                    office: region
                        .map(|region| office(&app, region))
                        .unwrap_or_default(),
                    asked: name.clone(),
                    why: why.clone(),
                    told: told.clone(),
                };
                tx.card_scanned(card.person, &scan).await?;
                let subject = format!("person:{}", card.person);
                ctx.record(tx, "card.scan", &subject, &scan, now).await?;
                Ok(Scanned {
                    holds: until.is_some(),
                    says: told,
                })
            })
            .await
    }

    /// Whether somebody receives a service this month: `Some(until)` if so.
    async fn receives(
        &self,
        tx: &mut Tx,
        person: PersonId,
        service: &Slug,
        now: Now,
    ) -> Result<Option<Option<Date>>> {
        let benefit = self.law.pack.rules().benefit(service.as_str());
        let whole = benefit.is_some_and(|one| one.beneficiary == Beneficiary::Household);
        let month = Period::of(now.today());
        for (_, home) in homes_of(tx, &[person], now.today()).await? {
            for id in tx.cases_of_household(home).await? {
                let case = tx.case(id).await?.state;
                let Some(opened) = &case.opened else { continue };
                let theirs = opened.beneficiary == person || (whole && case.concerns(person));
                if opened.service == *service && theirs && case.granted_in(month).is_some() {
                    return Ok(Some(case.review_on()));
                }
            }
        }
        Ok(None)
    }
}

fn record(region: Option<RegionCode>, person: PersonId) -> Record {
    Record {
        region,
        subjects: vec![person],
        state: RecordState::None,
        level: FieldLevel::L1,
    }
}

/// Where who scans works: a scan happens there, wherever the owner lives.
async fn works_in(tx: &mut Tx, ctx: &Context, now: Now) -> Result<Option<RegionCode>> {
    let Some(person) = ctx.actor.person else {
        return Ok(None);
    };
    let grants = tx.grants(&Holder::Person(person)).await?.state.grants;
    let today = now.today();
    let held = grants
        .iter()
        .find(|one| one.role == ctx.actor.role && one.holds_on(today));
    Ok(held.map(|grant| grant.region))
}

/// The place in words; by its code where the pack has no name for it.
fn office(app: &App, region: RegionCode) -> String {
    let place = app.place(region);
    match place.is_empty() {
        true => region.to_string(),
        false => place,
    }
}

fn new_card() -> Result<Card> {
    let mut secret = vec![0_u8; 32];
    getrandom::fill(&mut secret).map_err(|why| AppError::Fault(why.to_string()))?;
    Ok(Card {
        person: PersonId(0),
        number: new_code()?.chars().take(NUMBER_LENGTH).collect(),
        secret,
        used_step: 0,
    })
}

/// The two parts of a code as scanned or typed.
fn parts(typed: &str) -> Option<(String, String)> {
    let code: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|one| one.to_ascii_uppercase())
        .collect();
    let right = code.len() == NUMBER_LENGTH + usize::from(DIGITS);
    let (number, digits) = code.split_at_checked(NUMBER_LENGTH).filter(|_| right)?;
    let digital = digits.bytes().all(|one| one.is_ascii_digit());
    digital.then(|| (number.to_owned(), digits.to_owned()))
}

fn stale() -> AppError {
    AppError::BadInput("这个码不对，或者过期了。请对方点“换一个”再扫".to_owned())
}

fn generator(secret: &[u8]) -> Result<Totp> {
    let built = Builder::new()
        .with_secret(Secret::from(secret))
        .with_digits(DIGITS)
        .with_step_duration(CODE_SECONDS)
        .with_skew(1)
        .build();
    built.map_err(|why| AppError::Fault(format!("幸福码的钥匙不能用：{why}")))
}

fn seconds(now: Now) -> u64 {
    u64::try_from(now.at.timestamp()).unwrap_or(0)
}
