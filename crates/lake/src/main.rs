//! 「数据湖」 The command line of the lake.

mod options;
mod processes;

use clap::Parser;
use datafusion::arrow::util::pretty::pretty_format_batches;
use lake::compare::compare;
use lake::deliver::{Deliver, deliver};
use lake::export::{Export, export};
use lake::{Lake, LakeError, Result, cluster, load, plans};
use options::{ClusterCommand, Command, Format, Options, Place};
use std::process::ExitCode;

/// DataFusion plans nest deeply: a rule book is some thousand operations.
const STACK: usize = 64 << 20;

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(STACK)
        .build();
    let done = match runtime {
        // On a thread of the runtime: the first thread's stack is small.
        Ok(runtime) => runtime.block_on(async { tokio::spawn(run(options)).await }),
        Err(why) => Ok(Err(why.into())),
    };
    match done {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(why)) => {
            eprintln!("{why}");
            why.code()
        }
        Err(why) => {
            eprintln!("程序出错：{why}");
            ExitCode::from(3)
        }
    }
}

async fn run(options: Options) -> Result<()> {
    let format = options.format;
    match options.command {
        Command::Export(given) => {
            let what = Export {
                from: given.from,
                pack: given.pack,
                out: given.out,
                part: given.part,
            };
            let meta = tokio::task::spawn_blocking(move || export(&what)).await;
            let meta = meta.map_err(|why| LakeError::Broken(why.to_string()))??;
            let records: u64 = meta.records.values().sum();
            tell(format, &meta, || {
                format!(
                    "写好了：{} 户 {} 人，{} 类 {records} 条记录",
                    meta.households,
                    meta.persons,
                    meta.records.len()
                )
            })
        }
        Command::Deliver(given) => {
            let what = Deliver {
                file: given.file,
                category: given.category,
                as_of: given.as_of,
                drop: given.drop,
            };
            let pack = given.pack;
            let done = move || deliver(&what, &load(&pack)?.data().catalogue);
            // A hostile file that trips the reader ends here, as every other.
            let done = tokio::task::spawn_blocking(done).await;
            let done = done.map_err(|why| LakeError::Broken(why.to_string()))??;
            tell(format, &done, || {
                format!(
                    "放好了：{} 行，{}。等 nuanxin 来收",
                    done.slip.rows,
                    done.file.display()
                )
            })
        }
        Command::Sql { place, sql } => {
            let session = open(&place)?.session(place.threads).await?;
            let rows = plans::ask(&session, &sql).await?;
            print(format, &rows)
        }
        Command::Check(place) => {
            let checked = open(&place)?.check(place.threads).await?;
            tell(format, &checked, || {
                format!(
                    "{} 户，{} 个答案，{} 种规定：DataFusion 和引擎 0 处不同",
                    checked.households, checked.answers, checked.laws
                )
            })
        }
        Command::Cluster(ClusterCommand::Scheduler { place, listen }) => {
            cluster::scheduler(&open(&place)?, listen).await
        }
        Command::Cluster(ClusterCommand::Executor { place, at, work }) => {
            cluster::executor(&open(&place)?, at.into(), &work).await
        }
        Command::Cluster(ClusterCommand::Run { place, executors }) => {
            cluster_run(&place, executors, format).await
        }
    }
}

/// Starts a cluster of processes, asks every plan of it and of this process alone.
async fn cluster_run(place: &Place, executors: u16, format: Format) -> Result<()> {
    let lake = open(place)?;
    let processes = processes::start(place, executors).await?;
    let alone = lake.session(1).await?;
    let cluster = cluster::remote(&lake, processes.scheduler).await?;
    let mut told = Vec::new();
    for sql in plans::plans(&lake) {
        let compared = compare(&alone, &cluster, &sql).await?;
        if matches!(format, Format::Text) {
            let short: String = sql.chars().take(60).collect();
            println!(
                "一样：{} 行，一个进程 {} 毫秒，{executors} 个执行器 {} 毫秒：{short}…",
                compared.rows, compared.alone_ms, compared.cluster_ms
            );
        }
        told.push(compared);
    }
    drop(processes);
    let plans = told.len();
    tell(format, &told, || {
        format!("{plans} 个问法，集群和一个进程的答案全部相同")
    })
}

fn open(place: &Place) -> Result<Lake> {
    Lake::open(&place.lake, &place.pack)
}

fn tell<T: serde::Serialize>(format: Format, told: &T, words: impl Fn() -> String) -> Result<()> {
    match format {
        Format::Text => println!("{}", words()),
        Format::Json => println!("{}", serde_json::to_string_pretty(told)?),
    }
    Ok(())
}

fn print(format: Format, rows: &[datafusion::arrow::array::RecordBatch]) -> Result<()> {
    match format {
        Format::Text => println!("{}", pretty_format_batches(rows)?),
        Format::Json => {
            let mut writer = datafusion::arrow::json::ArrayWriter::new(std::io::stdout());
            writer.write_batches(&rows.iter().collect::<Vec<_>>())?;
            writer.finish()?;
            println!();
        }
    }
    Ok(())
}
