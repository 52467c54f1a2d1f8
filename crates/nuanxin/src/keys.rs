//! 「钥匙」 Keys live in files beside the data, readable by their owner only; made
//! on first use, each for one purpose. A lost key cannot be made again: without
//! the audit's the audit no longer verifies, without a sealing key what it sealed
//! is gone; both say so.

use crate::ending::Failure;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use store::{Profile, SealingKey, SealingKeys};

/// Bytes of a key.
const LENGTH: usize = 32;
/// The key of look-ups.
const INDEX: &str = "index.key";

/// The key of that name in `folder`, made when it is not there yet.
pub(crate) fn key(folder: &Path, name: &str) -> Result<[u8; LENGTH], Failure> {
    let path = folder.join(name);
    if !path.exists() {
        make(folder, &path)?;
    }
    read(&path)
}

/// The sealing keys in `folder`, and the files made because none was there.
pub(crate) fn sealing(folder: &Path) -> Result<(SealingKeys, Vec<PathBuf>), Failure> {
    let mut made = Vec::new();
    let first = folder.join(file_name(1, Profile::Aes256Gcm));
    if found(folder)?.is_empty() {
        make(folder, &first)?;
        made.push(first);
    }
    let index = folder.join(INDEX);
    if !index.exists() {
        make(folder, &index)?;
        made.push(index.clone());
    }
    let fields = found(folder)?.into_iter().map(|(no, profile, path)| {
        let bytes = read(&path)?;
        Ok(SealingKey { no, profile, bytes })
    });
    let fields = fields.collect::<Result<Vec<_>, Failure>>()?;
    let index = read(&index)?;
    Ok((SealingKeys { fields, index }, made))
}

/// Makes the next sealing key; gives its file.
pub(crate) fn add_sealing(folder: &Path, profile: Profile) -> Result<PathBuf, Failure> {
    let last = found(folder)?.iter().map(|(no, ..)| *no).max();
    let path = folder.join(file_name(last.unwrap_or(0) + 1, profile));
    make(folder, &path)?;
    Ok(path)
}

/// `field-1.key`; `field-2.sm4.key` seals with SM4.
fn file_name(no: u32, profile: Profile) -> String {
    match profile {
        Profile::Aes256Gcm => format!("field-{no}.key"),
        Profile::Sm4Gcm => format!("field-{no}.sm4.key"),
    }
}

/// The sealing keys' files, by number.
fn found(folder: &Path) -> Result<Vec<(u32, Profile, PathBuf)>, Failure> {
    let mut found = Vec::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let stem = name
            .strip_prefix("field-")
            .and_then(|rest| rest.strip_suffix(".key"));
        let Some(stem) = stem else { continue };
        let (no, profile) = match stem.strip_suffix(".sm4") {
            Some(no) => (no, Profile::Sm4Gcm),
            None => (stem, Profile::Aes256Gcm),
        };
        let no = no.parse().map_err(|_| {
            let path = entry.path();
            Failure::BadInput(format!(
                "钥匙文件 {} 的名字里没有号码。应当像 field-1.key",
                path.display()
            ))
        })?;
        found.push((no, profile, entry.path()));
    }
    found.sort_by_key(|(no, ..)| *no);
    Ok(found)
}

fn read(path: &Path) -> Result<[u8; LENGTH], Failure> {
    fs::read(path)?.try_into().map_err(|_| {
        Failure::Broken(format!(
            "钥匙文件 {} 不是 {LENGTH} 个字节。请从备份恢复",
            path.display()
        ))
    })
}

fn make(folder: &Path, path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|why| Failure::Broken(format!("系统不给随机数：{why}")))?;
    // Written beside and renamed: a key half written would lock what it guards for ever.
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    fs::File::open(folder)?.sync_all()?;
    Ok(())
}
