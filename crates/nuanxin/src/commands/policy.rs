//! 「判一户」 `nuanxin policy eval`, `nuanxin policy replay`.

use super::pool::itself;
use super::{load, print_json};
use crate::clock::WallClock;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{EvalOptions, Format, Place, PolicyCommand};
use crate::say;
use engine_access::Purpose;
use engine_policy::{Certificate, Judge, Judgement, Subject};
use kernel::{Clock, Date, Truth};
use packs::HouseholdAsked;
use serde::Serialize;
use std::fs;
use std::path::Path;

/// One judgement with its certificate.
#[derive(Serialize)]
struct Told {
    household: String,
    judgement: Judgement,
    certificate: Certificate,
}

pub(crate) async fn run(command: PolicyCommand, format: Format) -> Outcome {
    match command {
        PolicyCommand::Eval(options) => eval(&options, format),
        PolicyCommand::Replay {
            place,
            certificate: Some(file),
        } => replay(&place.pack, &file, format),
        PolicyCommand::Replay { place, .. } => replay_all(&place, format).await,
    }
}

/// Every certificate in the database, each by its own law.
async fn replay_all(place: &Place, format: Format) -> Outcome {
    let house = crate::house::open(place).await?;
    let purpose = Purpose::Audit("certificates".to_owned());
    let told = house.replay_certificates(&itself(purpose, "replay")).await;
    house.db().close().await;
    let told = told?;
    let clean = told.different.is_empty() && told.lawless.is_empty();
    if format.is_json() {
        print_json(&told)?;
        return Ok(Ending::of(clean));
    }
    say!("{} 份证书按 {} 版规定重放，一字不差", told.same, told.laws);
    for (digest, parts) in &told.different {
        say!("{digest}：不同的地方是{}", parts.join("、"));
    }
    for (digest, hash) in &told.lawless {
        say!("{digest}：库里没有它用的那版规定 {hash}，重放不了");
    }
    Ok(Ending::of(clean))
}

fn eval(options: &EvalOptions, format: Format) -> Outcome {
    let pack = load(&options.pack)?;
    let judge = Judge::new(pack.rules().clone());
    let today = options.as_of.unwrap_or_else(|| WallClock.now().today());
    if let Some(id) = options
        .benefit
        .as_deref()
        .filter(|id| pack.service(id).is_none())
    {
        let dir = options.pack.display();
        return Err(Failure::BadInput(format!(
            "没有“{id}”这项待遇。用 nuanxin pack show {dir} 看全部"
        )));
    }
    let mut told = Vec::new();
    for file in &options.files {
        let name = file.display().to_string();
        let text = fs::read_to_string(file)
            .map_err(|why| Failure::BadInput(format!("打不开 {name}：{why}。请检查路径")))?;
        let households = packs::households(&pack, &name, &text, today)
            .map_err(|report| Failure::BadInput(report.render()))?;
        for (place, asked) in households.iter().enumerate() {
            let title = asked
                .title
                .clone()
                .unwrap_or_else(|| format!("{name} 第 {} 户", place + 1));
            told.extend(judged(&judge, options, asked, title, today)?);
        }
    }
    if format.is_json() {
        print_json(&told)?;
    } else {
        told.iter().for_each(print);
    }
    Ok(Ending::Yes)
}

fn judged(
    judge: &Judge,
    options: &EvalOptions,
    asked: &HouseholdAsked,
    title: String,
    today: Date,
) -> Result<Vec<Told>, Failure> {
    // What the command line says counts before what the file says.
    let day = options.as_of.or(asked.on).unwrap_or(today);
    let broken = |why: engine_policy::JudgeError| Failure::Broken(why.to_string());
    let judgements = match &options.benefit {
        Some(id) => judge.judge(id, &asked.household, day),
        None => judge.judge_all(&asked.household, day),
    };
    let certify = |judgement: Judgement| {
        let certificate = Certificate::issue(judge, &asked.household, judgement.clone(), day)?;
        Ok(Told {
            household: title.clone(),
            judgement,
            certificate,
        })
    };
    judgements
        .map_err(broken)?
        .into_iter()
        .map(certify)
        .collect::<Result<_, _>>()
        .map_err(broken)
}

fn print(told: &Told) {
    let Told {
        household,
        judgement,
        certificate,
    } = told;
    let who = match judgement.subject {
        Subject::Household => String::new(),
        Subject::Member(member) => format!("（第 {} 个人）", member + 1),
    };
    let amount = judgement
        .amount
        .map(|amount| format!("，{amount} 元"))
        .unwrap_or_default();
    say!(
        "{household} · {}{who}：{}{amount}",
        judgement.benefit,
        judgement.verdict.label()
    );
    for condition in &judgement.conditions {
        let mark = match condition.truth {
            Truth::True => "✓",
            Truth::False => "✕",
            Truth::Undetermined => "?",
        };
        let unfounded = condition
            .provenance
            .filter(|provenance| !provenance.is_founded());
        let label = unfounded
            .map(|provenance| format!("［{}］", provenance.label()))
            .unwrap_or_default();
        say!("  {mark} {}　{}{label}", condition.says, condition.basis);
    }
    for line in &judgement.sum {
        say!("  = {line}");
    }
    for missing in &judgement.missing {
        let whose = missing
            .member
            .map(|member| format!("第 {} 个人的", member + 1))
            .unwrap_or_default();
        let consent = if missing.needs_authorisation {
            "（要先同意才能查）"
        } else {
            ""
        };
        say!("  还差：{whose}{}{consent}", missing.label);
    }
    for used in &certificate.parameters {
        let label = if used.provenance.is_founded() {
            ""
        } else {
            used.provenance.label()
        };
        say!(
            "  用到 {}：{}（{} 起，{}）{label}",
            used.label,
            used.value,
            used.from,
            used.source
        );
    }
}

fn replay(dir: &Path, file: &Path, format: Format) -> Outcome {
    let pack = load(dir)?;
    let judge = Judge::new(pack.rules().clone());
    let name = file.display();
    let text = fs::read_to_string(file)
        .map_err(|why| Failure::BadInput(format!("打不开 {name}：{why}。请检查路径")))?;
    let certificates = read_certificates(&text).map_err(|why| {
        Failure::BadInput(format!(
            "{name} 不是证书：{why}。请用 policy eval --format json 的输出"
        ))
    })?;
    let mut same = true;
    for certificate in certificates {
        let differences = certificate
            .replay(&judge)
            .map_err(|why| Failure::BadInput(format!("{name}：{why}")))?;
        same &= differences.is_empty();
        if format.is_json() {
            print_json(&differences)?;
            continue;
        }
        let benefit = &certificate.judgement.benefit;
        if differences.is_empty() {
            say!("{benefit}：重放一致，一字不差");
        }
        for found in &differences {
            say!(
                "{benefit}：{} 不同\n  证书：{}\n  重放：{}",
                found.part,
                found.certified,
                found.replayed
            );
        }
    }
    Ok(Ending::of(same))
}

/// A certificate alone, or what `policy eval --format json` prints.
fn read_certificates(text: &str) -> Result<Vec<Certificate>, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct With {
        certificate: Certificate,
    }
    if let Ok(all) = serde_json::from_str::<Vec<With>>(text) {
        return Ok(all.into_iter().map(|with| with.certificate).collect());
    }
    serde_json::from_str(text).map(|one| vec![one])
}
