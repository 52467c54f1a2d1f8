//! 「湖」 A folder of Parquet: everybody's facts, a row a household, and departments'
//! records by category; written whole or not at all, read with the pack it was written
//! by. Absent on purpose: the database, names, numbers of people, anything coming back.

use crate::error::{LakeError, Result};
use crate::function::JudgeFunction;
use crate::shape;
use datafusion::arrow::datatypes::Schema;
use datafusion::execution::options::ParquetReadOptions;
use datafusion::prelude::{SessionConfig, SessionContext};
use engine_policy::{FactsHead, Judge};
use expr::Layout;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a lake says of itself.
const META: &str = "lake.json";

/// What lies in a lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The pack and the day of its facts.
    pub head: FactsHead,
    /// Households.
    pub households: u64,
    /// Members.
    pub persons: u64,
    /// Records by category.
    pub records: std::collections::BTreeMap<kernel::Slug, u64>,
}

/// A lake with the law it was written by.
#[derive(Clone, Debug)]
pub struct Lake {
    /// Where.
    pub folder: PathBuf,
    /// What.
    pub meta: Meta,
    /// The law.
    pub judge: Arc<Judge>,
}

/// Loads a pack; a faulty one is bad input, told whole.
///
/// # Errors
/// [`LakeError::BadInput`] with every fault of the pack.
pub fn load(pack: &Path) -> Result<packs::Pack> {
    let loaded = packs::load(pack);
    let told = loaded.report.render();
    loaded.pack.ok_or_else(|| {
        LakeError::BadInput(format!("{told}\n政策包 {} 有错，改好再来", pack.display()))
    })
}

impl Lake {
    /// Opens a lake under its pack.
    ///
    /// # Errors
    /// [`LakeError::BadInput`]: no lake, or another pack's.
    pub fn open(folder: &Path, pack: &Path) -> Result<Lake> {
        let path = folder.join(META);
        let text = fs::read_to_string(&path).map_err(|why| {
            LakeError::BadInput(format!(
                "{} 不是数据湖的目录（{why}）。先用 nuanxin-lake export 写一个",
                folder.display()
            ))
        })?;
        let meta: Meta = serde_json::from_str(&text).map_err(|why| {
            LakeError::BadInput(format!("{} 读不懂：{why}。请重新导出", path.display()))
        })?;
        let pack = load(pack)?;
        if pack.hash() != meta.head.pack_hash {
            return Err(LakeError::BadInput(format!(
                "这个湖是按政策包 {} 写的，给的是 {}。请用同一个政策包，或者重新导出",
                meta.head.pack_hash,
                pack.hash()
            )));
        }
        let folder = fs::canonicalize(folder)?;
        let judge = Arc::new(Judge::new(pack.rules().clone()));
        Ok(Lake {
            folder,
            meta,
            judge,
        })
    }

    /// Says what the folder holds: last, so that a folder without it is no lake.
    ///
    /// # Errors
    /// What writing says.
    pub fn seal(folder: &Path, meta: &Meta) -> Result<()> {
        let beside = folder.join("lake.json.part");
        fs::write(&beside, serde_json::to_vec_pretty(meta)?)?;
        Ok(fs::rename(&beside, folder.join(META))?)
    }

    /// Every column any benefit reads.
    pub fn layout(&self) -> Arc<Layout> {
        self.judge.frame().layout().clone()
    }

    /// How facts lie.
    pub fn schema(&self) -> Arc<Schema> {
        Arc::new(shape::schema(&self.layout()))
    }

    /// Where the facts are.
    pub fn facts(folder: &Path) -> PathBuf {
        folder.join("facts")
    }

    /// Where a category's records are.
    pub fn records(folder: &Path, category: &kernel::Slug) -> PathBuf {
        folder.join("records").join(category.as_str())
    }

    /// The rules as a function.
    pub fn function(&self) -> JudgeFunction {
        JudgeFunction::new(self.judge.clone(), self.meta.head.as_of)
    }

    /// A session that knows the lake's tables and its function.
    ///
    /// # Errors
    /// A file that is missing or broken.
    pub async fn session(&self, threads: usize) -> Result<SessionContext> {
        let config = SessionConfig::new().with_target_partitions(threads.max(1));
        let session = SessionContext::new_with_config(config);
        self.register(&session).await?;
        Ok(session)
    }

    /// Gives a session the lake's function, tables and views: `facts`, `households`,
    /// `persons`, `"records.KIND"`, `judged`, and `"data.CATEGORY"` for each department's
    /// category.
    ///
    /// # Errors
    /// As [`Lake::session`].
    pub async fn register(&self, session: &SessionContext) -> Result<()> {
        session.register_udf(self.function().udf());
        let schema = self.schema();
        let options = || ParquetReadOptions::default();
        let facts = Lake::facts(&self.folder).display().to_string();
        let typed = options().schema(&schema);
        session.register_parquet("facts", &facts, typed).await?;
        for (name, select) in crate::views::views(&self.layout(), &self.function().call()) {
            let view = session.sql(&select).await?.into_view();
            session.register_table(datafusion::common::TableReference::bare(name), view)?;
        }
        for category in self.meta.records.keys() {
            let at = Lake::records(&self.folder, category).display().to_string();
            let name = datafusion::common::TableReference::bare(format!("data.{category}"));
            session.register_parquet(name, &at, options()).await?;
        }
        Ok(())
    }
}
