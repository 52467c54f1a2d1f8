//! 「Parquet 来件」 `nuanxin-lake deliver`: a department's Parquet file made into JSON lines
//! and a slip, laid into the house's drop folder, where the one gate takes it as any other
//! file. Types are held to the catalogue before the first row: money never comes as a
//! floating number, a null stays an empty cell. Absent on purpose: judging a row (the gate
//! does), the database, and mending a file.

mod cells;
mod columns;
mod limits;

use crate::error::{LakeError, Result};
use columns::Columns;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use engine_pool::{Catalogue, Category};
use kernel::{Date, Slug};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

/// Rows read and written together.
const ROWS: usize = 4_096;
/// The ending of a slip's name.
const SLIP: &str = ".manifest.json";
/// A slip is a few lines.
const SLIP_BYTES_MAX: u64 = 64 << 10;

/// What is handed over.
#[derive(Clone, Debug)]
pub struct Deliver {
    /// The Parquet file; with its slip beside it (`FILE.manifest.json`) the slip is held
    /// to its bytes and rows.
    pub file: PathBuf,
    /// What it holds, where no slip says so.
    pub category: Option<Slug>,
    /// The day it speaks of, where no slip says so.
    pub as_of: Option<Date>,
    /// The drop folder.
    pub drop: PathBuf,
}

/// The slip, theirs and ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slip {
    /// Who sends it.
    pub department: Slug,
    /// What it holds.
    pub category: Slug,
    /// The day it speaks of.
    pub as_of: Date,
    /// Rows.
    pub rows: u64,
    /// The file's name, beside the slip.
    pub file: String,
    /// SHA-256 of the file's bytes, 64 hexadecimal digits.
    pub sha256: String,
}

/// What was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// Where the lines lie.
    pub file: PathBuf,
    /// Of the lines.
    pub slip: Slip,
    /// SHA-256 of the Parquet file.
    pub parquet_sha256: String,
}

/// Hands a file over, by the catalogue of a pack; what is laid down is whole or not there.
///
/// # Errors
/// [`LakeError::BadInput`] with what is wrong with the file and how to mend it.
pub fn deliver(what: &Deliver, catalogue: &Catalogue) -> Result<Delivered> {
    let (digest, bytes) = digest(&what.file)?;
    limits::size(bytes)?;
    let theirs = their_slip(&what.file, &digest)?;
    let (category, as_of) = said(what, theirs.as_ref(), catalogue)?;
    let owner = catalogue.owner(&category.id);
    let department = owner.map(|owner| owner.id.clone());
    let department = department.ok_or_else(|| unknown(&category.id))?;
    if let Some(slip) = theirs.as_ref().filter(|slip| slip.department != department) {
        return Err(LakeError::BadInput(format!(
            "清单写的部门是“{}”，“{}”是“{department}”的数据。请对照数据目录",
            slip.department, category.name
        )));
    }
    let folder = what.drop.join(category.id.as_str());
    fs::create_dir_all(&folder)?;
    let name = format!("{}_{as_of}_{}.jsonl", category.id, short(&digest));
    let (lines, slip_at) = (folder.join(&name), folder.join(format!("{name}{SLIP}")));
    if lines.exists() || slip_at.exists() {
        return Err(LakeError::No(format!(
            "{} 已经放在那里了，还没有收。不用再放",
            lines.display()
        )));
    }
    let part = folder.join(format!("{name}.part"));
    let written = write(&what.file, category, &part);
    let kept = written.and_then(|(rows, sha256)| {
        let wanted = theirs.as_ref().map_or(rows, |slip| slip.rows);
        if rows != wanted {
            return Err(LakeError::BadInput(format!(
                "清单写的是 {wanted} 行，文件里有 {rows} 行。请核对后重新提供"
            )));
        }
        let slip = Slip {
            department: department.clone(),
            category: category.id.clone(),
            as_of,
            rows,
            file: name.clone(),
            sha256,
        };
        // The slip first: a file without one would be taken unchecked.
        fs::write(&slip_at, serde_json::to_vec(&slip)?)?;
        fs::rename(&part, &lines)?;
        Ok(slip)
    });
    if kept.is_err() {
        // Half a file is no file.
        drop(fs::remove_file(&part));
        drop(fs::remove_file(&slip_at));
    }
    Ok(Delivered {
        file: lines,
        slip: kept?,
        parquet_sha256: digest,
    })
}

/// What it is and of when: as its slip says, or as we were told; not twice differently.
fn said<'a>(
    what: &Deliver,
    theirs: Option<&Slip>,
    catalogue: &'a Catalogue,
) -> Result<(&'a Category, Date)> {
    let differs = |theirs: &dyn std::fmt::Display, ours: &dyn std::fmt::Display| {
        LakeError::BadInput(format!(
            "清单写的是“{theirs}”，命令里写的是“{ours}”。请只留一个"
        ))
    };
    let told = "文件旁边没有清单。请写 --category 和 --as-of，或者补上清单";
    let told = || LakeError::BadInput(told.to_owned());
    let category = match (theirs, &what.category) {
        (Some(slip), Some(ours)) if slip.category != *ours => {
            return Err(differs(&slip.category, ours));
        }
        (Some(slip), _) => &slip.category,
        (None, Some(ours)) => ours,
        (None, None) => return Err(told()),
    };
    let as_of = match (theirs, what.as_of) {
        (Some(slip), Some(ours)) if slip.as_of != ours => return Err(differs(&slip.as_of, &ours)),
        (Some(slip), _) => slip.as_of,
        (None, Some(ours)) => ours,
        (None, None) => return Err(told()),
    };
    let found = catalogue.category(category);
    Ok((found.ok_or_else(|| unknown(category))?, as_of))
}

fn unknown(category: &Slug) -> LakeError {
    LakeError::BadInput(format!(
        "数据目录里没有“{category}”这类数据。请对照数据目录"
    ))
}

/// Writes the lines; gives how many, and the digest of what was written.
fn write(file: &Path, category: &Category, to: &Path) -> Result<(u64, String)> {
    let given = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let found = ArrowReaderMetadata::load(&File::open(file)?, given);
    let found = found.map_err(|why| limits::broken(&why))?;
    limits::shape(found.metadata())?;
    let columns = Columns::of(category, found.schema())?;
    // Words are read as views of the file's own pages: one long word that a million rows
    // point to is in memory once.
    let given = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let given = given.with_schema(columns.schema());
    let found = ArrowReaderMetadata::load(&File::open(file)?, given);
    let found = found.map_err(|why| limits::broken(&why))?;
    let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(File::open(file)?, found);
    let reader = reader.with_batch_size(ROWS).build();
    let reader = reader.map_err(|why| limits::broken(&why))?;
    let mut out = Hashed::new(BufWriter::new(File::create(to)?));
    let mut rows = 0;
    for batch in reader {
        let batch = batch.map_err(|why| limits::broken(&why))?;
        columns.write(&batch, rows, &mut out)?;
        rows += batch.num_rows() as u64;
    }
    Ok((rows, out.finish()?))
}

/// The slip beside a file, held to the file's bytes.
fn their_slip(file: &Path, digest: &str) -> Result<Option<Slip>> {
    let path = PathBuf::from(format!("{}{SLIP}", file.display()));
    if !path.exists() {
        return Ok(None);
    }
    let wrong = |why: String| LakeError::BadInput(format!("清单 {} {why}", path.display()));
    let mut text = Vec::new();
    File::open(&path)?
        .take(SLIP_BYTES_MAX + 1)
        .read_to_end(&mut text)?;
    if text.len() as u64 > SLIP_BYTES_MAX {
        return Err(wrong("太长。请检查是不是放错了文件".to_owned()));
    }
    let slip: Slip = serde_json::from_slice(&text)
        .map_err(|why| wrong(format!("读不懂：{why}。请按交接清单的格式重写")))?;
    if file.file_name().is_none_or(|name| *name != *slip.file) {
        return Err(wrong(format!("写的文件名是“{}”，不是它", slip.file)));
    }
    if !slip.sha256.eq_ignore_ascii_case(digest) {
        return Err(wrong(
            "和文件对不上：内容摘要不同，多半是传输不完整或被改过。请重新提供".to_owned(),
        ));
    }
    Ok(Some(slip))
}

/// SHA-256 of a file, and its length.
fn digest(file: &Path) -> Result<(String, u64)> {
    let open = File::open(file).and_then(|open| match open.metadata()?.is_file() {
        true => Ok(open),
        false => Err(io::Error::other("不是文件")),
    });
    let open = open.map_err(|why| {
        LakeError::BadInput(format!("打不开 {}：{why}。请检查路径", file.display()))
    });
    let mut hash = Hashed::new(io::sink());
    let bytes = io::copy(&mut open?, &mut hash)?;
    Ok((hash.finish()?, bytes))
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// Counts bytes into a digest on their way.
struct Hashed<W> {
    to: W,
    hash: Sha256,
}

impl<W: Write> Hashed<W> {
    fn new(to: W) -> Hashed<W> {
        Hashed {
            to,
            hash: Sha256::new(),
        }
    }

    fn finish(mut self) -> Result<String> {
        self.to.flush()?;
        let digest = self.hash.finalize();
        Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
