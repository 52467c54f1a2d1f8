//! 「落库」 What an accepted delivery leaves in the pool: its records under the people they
//! are about, rows set back, people of whom nobody knows. Inside the transaction that
//! keeps the delivery.

use super::manifest::Manifest;
use super::reading::{self, ReadFile};
use super::register::{Registered, register};
use super::touched::{MOST, Touched, number_of};
use crate::Law;
use crate::context::Context;
use crate::error::{AppError, Result};
use crate::turned::Brought;
use kernel::{DataBatchId, Now, PersonNumber, Slug};
use std::collections::BTreeSet;
use store::{StoredRecord, Tx};

/// Up to how many rows each number is looked up by itself, not all of the register.
pub(super) const FEW_ROWS: u64 = 2_000;

/// From how many rows on a delivery waits beside the pool and is filed at once.
const STAGED_FROM: u64 = 20_000;

/// Puts accepted records under the people they are about.
pub(super) async fn keep(
    tx: &mut Tx,
    law: &Law,
    ctx: &Context,
    batch: DataBatchId,
    (manifest, mut brought): (&Manifest, Option<&mut Brought>),
    read: &ReadFile,
    now: Now,
) -> Result<(Option<Registered>, Touched)> {
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
    let mut touched = Touched::default();
    if registered.is_some() {
        touched.register_changed();
    }
    let all = match read.told.quality.rows > FEW_ROWS {
        true => Some(tx.number_index().await?),
        false => None,
    };
    let many = read.told.quality.rows > STAGED_FROM;
    let (mut pieces, again) =
        reading::pieces(manifest.clone(), category.clone(), law.clone(), now.today());
    while let Some(piece) = pieces.recv().await {
        let set_back = piece.set_back.iter().map(|row| (row.line, row));
        tx.keep_set_back(batch, set_back).await?;
        manifest.progress.keep(piece.rows());
        let few = match all {
            Some(_) => None,
            None => Some(
                tx.numbers_among(piece.records.iter().filter_map(number_of))
                    .await?,
            ),
        };
        let stored = piece.records.into_iter().map(|record| {
            let people = all.as_ref().or(few.as_ref());
            StoredRecord {
                person: number_of(&record).and_then(|number| people?.person(number)),
                record,
            }
        });
        let stored: Vec<StoredRecord> = stored.collect();
        stored.iter().for_each(|one| touched.add(one));
        if let Some(brought) = brought.as_deref_mut() {
            brought.remember(tx, &stored).await?;
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
    tell_gaps(tx, batch, &category.id, read).await?;
    Ok((registered, touched))
}

/// Files what waits beside the pool.
pub(super) async fn filed(
    tx: &mut Tx,
    law: &Law,
    batch: DataBatchId,
    manifest: &Manifest,
    read: &ReadFile,
) -> Result<Touched> {
    let (whom, others) = tx.file_import(batch, MOST + 1).await?;
    if law
        .pack
        .data()
        .catalogue
        .category(&manifest.category)
        .is_some()
    {
        tell_gaps(tx, batch, &manifest.category, read).await?;
    }
    Ok(Touched::of(whom, others))
}

/// A refused row is not “no record”: of these people nobody knows, whether the register
/// has them already or only later.
async fn tell_gaps(
    tx: &mut Tx,
    batch: DataBatchId,
    category: &Slug,
    read: &ReadFile,
) -> Result<()> {
    let numbers: BTreeSet<PersonNumber> = read.told.refused.iter().copied().collect();
    tx.put_gaps(batch, category, &numbers).await?;
    Ok(())
}

/// The file is another one by now.
pub(super) fn changed_meanwhile(manifest: &Manifest) -> AppError {
    let path = manifest.path.display();
    AppError::BadInput(format!(
        "{path} 在导入的时候被改动了，这一份什么也没有留下。请等文件写完再导入"
    ))
}
