//! 「落库」 What an accepted delivery leaves in the pool: its records under the people they
//! are about, rows set back, people of whom nobody knows. Inside the transaction that
//! keeps the delivery.

use super::manifest::Manifest;
use super::reading::{self, ReadFile};
use super::register::{Registered, register};
use crate::Law;
use crate::context::Context;
use crate::error::{AppError, Result};
use engine_pool::{Record, Subject};
use kernel::{DataBatchId, Now, PersonId, Slug};
use std::collections::BTreeSet;
use store::{NumberIndex, StoredRecord, Tx};

/// The most people followed at once after a delivery.
const TOUCHED_MAX: usize = 2_000;

/// From how many rows on a delivery waits beside the pool and is filed at once.
const STAGED_FROM: u64 = 20_000;

/// Puts accepted records under the people they are about.
pub(super) async fn keep(
    tx: &mut Tx,
    law: &Law,
    ctx: &Context,
    batch: DataBatchId,
    manifest: &Manifest,
    read: &ReadFile,
    now: Now,
) -> Result<(Option<Registered>, BTreeSet<PersonId>)> {
    let Some(category) = law.pack.data().catalogue.category(&manifest.category) else {
        return Err(AppError::Fault(
            "an accepted delivery without a category".into(),
        ));
    };
    let mut registered = None;
    let sources = law.pack.register();
    let mut own = sources
        .iter()
        .filter(|source| source.category == category.id);
    if let Some(source) = own.next() {
        let mut told = register(tx, ctx, sources, source, batch, &read.words, now).await?;
        told.left_out.splice(..0, read.left_out.iter().cloned());
        registered = Some(told);
    }
    let people = tx.number_index().await?;
    let mut touched = BTreeSet::new();
    let many = read.told.quality.rows > STAGED_FROM;
    let (mut pieces, again) =
        reading::pieces(manifest.clone(), category.clone(), law.clone(), now.today());
    while let Some(piece) = pieces.recv().await {
        let set_back = piece.set_back.iter().map(|row| (row.line, row));
        tx.keep_set_back(batch, set_back).await?;
        manifest.progress.keep(piece.rows());
        let stored = piece
            .records
            .into_iter()
            .map(|record| under(&people, record));
        let stored: Vec<StoredRecord> = stored.collect();
        if touched.len() <= TOUCHED_MAX {
            touched.extend(stored.iter().filter_map(|one| one.person));
        }
        if many {
            tx.stage_records(batch, stored).await?;
        } else {
            tx.put_records(batch, stored).await?;
        }
    }
    if many {
        tx.file_records().await?;
    }
    let again = again
        .await
        .map_err(|why| AppError::Fault(why.to_string()))?;
    if again.as_ref() != Ok(&read.told) {
        return Err(changed_meanwhile(manifest));
    }
    if let Some(mending) = &manifest.mending {
        // What it did not bring is as unknown as before, and stays so there.
        mending
            .close(tx, ctx, (batch, category), &read.told.closed, now)
            .await?;
        return Ok((registered, touched));
    }
    tell_gaps(tx, batch, &category.id, read, &people).await?;
    if touched.len() > TOUCHED_MAX {
        // So many that everyone is to be judged anew (a screening).
        touched.clear();
    }
    Ok((registered, touched))
}

/// Files what waits beside the pool.
pub(super) async fn filed(
    tx: &mut Tx,
    law: &Law,
    batch: DataBatchId,
    manifest: &Manifest,
    read: &ReadFile,
) -> Result<BTreeSet<PersonId>> {
    let limit = u32::try_from(TOUCHED_MAX).map_err(store::StoreError::fault)?;
    let whom = tx.file_import(batch, limit + 1).await?;
    let people = tx.number_index().await?;
    if law
        .pack
        .data()
        .catalogue
        .category(&manifest.category)
        .is_some()
    {
        tell_gaps(tx, batch, &manifest.category, read, &people).await?;
    }
    match whom.len() > TOUCHED_MAX {
        true => Ok(BTreeSet::new()),
        false => Ok(whom.into_iter().collect()),
    }
}

/// A refused row is not “no record”: of these people nobody knows.
async fn tell_gaps(
    tx: &mut Tx,
    batch: DataBatchId,
    category: &Slug,
    read: &ReadFile,
    people: &NumberIndex,
) -> Result<()> {
    let refused = read.told.refused.iter();
    let gaps: BTreeSet<PersonId> = refused
        .filter_map(|number| people.person(*number))
        .collect();
    tx.put_gaps(batch, category, &gaps).await?;
    Ok(())
}

/// The file is another one by now.
pub(super) fn changed_meanwhile(manifest: &Manifest) -> AppError {
    let path = manifest.path.display();
    AppError::BadInput(format!(
        "{path} 在导入的时候被改动了，这一份什么也没有留下。请等文件写完再导入"
    ))
}

pub(super) fn under(people: &NumberIndex, record: Record) -> StoredRecord {
    let person = match &record.subject {
        Subject::Person(number) => people.person(*number),
        Subject::Organisation(_) | Subject::Place(_) => None,
    };
    StoredRecord { person, record }
}
