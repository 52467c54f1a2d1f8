//! 「备份」 The whole database in one file, from either database into either: a
//! line that says what it is, the rows as gzipped JSON lines out of one
//! unchanging view, and the SHA-256 of all before it. Stored bytes go as they
//! are; nothing is deciphered. Absent: keys, which are kept apart, and a
//! signature: the digest finds damage, not a forger.

use crate::bulk::{Bulk, Rows};
use crate::db::Db;
use crate::error::{Result, StoreError};
use crate::migrate::{schema, tables};
use crate::tx::Tx;
use crate::value::{Kind, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read, Seek as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

const MAGIC: &[u8] = b"nuanxin backup 1\n";
const DIGEST: u64 = 32;
/// Whose rows are not loaded but tried: data sealed with other keys would be lost.
const KEYS: &str = "sealing_key";
/// Values loaded at once, and bytes: a photograph weighs more than a thousand rows.
const VALUES: usize = 20_000;
const BYTES: usize = 1 << 20;

/// A table of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// Its name.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// XOR of the rows' SHA-256: the same rows in any order give the same.
    pub digest: [u8; 32],
}

/// A line of the file: the schema first, then each table's rows, its sum after
/// them, and `Whole` at the end.
#[derive(Serialize, Deserialize)]
enum Line {
    Schema(Vec<(i64, String)>),
    Columns(String, Vec<String>),
    Row(Vec<Json>),
    Sum(TableSum),
    Whole(u64),
}

/// Writes the database to `path`, reads the file again and checks it. A file
/// that is already there is refused; a failure leaves none.
pub async fn write(db: &Db, path: &Path) -> Result<Vec<TableSum>> {
    if path.exists() {
        let says = format!("{} 已经在了。请换一个文件名，不覆盖旧备份", path.display());
        return Err(StoreError::Backup(says));
    }
    let part = PathBuf::from(format!("{}.part", path.display()));
    let beside = part.clone();
    let written = db.read(async move |tx| dump(tx, &beside).await).await;
    let checked = written.and_then(|()| {
        let sums = check(&part)?;
        fs::rename(&part, path).map_err(|why| cannot("写不成", path, &why))?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(|why| cannot("写不成", path, &why))?;
        Ok(sums)
    });
    if checked.is_err() {
        drop(fs::remove_file(&part));
    }
    checked
}

/// Reads the whole file and says whether it is what was written.
pub fn check(path: &Path) -> Result<Vec<TableSum>> {
    let mut body = open(path)?;
    let mut table = Running::default();
    let (mut sums, mut rows) = (Vec::new(), 0);
    let mut whole = false;
    let mut first = true;
    while let Some(line) = next(&mut body, path)? {
        match line {
            Line::Schema(found) if first && found == schema() => {}
            Line::Schema(_) if first => {
                return Err(StoreError::Backup(format!(
                    "{} 是另一个版本的程序写的。请用那个版本恢复，再升级。数据没有改动",
                    path.display()
                )));
            }
            Line::Columns(..) if !first => {}
            Line::Row(cells) if !first => table.add(&cells)?,
            Line::Sum(sum) if sum.rows == table.rows && sum.digest == table.digest => {
                rows += sum.rows;
                sums.push(sum);
                table = Running::default();
            }
            Line::Whole(told) if told == rows && table.rows == 0 => whole = true,
            _ => return Err(damaged(path)),
        }
        first = false;
    }
    let named = sums.iter().map(|sum| sum.table.as_str());
    if !whole || !named.eq(tables()) {
        return Err(damaged(path));
    }
    Ok(sums)
}

/// Loads a checked file into a database nobody has written to, all or nothing.
/// Close `db` afterwards and open it again: its numbers are the file's now.
pub async fn restore(db: &Db, path: &Path) -> Result<Vec<TableSum>> {
    let sums = check(path)?;
    let file = path.to_owned();
    db.write(async move |tx| load(tx, &file).await).await?;
    Ok(sums)
}

/// A table's rows as they pass.
#[derive(Default)]
struct Running {
    rows: u64,
    digest: [u8; 32],
}

impl Running {
    fn add(&mut self, cells: &[Json]) -> Result<()> {
        let hash = Sha256::digest(serde_json::to_vec(cells)?);
        self.rows += 1;
        for (sum, byte) in self.digest.iter_mut().zip(hash) {
            *sum ^= byte;
        }
        Ok(())
    }
}

async fn dump(tx: &mut Tx, path: &Path) -> Result<()> {
    let failed = |why: io::Error| cannot("写不成", path, &why);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let mut hashed = Hashed {
        inner: BufWriter::new(file),
        hash: Sha256::new(),
    };
    hashed.write_all(MAGIC).map_err(failed)?;
    let mut out = GzEncoder::new(hashed, Compression::fast());
    put(&mut out, path, &Line::Schema(schema()))?;
    let mut all = 0;
    for table in tables() {
        let mut running = Running::default();
        let text = format!("SELECT * FROM {table}");
        tx.conn
            .each(text, &mut |row| {
                if running.rows == 0 {
                    put(
                        &mut out,
                        path,
                        &Line::Columns(table.to_owned(), row.names()),
                    )?;
                }
                let cells: Vec<Json> = row.values()?.into_iter().map(to_json).collect();
                running.add(&cells)?;
                put(&mut out, path, &Line::Row(cells))
            })
            .await?;
        all += running.rows;
        let Running { rows, digest } = running;
        let table = table.to_owned();
        put(
            &mut out,
            path,
            &Line::Sum(TableSum {
                table,
                rows,
                digest,
            }),
        )?;
    }
    put(&mut out, path, &Line::Whole(all))?;
    let Hashed { mut inner, hash } = out.finish().map_err(failed)?;
    inner.write_all(&hash.finalize()).map_err(failed)?;
    let file = inner.into_inner().map_err(|why| failed(why.into_error()))?;
    file.sync_all().map_err(failed)
}

async fn load(tx: &mut Tx, path: &Path) -> Result<()> {
    refuse_unless_new(tx).await?;
    tx.control("DELETE FROM sequence; DELETE FROM audit_head")
        .await?;
    let mut body = open(path)?;
    let mut rows: Option<Rows> = None;
    let mut bytes = 0;
    while let Some(line) = next(&mut body, path)? {
        match line {
            Line::Columns(table, columns) => rows = Some(Rows::new(bulk(&table, columns, path)?)),
            Line::Row(cells) if rows.as_ref().is_some_and(|r| r.bulk.table == KEYS) => {
                let cells: Option<Vec<Value>> = cells.into_iter().map(from_json).collect();
                match cells.as_deref() {
                    Some([Value::Int(Some(no)), Value::Bytes(Some(proof))]) => {
                        tx.prove_key(*no, proof)?;
                    }
                    _ => return Err(damaged(path)),
                }
            }
            Line::Row(cells) => {
                let Some(waiting) = rows
                    .as_mut()
                    .filter(|r| r.bulk.columns.len() == cells.len())
                else {
                    return Err(damaged(path));
                };
                let values: Option<Vec<Value>> = cells.into_iter().map(from_json).collect();
                let values = values.ok_or_else(|| damaged(path))?;
                bytes += values.iter().map(weight).sum::<usize>();
                waiting.push(values);
                if waiting.values.len() >= VALUES || bytes >= BYTES {
                    bytes = 0;
                    let full = std::mem::replace(waiting, Rows::new(waiting.bulk));
                    tx.insert_many(full).await?;
                }
            }
            Line::Sum(_) => {
                if let Some(last) = rows.take() {
                    tx.insert_many(last).await?;
                }
            }
            Line::Schema(_) | Line::Whole(_) => {}
        }
    }
    Ok(())
}

async fn refuse_unless_new(tx: &mut Tx) -> Result<()> {
    for table in tables() {
        // What a new database holds before anybody wrote is no reason to refuse.
        let text = match table {
            "sequence" => "SELECT kind FROM sequence WHERE kind <> 'opening' LIMIT 1".to_owned(),
            "audit_head" => "SELECT size FROM audit_head WHERE size > 0 LIMIT 1".to_owned(),
            // The proof of the keys it was opened with; the file's must fit them.
            KEYS => continue,
            _ => format!("SELECT * FROM {table} LIMIT 1"),
        };
        let mut used = false;
        tx.conn
            .each(text, &mut |_| {
                used = true;
                Ok(())
            })
            .await?;
        if used {
            return Err(StoreError::Backup(format!(
                "这个库里已经有数据（表 {table}）。请恢复到一个空库，这个库没有改动"
            )));
        }
    }
    Ok(())
}

/// Where rows of the file go. Names are ours or plain: they become SQL. A table
/// is named once in a restore, so what is leaked here is a few hundred bytes.
fn bulk(table: &str, columns: Vec<String>, path: &Path) -> Result<Bulk> {
    let known = tables().into_iter().find(|known| *known == table);
    let plain = |name: &String| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let (Some(table), true, false) = (known, columns.iter().all(plain), columns.is_empty()) else {
        return Err(damaged(path));
    };
    let columns: Vec<(&'static str, Kind)> = columns
        .into_iter()
        .map(|name| (&*name.leak(), Kind::Text))
        .collect();
    Ok(Bulk {
        table,
        columns: columns.leak(),
    })
}

/// Bytes are a list of one: base64. Text and numbers are themselves.
fn to_json(value: Value) -> Json {
    match value {
        Value::Int(inner) => inner.into(),
        Value::Text(inner) => inner.into(),
        Value::Bytes(inner) => inner.map_or(Json::Null, |bytes| vec![BASE64.encode(bytes)].into()),
    }
}

/// What a value takes in memory, roughly.
fn weight(value: &Value) -> usize {
    value.bytes().map_or(0, <[u8]>::len) + value.text().map_or(0, str::len)
}

fn from_json(json: Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Text(None),
        Json::Number(number) => Value::Int(Some(number.as_i64()?)),
        Json::String(text) => Value::Text(Some(text)),
        Json::Array(parts) => match parts.as_slice() {
            [Json::String(coded)] => Value::Bytes(Some(BASE64.decode(coded).ok()?)),
            _ => return None,
        },
        Json::Bool(_) | Json::Object(_) => return None,
    })
}

type Body = BufReader<GzDecoder<io::Take<BufReader<File>>>>;

/// The file's rows, its digest checked first.
fn open(path: &Path) -> Result<Body> {
    let unread = |why: io::Error| cannot("读不了", path, &why);
    let file = File::open(path).map_err(unread)?;
    let length = file.metadata().map_err(unread)?.len();
    let mut file = BufReader::new(file);
    let mut magic = Vec::new();
    let start = MAGIC.len() as u64;
    file.by_ref()
        .take(start)
        .read_to_end(&mut magic)
        .map_err(unread)?;
    if magic != MAGIC {
        let says = format!("{} 不是暖心的备份文件。数据没有改动", path.display());
        return Err(StoreError::Backup(says));
    }
    let body = length
        .checked_sub(start + DIGEST)
        .ok_or_else(|| damaged(path))?;
    let mut hashed = Hashed {
        inner: io::sink(),
        hash: Sha256::new_with_prefix(MAGIC),
    };
    io::copy(&mut file.by_ref().take(body), &mut hashed).map_err(unread)?;
    let mut told = Vec::new();
    file.read_to_end(&mut told).map_err(unread)?;
    if told != hashed.hash.finalize().as_slice() {
        return Err(damaged(path));
    }
    file.seek(io::SeekFrom::Start(start)).map_err(unread)?;
    Ok(BufReader::new(GzDecoder::new(file.take(body))))
}

fn next(body: &mut Body, path: &Path) -> Result<Option<Line>> {
    let mut line = Vec::new();
    match body.read_until(b'\n', &mut line) {
        Ok(0) => Ok(None),
        Ok(_) => serde_json::from_slice(&line)
            .map(Some)
            .map_err(|_| damaged(path)),
        Err(_) => Err(damaged(path)),
    }
}

fn put(out: &mut impl Write, path: &Path, line: &Line) -> Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)
        .map_err(|why| cannot("写不成", path, &why))
}

fn damaged(path: &Path) -> StoreError {
    StoreError::Backup(format!(
        "备份文件 {} 不完整或者被改过。请换一份备份。数据没有改动",
        path.display()
    ))
}

fn cannot(what: &str, path: &Path, why: &io::Error) -> StoreError {
    StoreError::Backup(format!("{what} {}：{why}", path.display()))
}

/// Digests what goes through.
struct Hashed<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.hash.update(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
