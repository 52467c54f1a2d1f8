//! 「钥匙」 Keys live in files beside the data, readable by their owner only; made
//! on first use. A lost audit key cannot be made again: the audit would no longer
//! verify, and says so.

use crate::ending::Failure;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Bytes of a key.
const LENGTH: usize = 32;

/// The key of that name in `folder`, made when it is not there yet.
pub(crate) fn key(folder: &Path, name: &str) -> Result<[u8; LENGTH], Failure> {
    let path = folder.join(name);
    if !path.exists() {
        make(folder, &path)?;
    }
    let bytes = fs::read(&path)?;
    bytes.try_into().map_err(|_| {
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
    // Written beside and renamed: a key half written would lock the audit for ever.
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
    Ok(())
}
