//! 「事实出库」 `nuanxin facts`: two files of lines for the lake, without whose they are.
//! Both get their names when they are whole.

use super::acting::acts;
use super::pool::spinner;
use super::print_json;
use crate::ending::{Ending, Failure, Outcome};
use crate::house;
use crate::options::{FactsOptions, Format};
use crate::say;
use app::facts_out::{FactsSink, RecordLine};
use engine_access::Purpose;
use engine_policy::{FactsHead, FactsLine};
use indicatif::ProgressBar;
use kernel::Clock;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The file of facts.
const FACTS: &str = "facts.jsonl";
/// The file of records.
const RECORDS: &str = "records.jsonl";

pub(crate) async fn run(options: FactsOptions, format: Format) -> Outcome {
    let folder = &options.out;
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(Failure::BadInput(format!(
            "目录 {} 不是空的。请换一个空目录",
            folder.display()
        )));
    }
    let house = house::open(&options.place).await?;
    let day = options
        .as_of
        .unwrap_or_else(|| crate::clock::WallClock.now().today());
    let ctx = acts(&house, &options.acting, Purpose::Discovery).await?;
    let bar = spinner("正在逐户写出");
    let mut files = Files {
        facts: Lines::begin(folder, FACTS)?,
        records: Lines::begin(folder, RECORDS)?,
        bar: bar.clone(),
    };
    let told = house.hand_out_facts(&ctx, day, &mut files).await;
    bar.finish_and_clear();
    house.db().close().await;
    let told = match told {
        Ok(told) => told,
        Err(why) => {
            // Half a city is no city.
            files.facts.drop_it()?;
            files.records.drop_it()?;
            return Err(why.into());
        }
    };
    files.facts.finish()?;
    files.records.finish()?;
    match format.is_json() {
        true => print_json(&told)?,
        false => say!(
            "写出 {} 户 {} 人、{} 条记录到 {}。没有姓名和号码，仍然是个人情况：放好，用完删掉",
            told.households,
            told.persons,
            told.records,
            folder.display()
        ),
    }
    Ok(Ending::Yes)
}

/// A file of lines that is not there until it is whole.
struct Lines {
    file: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
}

impl Lines {
    fn begin(folder: &Path, name: &str) -> std::io::Result<Lines> {
        let path = folder.join(name);
        let beside = folder.join(format!("{name}.part"));
        Ok(Lines {
            file: BufWriter::new(File::create(&beside)?),
            beside,
            path,
        })
    }

    fn line(&mut self, line: &impl Serialize) -> std::io::Result<()> {
        serde_json::to_writer(&mut self.file, line)?;
        self.file.write_all(b"\n")
    }

    fn finish(mut self) -> std::io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        fs::rename(&self.beside, &self.path)
    }

    fn drop_it(self) -> std::io::Result<()> {
        fs::remove_file(&self.beside)
    }
}

struct Files {
    facts: Lines,
    records: Lines,
    bar: ProgressBar,
}

impl FactsSink for Files {
    fn head(&mut self, head: &FactsHead) -> std::io::Result<()> {
        self.facts.line(head)
    }

    fn household(&mut self, line: &FactsLine) -> std::io::Result<()> {
        self.bar.inc(1);
        self.facts.line(line)
    }

    fn record(&mut self, line: &RecordLine) -> std::io::Result<()> {
        self.records.line(line)
    }
}
