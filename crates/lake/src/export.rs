//! 「入湖」 `nuanxin-lake export`: the lines of `nuanxin facts` as Parquet. Every line is
//! held to the pack before it is written; one that does not fit stops everything with
//! its number, and what was begun is removed.

use crate::error::{LakeError, Result};
use crate::lake::{Lake, Meta, load};
use crate::records;
use crate::shape::{schema, to_batch};
use datafusion::arrow::datatypes::Schema;
use datafusion::parquet::arrow::ArrowWriter;
use engine_policy::{FactsHead, FactsLine, Judge};
use expr::Frame;
use kernel::RegionCode;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Households a row group: what is read and judged together.
const GROUP: usize = 4_096;

/// What to write.
#[derive(Clone, Debug)]
pub struct Export {
    /// The folder `nuanxin facts` wrote.
    pub from: PathBuf,
    /// The pack it was written by.
    pub pack: PathBuf,
    /// Where the lake is made.
    pub out: PathBuf,
    /// Households a file: a file is what one task of a cluster reads.
    pub part: usize,
}

/// Writes a lake.
///
/// # Errors
/// [`LakeError::BadInput`] with the line that does not fit; nothing is left behind.
pub fn export(what: &Export) -> Result<Meta> {
    let out = &what.out;
    if out.exists() && fs::read_dir(out)?.next().is_some() {
        return Err(LakeError::BadInput(format!(
            "目录 {} 不是空的。请换一个空目录",
            out.display()
        )));
    }
    let written = write(what);
    if written.is_err() {
        // Half a lake is no lake.
        let _ = fs::remove_dir_all(out);
    }
    written
}

fn write(what: &Export) -> Result<Meta> {
    let pack = load(&what.pack)?;
    let judge = Judge::new(pack.rules().clone());
    let path = what.from.join("facts.jsonl");
    let mut lines = Lines::open(&path)?;
    let head: FactsHead = match lines.next()? {
        Some(text) => lines.read(&text)?,
        None => return Err(LakeError::BadInput(format!("{} 是空的", path.display()))),
    };
    check_head(&head, &pack)?;
    let mut facts = Facts::begin(&judge, &what.out, what.part)?;
    while let Some(text) = lines.next()? {
        let line: FactsLine = lines.read(&text)?;
        facts.add(&line).map_err(|why| lines.wrong(&why))?;
    }
    let (households, persons) = facts.finish()?;
    let at = what.from.join("records.jsonl");
    let catalogue = &pack.data().catalogue;
    let records = match at.exists() {
        true => records::write(&mut Lines::open(&at)?, catalogue, persons, &what.out)?,
        false => Default::default(),
    };
    let meta = Meta {
        head,
        households,
        persons,
        records,
    };
    Lake::seal(&what.out, &meta)?;
    Ok(meta)
}

fn check_head(head: &FactsHead, pack: &packs::Pack) -> Result<()> {
    if head.format != FactsHead::FORMAT {
        return Err(LakeError::BadInput(format!(
            "不认识的格式“{}”。请用同一个版本的 nuanxin facts 重写",
            head.format
        )));
    }
    if head.pack_hash != pack.hash() {
        return Err(LakeError::BadInput(format!(
            "这些事实是按政策包 {} 写的，给的是 {}。请用同一个政策包",
            head.pack_hash,
            pack.hash()
        )));
    }
    Ok(())
}

/// A file read line by line, which knows where it is.
pub(crate) struct Lines {
    file: BufReader<File>,
    path: PathBuf,
    line: u64,
}

/// The longest line: a household with thousands of records.
const LONGEST: usize = 16 << 20;

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Lines> {
        let file = File::open(path).map_err(|why| {
            LakeError::BadInput(format!("打不开 {}：{why}。请检查路径", path.display()))
        })?;
        Ok(Lines {
            file: BufReader::new(file),
            path: path.to_path_buf(),
            line: 0,
        })
    }

    pub(crate) fn next(&mut self) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        let most = LONGEST as u64;
        let read = std::io::Read::take(&mut self.file, most).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.last() != Some(&b'\n') {
            return Err(self.wrong(&"这一行没有完，文件断了"));
        }
        let text = String::from_utf8(bytes).map_err(|_| self.wrong(&"不是 UTF-8"))?;
        Ok(Some(text))
    }

    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self, text: &str) -> Result<T> {
        serde_json::from_str(text).map_err(|why| self.wrong(&why))
    }

    pub(crate) fn wrong(&self, why: &dyn std::fmt::Display) -> LakeError {
        LakeError::BadInput(format!(
            "{} 第 {} 行：{why}。请重新写一份",
            self.path.display(),
            self.line
        ))
    }
}

/// The facts' files.
struct Facts {
    folder: PathBuf,
    schema: Arc<Schema>,
    frame: Frame,
    regions: Vec<RegionCode>,
    part: usize,
    writer: Option<ArrowWriter<File>>,
    in_part: usize,
    parts: usize,
    households: u64,
    persons: u64,
}

impl Facts {
    fn begin(judge: &Judge, out: &Path, part: usize) -> Result<Facts> {
        let folder = Lake::facts(out);
        fs::create_dir_all(&folder)?;
        let frame = judge.frame();
        Ok(Facts {
            folder,
            schema: Arc::new(schema(frame.layout())),
            frame,
            regions: Vec::new(),
            part: part.max(1),
            writer: None,
            in_part: 0,
            parts: 0,
            households: 0,
            persons: 0,
        })
    }

    /// The reason as words: the caller knows the line.
    fn add(&mut self, line: &FactsLine) -> std::result::Result<(), String> {
        let region = line.region().map_err(|why| why.to_string())?;
        line.push(&mut self.frame, 0)
            .map_err(|why| why.to_string())?;
        self.regions.push(region);
        let full = self.frame.households() >= GROUP.min(self.part);
        match full {
            true => self.flush().map_err(|why| why.to_string()),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let rows = self.frame.households();
        if rows == 0 {
            return Ok(());
        }
        let first = (self.households.cast_signed(), self.persons.cast_signed());
        let batch = to_batch(&self.schema, &self.frame, &self.regions, first)?;
        self.households += rows as u64;
        self.persons += self.frame.persons() as u64;
        self.frame.clear();
        self.regions.clear();
        if self.writer.is_none() {
            let path = self.folder.join(format!("part-{:05}.parquet", self.parts));
            self.writer = Some(writer(&path, &self.schema)?);
            self.parts += 1;
            self.in_part = 0;
        }
        if let Some(writer) = &mut self.writer {
            writer.write(&batch).map_err(unwritten)?;
            writer.flush().map_err(unwritten)?;
        }
        self.in_part += rows;
        if self.in_part >= self.part {
            self.close()?;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        match self.writer.take() {
            Some(writer) => writer.close().map(|_| ()).map_err(unwritten),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<(u64, u64)> {
        self.flush()?;
        self.close()?;
        if self.households == 0 {
            return Err(LakeError::BadInput("里面一户也没有".into()));
        }
        Ok((self.households, self.persons))
    }
}

/// A Parquet file, compressed.
pub(crate) fn writer(path: &Path, schema: &Arc<Schema>) -> Result<ArrowWriter<File>> {
    use datafusion::parquet::basic::{Compression, ZstdLevel};
    use datafusion::parquet::file::properties::WriterProperties;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    ArrowWriter::try_new(File::create(path)?, schema.clone(), Some(properties)).map_err(unwritten)
}

pub(crate) fn unwritten(why: datafusion::parquet::errors::ParquetError) -> LakeError {
    LakeError::Broken(format!("写不成 Parquet：{why}"))
}
