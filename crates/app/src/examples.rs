//! 「试例子」 Every example of a pack, judged as any household is: by the batch
//! program and by the single one, and certified and replayed besides.

mod sheets;

use engine_policy::{Certificate, Household, Judge, Judgement, Screened, Verdict};
use kernel::{Date, Slug};
use packs::{Example, Pack};
use serde::Serialize;

/// What came of an example.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// The service or sheet.
    pub service: Slug,
    /// The example's title.
    pub title: String,
    /// Where it is written.
    pub at: String,
    /// Every way in which the outcome is not what is expected; empty: passed.
    pub faults: Vec<String>,
    /// What the engine said, unless judging itself failed.
    pub judgement: Option<Judgement>,
}

/// Tries every example of a pack.
pub fn try_examples(pack: &Pack, judge: &Judge) -> Vec<Tried> {
    let services = pack.services().iter();
    let examples = services.flat_map(|service| {
        service
            .examples
            .iter()
            .map(move |example| (service, example))
    });
    examples
        .map(|(service, example)| {
            let (judgement, faults) = try_one(judge, &service.id, example);
            Tried {
                service: service.id.clone(),
                title: example.title.clone(),
                at: example.at.to_string(),
                faults,
                judgement,
            }
        })
        .chain(sheets::try_sheets(pack))
        .collect()
}

fn try_one(judge: &Judge, service: &Slug, example: &Example) -> (Option<Judgement>, Vec<String>) {
    let judged = judge.judge(service.as_str(), &example.household, example.on);
    let judgement = match judged.map(|judged| judged.into_iter().nth(example.who)) {
        Ok(Some(judgement)) => judgement,
        Ok(None) => return (None, vec![format!("没有第 {} 个人", example.who + 1)]),
        Err(why) => return (None, vec![why.to_string()]),
    };
    let mut faults = unexpected(example, &judgement);
    faults.extend(certificate_faults(judge, example, &judgement));
    faults.extend(batch_faults(judge, example, &judgement));
    (Some(judgement), faults)
}

fn unexpected(example: &Example, judgement: &Judgement) -> Vec<String> {
    let expected = &example.expect;
    let mut faults = Vec::new();
    if judgement.verdict != expected.verdict {
        let reasons: Vec<&str> = judgement
            .conditions
            .iter()
            .map(|told| told.says.as_str())
            .collect();
        faults.push(format!(
            "应当“{}”，实际“{}”：{}",
            expected.verdict.label(),
            judgement.verdict.label(),
            reasons.join("；")
        ));
    }
    if let Some(amount) = expected
        .amount
        .filter(|amount| judgement.amount != Some(*amount))
    {
        let actual = judgement
            .amount
            .map_or("没有金额".to_owned(), |actual| format!("{actual} 元"));
        faults.push(format!(
            "应当 {amount} 元，实际 {actual}：{}",
            judgement.sum.join("；")
        ));
    }
    let failed: Vec<&Slug> = judgement
        .conditions
        .iter()
        .filter(|told| told.truth == kernel::Truth::False)
        .map(|told| &told.id)
        .collect();
    let mut because: Vec<&Slug> = expected.because.iter().collect();
    because.sort();
    let mut sorted = failed.clone();
    sorted.sort();
    if !because.is_empty() && sorted != because {
        faults.push(format!("应当因为 {because:?}，实际因为 {failed:?}"));
    }
    for fact in &expected.missing {
        if !judgement
            .missing
            .iter()
            .any(|missing| missing.fact == *fact)
        {
            faults.push(format!("应当缺 {fact}，实际没有缺它"));
        }
    }
    faults
}

fn certificate_faults(judge: &Judge, example: &Example, judgement: &Judgement) -> Vec<String> {
    let certificate =
        match Certificate::issue(judge, &example.household, judgement.clone(), example.on) {
            Ok(certificate) => certificate,
            Err(why) => return vec![format!("开不出证书：{why}")],
        };
    match certificate.replay(judge) {
        Ok(differences) => differences
            .iter()
            .map(|found| {
                format!(
                    "重放不一致（{}）：{} ≠ {}",
                    found.part, found.certified, found.replayed
                )
            })
            .collect(),
        Err(why) => vec![format!("重放不了：{why}")],
    }
}

/// The batch program must say the same as the single one.
fn batch_faults(judge: &Judge, example: &Example, judgement: &Judgement) -> Vec<String> {
    let screened = match screen_one(judge, &example.household, example.on) {
        Ok(screened) => screened,
        Err(why) => return vec![format!("批量判断失败：{why}")],
    };
    let place = judge
        .book()
        .benefits
        .iter()
        .position(|benefit| benefit.id == judgement.benefit);
    let member = match judgement.subject {
        engine_policy::Subject::Household => None,
        engine_policy::Subject::Member(member) => Some(member),
    };
    let found = screened
        .iter()
        .find(|row| Some(row.benefit) == place && row.member == member);
    // A row that is neither owed nor received is left out of a screening.
    let (verdict, amount) =
        found.map_or((Verdict::Ineligible, None), |row| (row.verdict, row.amount));
    if (verdict, amount) == (judgement.verdict, judgement.amount) {
        return Vec::new();
    }
    vec![format!(
        "批量判断是“{}”{amount:?}，单户判断是“{}”{:?}",
        verdict.label(),
        judgement.verdict.label(),
        judgement.amount
    )]
}

fn screen_one(
    judge: &Judge,
    household: &Household,
    day: Date,
) -> Result<Vec<Screened>, engine_policy::JudgeError> {
    let mut frame = judge.frame();
    engine_policy::push_household(&mut frame, household, 0)?;
    let environment = judge.environment(&[household.region], day);
    Ok(engine_policy::screen(judge, &frame, &environment)?)
}
