//! 「测速」 `nuanxin bench`: the measurements of docs/performance.md.

use crate::ending::{Ending, Failure, Outcome};
use crate::options::{BenchFactsOptions, BenchScreenOptions};
use crate::say;
use ::bench::BenchError;

mod alarm;
mod booking;
mod event;
mod hand;
mod house;
mod ledger;
mod order;
mod pool;
mod store;
mod web;
mod week;

pub(crate) use alarm::alarm;
pub(crate) use booking::booking;
pub(crate) use event::watch;
pub(crate) use ledger::ledger;
pub(crate) use order::order;
pub(crate) use pool::pool;
pub(crate) use store::store;
pub(crate) use web::web;

use ::store::{Db, Profile, SealingKey, SealingKeys, Settings, StoreError};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

fn broken(why: impl std::fmt::Display) -> Failure {
    Failure::Broken(why.to_string())
}

/// Which database an address means.
fn kind(url: &str) -> &'static str {
    match url.starts_with("sqlite") {
        true => "SQLite",
        false => "PostgreSQL",
    }
}

/// A named percentile of what was measured, in milliseconds; the values in order.
fn percentile(took: &[Duration], percent: usize) -> u128 {
    let nth = (took.len() * percent / 100).min(took.len().saturating_sub(1));
    took.get(nth).map_or(0, Duration::as_millis)
}

/// The databases to measure on: those named, else a file in a folder that goes again.
fn urls(named: &[String], folder: &Path) -> Vec<String> {
    match named.is_empty() {
        true => vec![format!("sqlite:{}", folder.join("bench.db").display())],
        false => named.to_vec(),
    }
}

/// Keys nobody needs again.
fn settings() -> Result<Settings, Failure> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(broken)?;
    let field = SealingKey {
        no: 1,
        profile: Profile::Sm4Gcm,
        bytes,
    };
    let keys = SealingKeys {
        fields: vec![field],
        index: bytes,
    };
    Ok(Settings::new(&bytes[..], keys))
}

/// A database nobody has written to.
async fn open_empty(url: &str, settings: &Settings) -> Result<Db, Failure> {
    let used = || {
        let says = format!("{url} 不是空库。测速只在空库上做，免得动了真数据，请换一个 --db");
        Failure::BadInput(says)
    };
    let db = match Db::open(url, settings.clone()).await {
        // Sealed under other keys: somebody wrote here before.
        Err(StoreError::IndexKeyWrong | StoreError::SealBroken { .. }) => return Err(used()),
        opened => opened?,
    };
    match empty(&db).await? {
        true => Ok(db),
        false => Err(used()),
    }
}

/// Whether nobody has written to it.
async fn empty(db: &Db) -> Result<bool, Failure> {
    let counts = async |tx: &mut ::store::Tx| {
        Ok::<_, StoreError>((tx.register_counts().await?, tx.count_records().await?))
    };
    Ok(db.read(counts).await? == ((0, 0), 0))
}

/// Invented people's facts, for the lake.
pub(crate) fn facts(options: &BenchFactsOptions) -> Outcome {
    std::fs::create_dir_all(&options.out)?;
    let path = options.out.join("facts.jsonl");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    let written = ::bench::write_facts(&options.pack, options.people, &mut file);
    let (households, people) = match written {
        Ok(counts) => counts,
        Err(BenchError::Pack(why)) => return Err(Failure::BadInput(why)),
        Err(why) => return Err(Failure::Broken(why.to_string())),
    };
    file.flush()?;
    say!("写出 {households} 户 {people} 人到 {}", path.display());
    Ok(Ending::Yes)
}

pub(crate) fn screen(options: BenchScreenOptions) -> Outcome {
    if options.people == 0 || options.benefits == 0 {
        return Err(Failure::BadInput(
            "人数和待遇数都至少是 1。例：--people 20000 --benefits 10".to_owned(),
        ));
    }
    let wanted = ::bench::ScreenOptions {
        pack: options.pack,
        people: options.people,
        benefits: options.benefits,
        complete: options.known,
        peers: options.peers,
        folder: options.folder,
        only_answers: false,
        memory: options.memory,
    };
    let say = &mut |line: &str| say!("{line}");
    let done = match (&options.every, &options.simulate) {
        (Some(packs), _) => ::bench::every_pack(&wanted, packs, say),
        (None, Some(parameter)) => ::bench::simulation(&wanted, parameter, say),
        _ if options.growth => ::bench::growth(&wanted, say),
        _ => ::bench::screen(&wanted, say),
    };
    match done {
        Ok(()) => Ok(Ending::Yes),
        Err(BenchError::Disagree(why)) => {
            say!("结果不一致，不报时间：{why}");
            Ok(Ending::No)
        }
        Err(BenchError::Pack(why)) => Err(Failure::BadInput(why)),
        Err(why) => Err(Failure::Broken(why.to_string())),
    }
}
