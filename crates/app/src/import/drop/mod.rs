//! 「投放文件夹」 Files a department lays into a folder go through the same gate as any
//! other. The folder says whose or what they are, the slip or the name which day. The
//! same bytes again are the same delivery, a file taken by a house that died is known by
//! its place in `taking/`, and every file ends in `done/` or `refused/` with a receipt.

mod folder;
mod name;
mod receipt;
#[cfg(test)]
mod tests;

pub use folder::DropFolder;
pub use name::{DropName, NameFault, is_unfinished};

use super::arrive::TurnedAway;
use super::gate::{ImportOutcome, Imported, Once};
use super::manifest::{ENDING, Manifest};
use super::{Rows, WrittenIn, decode};
use crate::{App, AppError, Context, Result};
use engine_access::Purpose;
use engine_pool::{Came, FileKind};
use folder::Claim;
use kernel::{Actor, DataBatchId, Role, Slug};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// Its name, as far as it can be read.
    pub name: String,
    /// The folder it was laid into.
    pub folder: String,
    /// Its delivery; none: it never came to the gate.
    pub batch: Option<DataBatchId>,
    /// What the gate said.
    pub outcome: ImportOutcome,
    /// Where it lies now with its receipt, within the drop folder.
    pub lies: PathBuf,
}

/// What a round over the folder did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DropRound {
    /// Files that were taken in or refused.
    pub dropped: Vec<Dropped>,
    /// Files that may still be written.
    pub waiting: usize,
    /// Files the house could not deal with now; they are tried again. Why.
    pub stuck: Vec<String>,
}

impl App {
    /// 收一轮 Everything in the folder that has stopped growing, and what a house that
    /// died had claimed.
    ///
    /// # Errors
    /// The folder cannot be read. What the gate refuses is no error.
    pub async fn drop_round(&self, folder: &mut DropFolder) -> Result<DropRound> {
        let mut round = DropRound::default();
        let mut claims = folder.left()?;
        let look = folder.look(self.now())?;
        round.waiting = look.waiting.len();
        for claim in look.ripe {
            match folder.claim(&claim) {
                Ok(true) => claims.push(claim),
                Ok(false) => {}
                Err(why) => round.stuck.push(why.to_string()),
            }
        }
        let mut ready = Vec::new();
        for claim in claims {
            let read = self.read_drop(folder, &claim).await?;
            ready.push((claim, read));
        }
        // Residents first, of one category the older delivery first, as by hand.
        ready.sort_by_key(|(claim, read)| {
            let read = read.as_ref().ok();
            let place = read.map(|one| (self.register_place(&one.category), one.as_of));
            (place, claim.name.clone())
        });
        for (claim, read) in ready {
            match self.take_drop(folder, &claim, read).await {
                Ok(dropped) => round.dropped.push(dropped),
                Err(why) => round.stuck.push(format!("{}：{why}", claim.name.display())),
            }
        }
        Ok(round)
    }

    /// What a claimed file says of itself, or why it cannot come to the gate.
    async fn read_drop(
        &self,
        folder: &DropFolder,
        claim: &Claim,
    ) -> Result<Result<Manifest, String>> {
        let (path, unfit) = folder.file(claim)?;
        if let Some(why) = unfit {
            return Ok(Err(why.to_owned()));
        }
        if claim.name.as_bytes().ends_with(ENDING.as_bytes()) {
            return Ok(Err("清单等了一天，文件没有来。请和文件一起再放".to_owned()));
        }
        let named = match DropName::read(claim.name.as_bytes()) {
            Ok(named) => named,
            Err(why) => return Ok(Err(why.to_string())),
        };
        if let Some(slip) = folder.slip(claim) {
            let read = Manifest::read(&slip).map_err(|why| format!("清单{why}"));
            return Ok(read.and_then(|slip| self.slip_fits(slip, &claim.folder, named.kind)));
        }
        let (category, as_of) = match self.named_fits(&named, &claim.folder) {
            Ok(said) => said,
            Err(why) => return Ok(Err(why)),
        };
        let owner = self.law.pack.data().catalogue.owner(&category);
        let owner = owner.ok_or_else(|| AppError::Fault("a category without an owner".into()))?;
        let mut manifest = Manifest {
            department: owner.id.clone(),
            category,
            as_of,
            rows: 0,
            file: named.name,
            sha256: String::new(),
            encoding: None,
            mends: None,
            came: Some(Came::Drop),
            kind: Some(named.kind),
            agreed: None,
            mending: None,
            stood: None,
            progress: crate::import::Progress::default(),
            path,
        };
        let counted = tokio::task::spawn_blocking(move || {
            count(&mut manifest).map_err(|why| AppError::Fault(why.to_string()))?;
            Ok::<_, AppError>(manifest)
        });
        let counted = counted.await;
        Ok(Ok(counted.map_err(|why| AppError::Fault(why.to_string()))??))
    }

    /// A slip must speak of the folder it lies in.
    fn slip_fits(&self, slip: Manifest, folder: &str, kind: FileKind) -> Result<Manifest, String> {
        if slip.department.as_str() != folder && slip.category.as_str() != folder {
            return Err(format!(
                "清单说是 {} 的 {}，却放在 {folder} 的文件夹里。请放到对的文件夹",
                slip.department, slip.category
            ));
        }
        Ok(Manifest {
            came: Some(Came::Drop),
            kind: Some(kind),
            ..slip
        })
    }

    /// Category and day of a file without a slip: by its folder and its name.
    fn named_fits(&self, named: &DropName, folder: &str) -> Result<(Slug, kernel::Date), String> {
        let catalogue = &self.law.pack.data().catalogue;
        let no_folder = || {
            "数据目录里没有这个文件夹名的部门或数据类。请放进用部门代码或数据类代码命名的文件夹"
                .to_owned()
        };
        let folder: Slug = folder.parse().map_err(|_| no_folder())?;
        let category = if catalogue.category(&folder).is_some() {
            folder
        } else if catalogue.department(&folder).is_some() {
            let own = named.category.clone();
            let own = own.filter(|one| catalogue.owner(one).is_some_and(|dep| dep.id == folder));
            own.ok_or_else(|| {
                "看不出是哪一类数据。文件名请用这个部门的数据类代码开头，例如 代码_2026-01-31.csv，或者附上交接清单".to_owned()
            })?
        } else {
            return Err(no_folder());
        };
        let no_day = "看不出是哪天的数据。文件名里请写日期，例如 2026-01-31，或者附上交接清单";
        Ok((category, named.as_of.ok_or(no_day)?))
    }

    async fn take_drop(
        &self,
        folder: &DropFolder,
        claim: &Claim,
        read: Result<Manifest, String>,
    ) -> Result<Dropped> {
        let request = format!("{}/{}", claim.folder, claim.key);
        let ctx = dropping(&request);
        let gated = match &read {
            Ok(manifest) => self.take_dropped(&ctx, manifest).await,
            Err(why) => Err(AppError::BadInput(why.clone())),
        };
        let name = claim.name.to_string_lossy().into_owned();
        let (batch, outcome) = match gated {
            Ok(imported) => (imported.batch, imported.outcome),
            Err(AppError::BadInput(why)) => {
                let category = read.as_ref().map_or("", |one| one.category.as_str());
                let turned = TurnedAway::Unreadable(format!("{name}：{why}"));
                self.turned_away(&claim.folder, category, &turned).await?;
                (None, refused(why))
            }
            Err(AppError::Refused(why)) => (None, refused(why.says)),
            Err(other) => return Err(other),
        };
        let outcome = plainly(outcome, read.as_ref().ok());
        let taken = !matches!(outcome, ImportOutcome::Refused { .. });
        let told = receipt::receipt(self, &name, read.as_ref().ok(), batch, &outcome);
        let lies = folder.close(claim, taken, &told)?;
        Ok(Dropped {
            name,
            folder: claim.folder.clone(),
            batch,
            outcome,
            lies,
        })
    }

    async fn take_dropped(&self, ctx: &Context, manifest: &Manifest) -> Result<Imported> {
        let once = Once::of(ctx, &manifest.sha256)?;
        let imported = self
            .import_once(ctx, manifest, Arc::default(), Some(once))
            .await?;
        self.look_after_delivery(&imported).await?;
        Ok(imported)
    }
}

fn refused(why: String) -> ImportOutcome {
    ImportOutcome::Refused {
        reasons: vec![why],
        quality: None,
    }
}

/// Reasons without the folder of this house the file lies in.
fn plainly(outcome: ImportOutcome, manifest: Option<&Manifest>) -> ImportOutcome {
    let folder = manifest.and_then(|one| one.path.parent());
    match (outcome, folder) {
        (ImportOutcome::Refused { reasons, quality }, Some(folder)) => {
            let folder = format!("{}/", folder.display());
            let reasons = reasons.iter().map(|why| why.replace(&folder, ""));
            let reasons = reasons.collect();
            ImportOutcome::Refused { reasons, quality }
        }
        (outcome, _) => outcome,
    }
}

/// The house itself, at the drop folder.
fn dropping(request: &str) -> Context {
    Context {
        actor: Actor {
            account: "drop_folder".to_owned(),
            person: None,
            role: Role::System,
        },
        purpose: Purpose::Collection,
        request: request.to_owned(),
    }
}

/// Digest, encoding and number of rows: without a slip nobody promised any.
fn count(manifest: &mut Manifest) -> std::io::Result<()> {
    let mut file = std::fs::File::open(&manifest.path)?;
    let (mut whole, mut utf8) = (Sha256::new(), decode::Utf8Check::default());
    let mut piece = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut piece)?;
        let Some(piece) = piece.get(..read).filter(|piece| !piece.is_empty()) else {
            break;
        };
        whole.update(piece);
        utf8.take(piece);
    }
    manifest.sha256 = format!("{:x}", whole.finalize());
    manifest.encoding = Some(match utf8.holds() {
        true => WrittenIn::Utf8,
        false => WrittenIn::Gb18030,
    });
    manifest.rows = rows_of(&manifest.path, manifest);
    Ok(())
}

/// Rows as far as the file can be read; what cannot is told by the gate.
fn rows_of(path: &Path, manifest: &Manifest) -> u64 {
    let kind = manifest.kind.unwrap_or(FileKind::Csv);
    if kind == FileKind::Jsonl {
        use std::io::BufRead as _;
        let Ok(file) = std::fs::File::open(path) else {
            return 0;
        };
        let mut reader = std::io::BufReader::new(file);
        let mut lines = 0;
        while reader.skip_until(b'\n').is_ok_and(|read| read > 0) {
            lines += 1;
        }
        return lines;
    }
    let rows = Rows::open(path, manifest.format(kind), &[]);
    rows.map_or(0, |rows| rows.take_while(|row| row.is_ok()).count() as u64)
}
