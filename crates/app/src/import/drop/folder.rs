//! 「投放文件夹」 The folder itself: what lies there and has stopped growing, what is
//! claimed, what is closed. A file moves by renames within the folder only: into
//! `taking/`, out of its writer's reach, then with its slip and its receipt, as one
//! folder in one rename, to `done/` or `refused/`. Whatever dies in between is found in
//! `taking/` and goes on. Absent: what is in a file, which is the gate's.

use super::super::manifest::ENDING;
use super::name::is_unfinished;
use crate::sign_in::new_token;
use crate::{AppError, Result};
use kernel::{Now, Slug};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

/// Where files lie while they are taken in.
const TAKING: &str = "taking";
/// Where they lie afterwards.
const DONE: &str = "done";
/// And those that were not taken.
const REFUSED: &str = "refused";
/// What was said of a file.
const RECEIPT: &str = "回执.txt";
/// Where files of no department or category go.
const NO_FOLDER: &str = "_";
/// So many entries are looked at in one round; the others wait for the next.
const ENTRIES_MAX: usize = 2_000;

/// The folder, held by one process at a time.
#[derive(Debug)]
pub struct DropFolder {
    root: PathBuf,
    /// So many looks must find a file the same before it is taken.
    looks: u32,
    seen: BTreeMap<PathBuf, (Stamp, u32)>,
    lock: File,
}

/// What changes while a file is written.
type Stamp = (u64, u64, i64, i64, u64);

/// Something to be taken: it lies in `taking/` with its slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// The folder it was laid into; `_`: none that a department or category has.
    pub(super) folder: String,
    /// Where it lay.
    from: PathBuf,
    /// Its own name under `taking/`, and in the request's key.
    pub(super) key: String,
    /// The file's name.
    pub(super) name: OsString,
}

/// One look at the folder.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// What has stopped growing.
    pub(super) ripe: Vec<Claim>,
    /// What may still be written.
    pub(super) waiting: Vec<PathBuf>,
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> AppError {
    let path = path.display().to_string();
    move |why| AppError::Fault(format!("{path}：{why}。请检查这个文件夹和权限"))
}

impl Drop for DropFolder {
    /// A process of ours that was just begun may still have the file open: closing it
    /// alone would not free the folder.
    fn drop(&mut self) {
        // Nothing can be done about it here; the kernel frees it when we end.
        drop(self.lock.unlock());
    }
}

impl DropFolder {
    /// Opens a folder. A file is taken when `looks` looks found it the same.
    ///
    /// # Errors
    /// No folder; one of its own folders is a link; another process has it.
    pub fn open(root: &Path, looks: u32) -> Result<DropFolder> {
        let none = |why: io::Error| {
            let root = root.display();
            AppError::BadInput(format!("打不开投放文件夹 {root}：{why}。请先建好"))
        };
        let root = root.canonicalize().map_err(none)?;
        for own in [TAKING, DONE, REFUSED] {
            make_folder(&root.join(own))?;
        }
        let lock = root.join(TAKING).join(".lock");
        let file = File::options().create(true).append(true).open(&lock);
        let file = file.map_err(unreadable(&lock))?;
        file.try_lock().map_err(|_| {
            let root = root.display();
            AppError::BadInput(format!("另一个程序正在收 {root}。请等它收完，或者先停下它"))
        })?;
        Ok(DropFolder {
            root,
            looks: looks.max(2),
            seen: BTreeMap::new(),
            lock: file,
        })
    }

    /// Where it is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What was claimed and not closed, by somebody who died. A slip without its file
    /// goes back to where it was.
    pub(super) fn left(&self) -> Result<Vec<Claim>> {
        let mut claims = Vec::new();
        for folder in entries(&self.root.join(TAKING))? {
            if !is_folder(&folder) {
                continue;
            }
            for place in entries(&folder)? {
                let (folder, key) = (text(folder.file_name()), text(place.file_name()));
                match self.claimed_in(&place)? {
                    Some(name) => claims.push(Claim {
                        from: self.root.join(&folder).join(&name),
                        folder,
                        key,
                        name,
                    }),
                    None => self.give_back(&place)?,
                }
            }
        }
        Ok(claims)
    }

    /// The file of a claim: neither slip nor receipt.
    fn claimed_in(&self, place: &Path) -> Result<Option<OsString>> {
        let mut own = entries(place)?.into_iter().filter_map(|path| {
            let name = path.file_name()?.to_owned();
            let beside = name == RECEIPT || name.as_bytes().ends_with(ENDING.as_bytes());
            (!beside).then_some(name)
        });
        Ok(own.next_back())
    }

    fn give_back(&self, place: &Path) -> Result<()> {
        let home = place.parent().and_then(Path::file_name).unwrap_or_default();
        for path in entries(place)? {
            let name = path.file_name().unwrap_or_default();
            let back = self.root.join(home).join(name);
            if name == RECEIPT || back.symlink_metadata().is_ok() {
                fs::remove_file(&path).map_err(unreadable(&path))?;
            } else {
                fs::rename(&path, &back).map_err(unreadable(&path))?;
            }
        }
        fs::remove_dir(place).map_err(unreadable(place))
    }

    /// Looks at everything; what was the same often enough is ripe.
    pub(super) fn look(&mut self, now: Now) -> Result<Look> {
        let (mut look, mut seen) = (Look::default(), BTreeMap::new());
        let mut left = ENTRIES_MAX;
        for place in entries(&self.root)? {
            let name = place.file_name().unwrap_or_default();
            if [TAKING, DONE, REFUSED].iter().any(|own| name == *own) {
                continue;
            }
            let paths = match is_folder(&place) {
                true => entries(&place).unwrap_or_else(|_| {
                    look.waiting.push(place.clone());
                    Vec::new()
                }),
                false => vec![place],
            };
            for path in paths.into_iter().take(left) {
                left -= 1;
                self.look_at(path, &mut seen, &mut look, now)?;
            }
        }
        self.seen = seen;
        Ok(look)
    }

    fn look_at(
        &self,
        path: PathBuf,
        seen: &mut BTreeMap<PathBuf, (Stamp, u32)>,
        look: &mut Look,
        now: Now,
    ) -> Result<()> {
        let name = path.file_name().unwrap_or_default().to_owned();
        // Gone between the listing and this look: its owner took it back.
        let Ok(metadata) = path.symlink_metadata() else {
            return Ok(());
        };
        if is_unfinished(name.as_bytes()) {
            look.waiting.push(path);
            return Ok(());
        }
        let slip = name.as_bytes().ends_with(ENDING.as_bytes());
        if slip && metadata.is_file() && !is_late(&metadata, now) {
            // It goes with its file.
            return Ok(());
        }
        let mut stamp = stamp(&metadata);
        if let Ok(beside) = slip_of(&path).symlink_metadata() {
            stamp.2 = stamp.2.max(beside.mtime());
            stamp.4 = stamp.4.wrapping_add(beside.size());
        }
        let times = match self.seen.get(&path) {
            Some((before, times)) if *before == stamp => times + 1,
            _ => 1,
        };
        if times >= self.looks {
            look.ripe.push(Claim {
                folder: self.folder_of(&path),
                key: key(&name, now)?,
                from: path.clone(),
                name,
            });
        } else {
            look.waiting.push(path.clone());
        }
        seen.insert(path, (stamp, times));
        Ok(())
    }

    fn folder_of(&self, path: &Path) -> String {
        let parent = path.parent().filter(|parent| *parent != self.root);
        let name = text(parent.and_then(Path::file_name));
        match name.parse::<Slug>() {
            Ok(slug) => slug.to_string(),
            Err(_) => NO_FOLDER.to_owned(),
        }
    }

    /// Takes a file and its slip out of reach; `false`: it is gone.
    pub(super) fn claim(&mut self, claim: &Claim) -> Result<bool> {
        let from = &claim.from;
        self.seen.remove(from);
        let place = self.place(claim);
        let home = place.parent().unwrap_or(&place);
        make_folder(home)?;
        make_folder(&place)?;
        let slip = slip_of(from);
        let is_slip = slip.symlink_metadata().is_ok_and(|one| one.is_file());
        if is_slip {
            let to = place.join(slip.file_name().unwrap_or_default());
            fs::rename(&slip, &to).map_err(unreadable(&slip))?;
        }
        match fs::rename(from, place.join(&claim.name)) {
            Ok(()) => Ok(true),
            Err(why) if why.kind() == io::ErrorKind::NotFound => {
                self.give_back(&place)?;
                Ok(false)
            }
            Err(why) => Err(unreadable(from)(why)),
        }
    }

    /// The file of a claim, looked at where nobody else reaches it.
    pub(super) fn file(&self, claim: &Claim) -> Result<(PathBuf, Option<&'static str>)> {
        let path = self.place(claim).join(&claim.name);
        let metadata = path.symlink_metadata().map_err(unreadable(&path))?;
        Ok((path, unfit(&metadata)))
    }

    /// The slip beside it.
    pub(super) fn slip(&self, claim: &Claim) -> Option<PathBuf> {
        let slip = slip_of(&self.place(claim).join(&claim.name));
        let metadata = slip.symlink_metadata().ok()?;
        metadata.is_file().then_some(slip)
    }

    /// Closes a claim: the receipt beside the file, and all of it to where it stays.
    pub(super) fn close(&self, claim: &Claim, taken: bool, receipt: &str) -> Result<PathBuf> {
        let place = self.place(claim);
        let path = place.join(RECEIPT);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(receipt.as_bytes())?;
            file.sync_all()
        };
        write().map_err(unreadable(&path))?;
        let end = if taken { DONE } else { REFUSED };
        let home = self.root.join(end).join(&claim.folder);
        make_folder(&home)?;
        let to = home.join(&claim.key);
        fs::rename(&place, &to).map_err(unreadable(&place))?;
        Ok(to.strip_prefix(&self.root).unwrap_or(&to).to_path_buf())
    }

    fn place(&self, claim: &Claim) -> PathBuf {
        let home = self.root.join(TAKING).join(&claim.folder);
        home.join(&claim.key)
    }
}

/// What cannot be taken whatever is in it.
fn unfit(metadata: &Metadata) -> Option<&'static str> {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        Some("这是一个链接，不是文件。请放文件本身")
    } else if kind.is_dir() {
        Some("这是一个文件夹。请把文件直接放在部门或数据类的文件夹里")
    } else if !kind.is_file() {
        Some("这是设备或管道，不是文件。请放普通文件")
    } else if metadata.nlink() > 1 {
        Some("这个文件在别处还有一个名字（硬链接）。请复制一份再放")
    } else if metadata.size() > super::super::ARRIVAL_BYTES_MAX {
        Some("文件超过 1 GB。请分成几份再放")
    } else {
        None
    }
}

/// A slip whose file did not come in a day is told.
fn is_late(slip: &Metadata, now: Now) -> bool {
    now.at.timestamp() - slip.mtime() > 24 * 3600
}

fn stamp(metadata: &Metadata) -> Stamp {
    (
        metadata.dev(),
        metadata.ino(),
        metadata.mtime(),
        metadata.mtime_nsec(),
        metadata.size(),
    )
}

fn slip_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ENDING);
    PathBuf::from(name)
}

/// A name of our own for one file: when, which, and never twice.
fn key(name: &OsStr, now: Now) -> Result<String> {
    let fit = |one: &char| one.is_alphanumeric() || "-_.".contains(*one);
    let name: String = name
        .to_string_lossy()
        .chars()
        .filter(fit)
        .take(40)
        .collect();
    let mark: String = new_token()?
        .0
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(8)
        .collect();
    Ok(format!("{}-{mark}-{name}", now.at.format("%Y%m%d-%H%M%S")))
}

/// A folder of ours: made, or there and no link.
fn make_folder(path: &Path) -> Result<()> {
    let made = fs::DirBuilder::new().mode(0o750).create(path);
    match (made, path.symlink_metadata()) {
        (_, Ok(metadata)) if metadata.is_dir() => Ok(()),
        (Err(why), _) | (Ok(()), Err(why)) => Err(unreadable(path)(why)),
        (Ok(()), Ok(_)) => Err(AppError::Fault(format!("{} 不是文件夹", path.display()))),
    }
}

fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|one| one.is_dir())
}

/// What lies in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = fs::read_dir(folder).map_err(unreadable(folder))?;
    let mut paths = Vec::new();
    for entry in listed.take(ENTRIES_MAX) {
        paths.push(entry.map_err(unreadable(folder))?.path());
    }
    paths.sort();
    Ok(paths)
}

fn text(name: Option<&OsStr>) -> String {
    name.unwrap_or_default().to_string_lossy().into_owned()
}
