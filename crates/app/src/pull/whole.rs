//! 「拼成一份」 All pages as one file of JSON lines before the one gate. A row that came
//! twice word for word counts once; two different rows under one number both go to the
//! gate, which takes the first and says so.

use super::{PullPlan, Pulled, fetching};
use crate::import::{ImportOutcome, Manifest};
use crate::{App, AppError, Result};
use engine_pool::config::RECORD_NO;
use engine_pool::pull::{Pull, PullEnd};
use engine_pool::{Agreement, Came, FileKind};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use store::{PullRun, Tx};

/// What the pages came to.
struct Put {
    /// Lines of the file.
    rows: u64,
    /// Different record numbers.
    records: u64,
    /// Rows that came twice, word for word.
    doubled: u64,
    /// Of the file.
    sha256: String,
}

impl App {
    /// Hands a whole pull to the gate and closes it. Killed in between, the same bytes
    /// come again and the gate knows them.
    pub(super) async fn whole(
        &self,
        plan: &PullPlan,
        mut run: PullRun<Pull>,
        agreement: &Agreement,
    ) -> Result<Pulled> {
        let Some(edition) = run.state.under_way.as_ref().map(|one| one.edition.clone()) else {
            return Ok(Pulled::NotDue);
        };
        let folder = tempfile::tempdir().map_err(|why| AppError::Fault(why.to_string()))?;
        let file = format!("{}.jsonl", plan.category);
        let path = folder.path().join(&file);
        let pages = run.state.under_way.as_ref().map_or(0, |one| one.pages);
        let put = self.put_together(plan, pages, &path).await?;
        if put.records != edition.rows {
            let why = format!(
                "说有 {} 条，拉到 {} 条。这一份没有收",
                edition.rows, put.records
            );
            run.state.drop_pages();
            return self.wait(plan, run, why).await;
        }
        let manifest = Manifest {
            department: plan.department.clone(),
            category: plan.category.clone(),
            as_of: edition.as_of,
            rows: put.rows,
            file,
            sha256: put.sha256,
            encoding: None,
            mends: None,
            came: Some(Came::Pull),
            kind: Some(FileKind::Jsonl),
            agreed: None,
            mending: None,
            stood: None,
            progress: crate::import::Progress::default(),
            path,
        };
        let grants = self.pull_grants(plan, agreement);
        let ctx = fetching(&plan.department);
        let imported = self.import_by(&ctx, &manifest, grants).await?;
        self.look_after_delivery(&imported).await?;
        let fault = || AppError::Fault("a delivery without a number".to_owned());
        let end = match imported.outcome {
            ImportOutcome::Accepted(quality) => PullEnd::Taken {
                batch: imported.batch.ok_or_else(fault)?,
                taken: quality.taken,
                set_back: quality.faulty(),
            },
            ImportOutcome::Repeated => PullEnd::Same {
                batch: imported.batch.ok_or_else(fault)?,
            },
            ImportOutcome::Refused { reasons, .. } => PullEnd::Refused {
                why: plainly(&reasons, folder.path()),
            },
        };
        self.close_pull(plan, run, &end, put.doubled).await?;
        Ok(Pulled::Ended(end))
    }

    async fn put_together(&self, plan: &PullPlan, pages: u32, path: &Path) -> Result<Put> {
        let broken = |why: std::io::Error| AppError::Fault(why.to_string());
        let mut file = BufWriter::new(std::fs::File::create(path).map_err(broken)?);
        let mut seen: BTreeMap<String, Vec<[u8; 32]>> = BTreeMap::new();
        let (mut rows, mut doubled, mut whole) = (0, 0, Sha256::new());
        for no in 1..=pages {
            for row in self.kept_page(plan, no).await?.rows {
                let mut line = serde_json::to_vec(&row).map_err(store::StoreError::fault)?;
                line.push(b'\n');
                let number = row.get(RECORD_NO.0).cloned().unwrap_or_default();
                let known = seen.entry(number).or_default();
                let digest: [u8; 32] = Sha256::digest(&line).into();
                if known.contains(&digest) {
                    doubled += 1;
                    continue;
                }
                known.push(digest);
                rows += 1;
                whole.update(&line);
                file.write_all(&line).map_err(broken)?;
            }
        }
        file.flush().map_err(broken)?;
        Ok(Put {
            rows,
            records: seen.len() as u64,
            doubled,
            sha256: format!("{:x}", whole.finalize()),
        })
    }

    async fn close_pull(
        &self,
        plan: &PullPlan,
        mut run: PullRun<Pull>,
        end: &PullEnd,
        doubled: u64,
    ) -> Result<()> {
        let now = self.now();
        run.state.ended(end.clone(), doubled, now);
        (run.done, run.tried) = (Some(now.at), Some(now.at));
        let plan = plan.clone();
        self.db
            .write(async move |tx: &mut Tx| {
                let source = plan.department.to_string();
                tx.drop_pull_pages(&source, &plan.category).await?;
                tx.save_pull_run(&source, &plan.category, &run).await
            })
            .await?;
        Ok(())
    }
}

/// Reasons without the folder of this house the file lay in.
fn plainly(reasons: &[String], folder: &Path) -> String {
    let folder = format!("{}/", folder.display());
    reasons.join("；").replace(&folder, "")
}
