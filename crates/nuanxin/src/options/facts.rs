//! 「事实出库」 `nuanxin facts`: what discovery may read of everybody, for the lake.

use super::{Acting, Place};
use clap::Args;
use kernel::Date;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(crate) struct FactsOptions {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// 按哪一天；不写就是今天
    #[arg(long, value_parser = super::day)]
    pub(crate) as_of: Option<Date>,
    /// 写到哪个目录：facts.jsonl 和 records.jsonl，要是空的
    #[arg(long)]
    pub(crate) out: PathBuf,
}
