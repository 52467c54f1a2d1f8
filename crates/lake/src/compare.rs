//! 「一样不一样」 A cluster's answers held to those of one process: everybody judged,
//! row by row, and some plans with sums over towns.

use crate::error::{LakeError, Result};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::SessionContext;
use serde::Serialize;
use std::time::{Duration, Instant};

/// A plan done twice.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// The statement.
    pub sql: String,
    /// Rows of the answer.
    pub rows: usize,
    /// In one process, in ms on the wall.
    pub alone_ms: u128,
    /// On the cluster, in ms on the wall.
    pub cluster_ms: u128,
}

/// Asks both; the statement must order its rows.
///
/// # Errors
/// [`LakeError::No`] when the answers differ in anything.
pub async fn compare(
    alone: &SessionContext,
    cluster: &SessionContext,
    sql: &str,
) -> Result<Compared> {
    let (ours, alone_time) = ask(alone, sql).await?;
    let (theirs, cluster_time) = ask(cluster, sql).await?;
    let equal = ours.columns() == theirs.columns();
    if !equal {
        return Err(LakeError::No(format!(
            "集群的答案不一样：{sql}\n一个进程：{} 行，集群：{} 行\n{}\n{}",
            ours.num_rows(),
            theirs.num_rows(),
            pretty_format_batches(&[ours.slice(0, ours.num_rows().min(5))])?,
            pretty_format_batches(&[theirs.slice(0, theirs.num_rows().min(5))])?,
        )));
    }
    Ok(Compared {
        sql: sql.to_owned(),
        rows: ours.num_rows(),
        alone_ms: alone_time.as_millis(),
        cluster_ms: cluster_time.as_millis(),
    })
}

async fn ask(session: &SessionContext, sql: &str) -> Result<(RecordBatch, Duration)> {
    let begun = Instant::now();
    let frame = session
        .sql(sql)
        .await
        .map_err(|why| LakeError::of_sql(&why))?;
    let schema = std::sync::Arc::new(frame.schema().as_arrow().clone());
    let batches = frame.collect().await?;
    let taken = begun.elapsed();
    let schema = batches.first().map_or(schema, RecordBatch::schema);
    Ok((concat_batches(&schema, &batches)?, taken))
}
