//! 「问」 What is asked of a lake: an analyst's SELECT, and the plans a cluster is held
//! to. Nothing here writes.

use crate::error::{LakeError, Result};
use crate::lake::Lake;
use datafusion::arrow::array::RecordBatch;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::SessionContext;

/// Answers a SELECT.
///
/// # Errors
/// [`LakeError::BadInput`] for anything else, or for what cannot be understood.
pub async fn ask(session: &SessionContext, sql: &str) -> Result<Vec<RecordBatch>> {
    let only_reading = SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false);
    let asked = session.sql_with_options(sql, only_reading).await;
    let frame = asked.map_err(|why| LakeError::of_sql(&why))?;
    frame.collect().await.map_err(|why| LakeError::of_sql(&why))
}

/// Plans that judge everybody and count by benefit and by town, each with its order.
pub fn plans(lake: &Lake) -> Vec<String> {
    let call = lake.function().call();
    let mut plans = vec![
        format!("SELECT h, region, {call} AS judged FROM facts ORDER BY h"),
        "SELECT region / 1000 AS town, count(*) AS households, sum(cardinality(members)) AS members \
         FROM facts GROUP BY region / 1000 ORDER BY town"
            .to_owned(),
    ];
    let benefits = lake.judge.book().benefits.iter();
    plans.extend(benefits.map(|benefit| {
        let id = &benefit.id;
        format!(
            "SELECT a['verdict'] AS verdict, count(*) AS rows, sum(a['amount_fen']) AS fen, \
             sum(a['holds']) AS holds, sum(a['fails']) AS fails \
             FROM (SELECT unnest({call}['{id}']) AS a FROM facts) \
             GROUP BY a['verdict'] ORDER BY verdict"
        )
    }));
    plans
}
