//! 「凭文件和银行往来」 The bank's file out, its replies in, the three-way match.

use super::{Open, money, told};
use crate::commands::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::options::{AtBatch, Desk, Format};
use crate::say;
use app::payment::bank_wire::{Statement, TreasuryMoves};
use app::payment::{Outside, PaperReply};
use engine_payment::Named;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A reply file as told.
#[derive(Serialize)]
struct Read {
    file: String,
    usable: bool,
    #[serde(flatten)]
    reply: PaperReply,
}

pub(super) async fn file(at: &AtBatch, out: Option<&Path>, format: Format) -> Outcome {
    if out.is_none() && format.is_json() {
        let says = "--format json 打印的是说明；请用 --out 说文件写到哪里";
        return Err(Failure::BadInput(says.to_owned()));
    }
    let open = Open::at_batch(at).await?;
    let file = open.desk.take_file(&open.ctx, at.batch).await?;
    open.close().await;
    let Some(out) = out else {
        std::io::stdout().lock().write_all(&file.body)?;
        return Ok(Ending::Yes);
    };
    // Beside and renamed: half a file must never reach a bank.
    let beside = out.with_extension("new");
    fs::write(&beside, &file.body)?;
    fs::rename(&beside, out)?;
    if format.is_json() {
        print_json(&json!({
            "batch": file.batch,
            "reference": file.reference,
            "digest": file.digest,
            "bytes": file.body.len(),
            "file": out.display().to_string(),
        }))?;
    } else {
        say!("银行文件 {} 写在 {}", file.reference, out.display());
        say!("  校验码 {}", file.digest);
    }
    Ok(Ending::Yes)
}

/// Reads every file; a bad one is named and the others are still read.
pub(super) async fn replies(desk: &Desk, files: &[PathBuf], format: Format) -> Outcome {
    let mut contents = Vec::with_capacity(files.len());
    for path in files {
        let name = path.display().to_string();
        let bytes = fs::read(path)
            .map_err(|why| Failure::BadInput(format!("打不开 {name}：{why}。请检查路径")))?;
        contents.push((name, bytes));
    }
    let open = Open::at(desk, money()).await?;
    let mut told = Vec::new();
    for (file, bytes) in contents {
        let reply = open.desk.read_paper(&open.ctx, &bytes).await;
        let reply = reply.map_err(|why| match why {
            app::AppError::BadInput(says) => Failure::BadInput(format!("{file}：{says}")),
            other => Failure::from(other),
        })?;
        told.push(Read {
            usable: !reply.is_unusable(),
            file,
            reply,
        });
    }
    open.close().await;
    if format.is_json() {
        print_json(&told)?;
    } else {
        told.iter()
            .for_each(|one| told::reply(&one.file, &one.reply));
    }
    let bad: Vec<&str> = told
        .iter()
        .filter(|one| !one.usable)
        .map(|one| one.file.as_str())
        .collect();
    if !bad.is_empty() {
        let bad = bad.join("、");
        return Err(Failure::BadInput(format!(
            "这些回盘不能用：{bad}。请向银行重新索取"
        )));
    }
    let open_exceptions = |one: &Read| {
        let progress = one.reply.progress.as_ref();
        progress.is_some_and(|progress| progress.open_exceptions > 0)
    };
    Ok(Ending::of(!told.iter().any(open_exceptions)))
}

/// Shows the match; keeps it when nothing is left without a name.
pub(super) async fn reconcile(
    at: &AtBatch,
    (bank, treasury): (&Path, &Path),
    named: Vec<(String, String)>,
    format: Format,
) -> Outcome {
    let statement: Statement = read(bank, "银行的账")?;
    let moves: TreasuryMoves = read(treasury, "财政的账")?;
    let outside = Outside::said(statement, &moves);
    let named: Vec<Named> = named
        .into_iter()
        .map(|(reference, words)| Named { reference, words })
        .collect();
    let open = Open::at_batch(at).await?;
    let mut matched = open
        .desk
        .compare_with(&open.ctx, outside.clone(), at.batch)
        .await?;
    matched.named.clone_from(&named);
    let settled = matched.is_settled();
    let after = match settled {
        true => Some(
            open.desk
                .reconcile_with(&open.ctx, outside, at.batch, named)
                .await?,
        ),
        false => None,
    };
    open.close().await;
    if format.is_json() {
        print_json(&json!({
            "difference_fen": matched.difference().fen(),
            "unnamed": matched.unnamed(),
            "match": matched,
            "progress": after,
        }))?;
        return Ok(Ending::of(settled));
    }
    told::matched(&matched);
    match &after {
        Some(after) => told::progress(after),
        None => say!(
            "没有对平，什么也没有记。查清后再对，或者用 --name 流水号=说明 写明 {} 处差额",
            matched.unnamed()
        ),
    }
    Ok(Ending::of(settled))
}

fn read<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|why| Failure::BadInput(format!("打不开{what} {name}：{why}。请检查路径")))?;
    serde_json::from_str(&text).map_err(|why| {
        Failure::BadInput(format!(
            "{what} {name} 读不懂：{why}。写法见 nuanxin pay reconcile --help"
        ))
    })
}
